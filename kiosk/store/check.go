package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"machi/internal/eventlog/boltlog"
)

// checkVar asks a program that calls [CheckChild] to check a file and end.
const checkVar = "MACHI_KIOSK_CHECK_STORE"

// CheckChild checks the file that the environment names and ends the process, if
// the process was started for that. A program that opens a store calls it first.
func CheckChild() {
	path := os.Getenv(checkVar)
	if path == "" {
		return
	}
	if err := boltlog.Verify(context.Background(), path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// CheckInChild verifies a bbolt file in a child of this program, which must call
// [CheckChild] before anything else.
func CheckInChild(ctx context.Context, path string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("kiosk store: %w", err)
	}
	child := exec.CommandContext(ctx, self)
	child.Env = append(os.Environ(), checkVar+"="+path)
	out, err := child.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return errors.New("kiosk store: the check did not end in time")
	case err != nil:
		return fmt.Errorf("kiosk store: %w: %.200s", err, out)
	}
	return nil
}
