package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"machi/internal/queue"
	"machi/kiosk"
)

// runCmd is what the command line and the environment say. A flag wins over the
// environment.
type runCmd struct {
	Server      string  `help:"Base URL of the server. Without one the machine works alone." env:"MACHI_SERVER" placeholder:"URL"`
	Office      string  `help:"Id of the office." env:"MACHI_OFFICE" required:""`
	Kiosk       string  `help:"Id of this machine in the catalogue, such as K1." env:"MACHI_KIOSK" default:"K1"`
	Data        string  `help:"Folder of the store, the plan and the printed tickets." env:"MACHI_DATA" default:"machi-kiosk-data" type:"path"`
	Listen      string  `help:"Loopback address of the touch pages." env:"MACHI_KIOSK_LISTEN" default:"127.0.0.1:8090"`
	AddressFile string  `help:"File to write the address of the touch pages into, for the browser." env:"MACHI_ADDRESS_FILE" type:"path"`
	Token       string  `help:"API token of role kiosk." env:"MACHI_TOKEN" xor:"token"`
	TokenFile   string  `help:"File that holds the token." env:"MACHI_TOKEN_FILE" xor:"token" type:"path"`
	PrintDir    string  `help:"Folder that tickets are printed into. Default: printed, in the data folder." env:"MACHI_PRINT_DIR" type:"path"`
	StatusBase  string  `help:"What stands before the secret in a ticket's QR code. Default: the server's page." env:"MACHI_STATUS_BASE" placeholder:"URL"`
	Ward        string  `help:"Name of the municipality on the ticket." env:"MACHI_WARD" default:"世田谷区"`
	Clock       string  `help:"Rehearsal clock: start at this moment (RFC 3339). Every page and ticket says so." env:"MACHI_CLOCK" placeholder:"TIME"`
	Speed       float64 `help:"How many times as fast the rehearsal clock runs." env:"MACHI_SPEED" default:"1"`
}

// Run is the ticket machine until a signal comes. The first line that it prints is
// the address of the touch pages.
func (c *runCmd) Run(ctx context.Context) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	k, err := kiosk.New(options)
	if err != nil {
		return err
	}
	fmt.Println(k.Addr())
	if err := tellAddress(c.AddressFile, k.Addr()); err != nil {
		return err
	}
	go notify(ctx, k)
	return k.Run(ctx)
}

// tellAddress replaces the file that the browser reads; others on this machine must
// not read it, because the address is what lets a program press the buttons.
func tellAddress(path, address string) error {
	if path == "" {
		return nil
	}
	if err := os.WriteFile(path+".next", []byte(address+"\n"), 0o640); err != nil {
		return fmt.Errorf("address file: %w", err)
	}
	// Whatever the umask: the browser runs as another user of the group.
	if err := os.Chmod(path+".next", 0o640); err != nil {
		return fmt.Errorf("address file: %w", err)
	}
	return os.Rename(path+".next", path)
}

func (c *runCmd) options() (kiosk.Options, error) {
	o := kiosk.Options{
		Server: c.Server, Token: c.Token, Office: queue.OfficeID(c.Office), Kiosk: queue.KioskID(c.Kiosk), Dir: c.Data,
		Listen: c.Listen, PrintDir: c.PrintDir, StatusBase: c.StatusBase, Ward: c.Ward, Speed: c.Speed,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
	if c.TokenFile != "" {
		raw, err := os.ReadFile(c.TokenFile)
		if err != nil {
			return o, fmt.Errorf("token: %w", err)
		}
		o.Token = strings.TrimSpace(string(raw))
	}
	if c.Clock != "" {
		at, err := time.Parse(time.RFC3339, c.Clock)
		if err != nil {
			return o, fmt.Errorf("clock %q: want a moment such as 2026-04-01T08:25:00+09:00", c.Clock)
		}
		o.Clock = at
	}
	return o, nil
}
