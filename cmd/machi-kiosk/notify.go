package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"machi/kiosk"
)

// notify tells the service manager that the machine is ready, and then that it is
// alive: only while the agent's own loop answers. Without a service manager it does
// nothing.
func notify(ctx context.Context, k *kiosk.Kiosk) {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		slog.Error("the service manager's watchdog", "error", err)
	}
	if every == 0 {
		every = 10 * time.Second
	}
	said := false
	for tick := time.NewTicker(every / 3); ; {
		if _, err := k.Screen(ctx); err == nil {
			state := daemon.SdNotifyWatchdog
			if !said {
				state = daemon.SdNotifyReady + "\n" + state
			}
			said = true
			if _, err := daemon.SdNotify(false, state); err != nil {
				slog.Error("the service manager does not listen", "error", err)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			_, _ = daemon.SdNotify(false, daemon.SdNotifyStopping)
			return
		}
	}
}
