package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"machi/kiosk/browser"
)

// browserCmd keeps the touch screen's browser running on this machine's pages.
type browserCmd struct {
	AddressFile string        `help:"File that the agent writes its address into." env:"MACHI_ADDRESS_FILE" default:"/run/machi-kiosk/address" type:"path"`
	Program     string        `help:"The browser." env:"MACHI_BROWSER" default:"chromium"`
	Profile     string        `help:"Folder of the browser's profile; emptied at every start." env:"MACHI_BROWSER_PROFILE" default:"/tmp/machi-browser" type:"path"`
	Flag        []string      `help:"One more flag for the browser; may be given again." placeholder:"FLAG"`
	Nightly     time.Duration `help:"When the browser is renewed each night, after midnight." default:"3h10m"`
}

// Run keeps the browser running until a signal comes.
func (c *browserCmd) Run(ctx context.Context) error {
	return browser.Run(ctx, browser.Options{
		Address: c.address, Program: c.Program, Profile: c.Profile, Flags: c.Flag, Nightly: c.Nightly,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
}

func (c *browserCmd) address() (string, error) {
	raw, err := os.ReadFile(c.AddressFile)
	if err != nil {
		return "", fmt.Errorf("the agent's address: %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
}
