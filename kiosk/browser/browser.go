package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Options say which browser is kept alive, and on what. Address, Program and
// Profile are required.
type Options struct {
	// Address returns the address of the touch pages as it is now.
	Address func() (string, error)
	Program string   // the browser
	Flags   []string // besides those of a kiosk
	Profile string   // a folder that is emptied before every start

	StartWithin time.Duration // until the page's first sign of life; 0 is 30 s
	HangAfter   time.Duration // without one; 0 is 5 s
	Nightly     time.Duration // after midnight; 0 is 3 h 10 min
	Now         func() time.Time
	Logger      *slog.Logger
	// Started is called for every browser with its process id.
	Started func(pid int)
}

// lookEvery is how often the browser is looked at.
const lookEvery = 500 * time.Millisecond

func (o Options) complete() (Options, error) {
	if o.Address == nil || o.Program == "" || o.Profile == "" {
		return o, errors.New("kiosk browser: address, program and profile must be named")
	}
	if o.StartWithin == 0 {
		o.StartWithin = 30 * time.Second
	}
	if o.HangAfter == 0 {
		o.HangAfter = 5 * time.Second
	}
	if o.Nightly == 0 {
		o.Nightly = 3*time.Hour + 10*time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Started == nil {
		o.Started = func(int) {}
	}
	return o, nil
}

// Flags are those of a browser on a machine that anyone may touch. What a visitor
// may reach is decided by the policy file beside them, not by flags.
func Flags(address, profile string) []string {
	return []string{
		"--kiosk", "--app=" + address, "--user-data-dir=" + profile, "--no-first-run", "--incognito", "--no-default-browser-check",
		"--disable-component-update", "--disable-background-networking", "--disable-sync", "--disable-domain-reliability",
		"--disable-session-crashed-bubble", "--noerrdialogs", "--disable-pinch", "--overscroll-history-navigation=0",
		"--disable-features=Translate,TouchpadOverscrollHistoryNavigation", "--autoplay-policy=no-user-gesture-required",
		"--password-store=basic", "--use-mock-keychain", "--touch-events=enabled",
	}
}

// Run keeps a browser running until the context ends. It returns nil then, and an
// error only for options that can never work.
func Run(ctx context.Context, o Options) error {
	o, err := o.complete()
	if err != nil {
		return err
	}
	if _, err := exec.LookPath(o.Program); err != nil {
		return fmt.Errorf("kiosk browser: %w", err)
	}
	wait := time.Duration(0)
	for ctx.Err() == nil {
		began := o.Now()
		why, err := o.once(ctx)
		if ctx.Err() != nil {
			return nil
		}
		wait = pause(wait, o.Now().Sub(began))
		o.Logger.Warn("the touch screen's browser is started anew", "why", why, "error", err, "after", wait)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
	return nil
}

// once runs one browser and returns why it was not to go on.
func (o Options) once(ctx context.Context) (why string, err error) {
	address, err := o.Address()
	if err != nil {
		return "no address", err
	}
	if err := os.RemoveAll(o.Profile); err != nil {
		return "profile", err
	}
	if err := os.MkdirAll(o.Profile, 0o700); err != nil {
		return "profile", err
	}
	browser := exec.Command(o.Program, append(Flags(address, o.Profile), o.Flags...)...)
	browser.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := o.Now()
	if err := browser.Start(); err != nil {
		return "start", err
	}
	o.Started(browser.Process.Pid)
	ended := make(chan error, 1)
	go func() { ended <- browser.Wait() }()
	why = o.watch(ctx, sight{started: started, opened: address}, ended)
	if why == "ended" {
		_ = syscall.Kill(-browser.Process.Pid, syscall.SIGKILL) // helpers that outlived it
		return why, nil
	}
	err = syscall.Kill(-browser.Process.Pid, syscall.SIGKILL)
	<-ended
	return why, err
}

// watch looks at a browser until there is a reason to end it.
func (o Options) watch(ctx context.Context, s sight, ended <-chan error) string {
	l := limits{start: o.StartWithin, hang: o.HangAfter, night: o.Nightly}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return "stopping"
		case <-ended:
			return "ended"
		case <-tick.C:
		}
		s.address, s.beat = o.look(ctx, s.opened)
		s.now = o.Now()
		if why := l.reason(s); why != "" {
			return why
		}
	}
}

// look asks the agent where it is and how the page is. An agent that does not
// answer has no address.
func (o Options) look(ctx context.Context, opened string) (address string, beat time.Duration) {
	address, err := o.Address()
	if err != nil {
		return "", -1
	}
	if address != opened {
		return address, -1
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	age, err := heartbeat(ctx, address)
	switch {
	case err != nil:
		return "", -1
	case age == nil:
		return address, -1
	}
	return address, time.Duration(*age * float64(time.Second))
}

// heartbeat asks for the age of the page's newest sign of life, in seconds; nil
// when there was none.
func heartbeat(ctx context.Context, address string) (*float64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"heartbeat", http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var out struct {
		Age *float64 `json:"age_seconds"`
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("kiosk browser: the agent answered %d", answer.StatusCode)
	}
	err = json.NewDecoder(io.LimitReader(answer.Body, 4<<10)).Decode(&out)
	return out.Age, err
}
