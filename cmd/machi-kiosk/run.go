package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"machi/internal/queue"
	"machi/internal/speech"
	"machi/kiosk"
	"machi/kiosk/device"
	"machi/kiosk/print"
)

// runCmd is what the command line and the environment say. A flag wins over the
// environment.
type runCmd struct {
	Server      string        `help:"Base URL of the server. Without one the machine works alone." env:"MACHI_SERVER" placeholder:"URL"`
	Office      string        `help:"Id of the office. An enrolled machine knows it." env:"MACHI_OFFICE"`
	Kiosk       string        `help:"Id of this machine in the catalogue. Default: the one that it was enrolled as, or K1." env:"MACHI_KIOSK"`
	Data        string        `help:"Folder of the store, the plan and the printed tickets." env:"MACHI_DATA" default:"machi-kiosk-data" type:"path"`
	Listen      string        `help:"Loopback address of the touch pages." env:"MACHI_KIOSK_LISTEN" default:"127.0.0.1:8090"`
	AddressFile string        `help:"File to write the address of the touch pages into, for the browser." env:"MACHI_ADDRESS_FILE" type:"path"`
	Token       string        `help:"API token of role kiosk." env:"MACHI_TOKEN" xor:"token"`
	TokenFile   string        `help:"File that holds the token." env:"MACHI_TOKEN_FILE" xor:"token" type:"path"`
	PrintDir    string        `help:"Folder that tickets are printed into. Default: printed, in the data folder." env:"MACHI_PRINT_DIR" type:"path"`
	Printer     string        `help:"Where tickets are printed: tcp://HOST:9100, lp:/dev/usb/lp0, serial:/dev/ttyS0?baud=38400, file:DIR, png:DIR or none: for the screen alone. Default: png into the folder of --print-dir." env:"MACHI_PRINTER" placeholder:"TARGET"`
	Paper       int           `help:"Width of the paper in millimetres: 58 or 80." env:"MACHI_PAPER" enum:"58,80" default:"80"`
	Voice       string        `help:"Voice of the spoken guidance: clips:DIR, openjtalk:VOICE, espeak, browser or none." env:"MACHI_VOICE" default:"browser" placeholder:"KIND"`
	StatusBase  string        `help:"What stands before the secret in a ticket's QR code. Default: the server's page." env:"MACHI_STATUS_BASE" placeholder:"URL"`
	Ward        string        `help:"Name of the municipality on the ticket." env:"MACHI_WARD" default:"世田谷区"`
	AskWithin   time.Duration `help:"How long the server has for a number before the machine gives one of its own." env:"MACHI_ASK_WITHIN" default:"700ms"`
	Clock       string        `help:"Rehearsal clock: start at this moment (RFC 3339). Every page and ticket says so." env:"MACHI_CLOCK" placeholder:"TIME"`
	Speed       float64       `help:"How many times as fast the rehearsal clock runs." env:"MACHI_SPEED" default:"1"`
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

func (c *runCmd) options() (kiosk.Options, error) {
	o := kiosk.Options{
		Server: c.Server, Token: c.Token, Office: queue.OfficeID(c.Office), Kiosk: queue.KioskID(c.Kiosk), Dir: c.Data,
		Listen: c.Listen, Path: pathIn(c.AddressFile), PrintDir: c.PrintDir, StatusBase: c.StatusBase, Ward: c.Ward, Speed: c.Speed, AskWithin: c.AskWithin,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
	if err := c.enrolled(&o); err != nil {
		return o, err
	}
	printer, err := print.Open(c.target(), print.Options{Paper: c.Paper})
	if err != nil {
		return o, err
	}
	o.Printer = printer
	o.Voice = c.voice(o.Logger)
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

// voice opens the spoken guidance; a voice that does not work must not keep tickets back.
func (c *runCmd) voice(logger *slog.Logger) kiosk.Speaker {
	if c.Voice == "" || c.Voice == "browser" || c.Voice == "none" {
		return nil
	}
	voice, err := speech.Open(c.Voice)
	if err != nil {
		logger.Error("there is no spoken guidance from this machine", "error", err)
		return nil
	}
	return voice
}

// target is where tickets are printed.
func (c *runCmd) target() string {
	switch {
	case c.Printer != "":
		return c.Printer
	case c.PrintDir != "":
		return "png:" + c.PrintDir
	}
	return "png:" + filepath.Join(c.Data, "printed")
}

// enrolled takes from the machine's key what the command line leaves out.
func (c *runCmd) enrolled(o *kiosk.Options) error {
	d, err := device.Load(c.Data)
	switch {
	case err != nil && o.Office == "":
		return fmt.Errorf("--office is missing: %w", err)
	case err != nil: // a key that cannot be read must not keep tickets back
		if o.Kiosk == "" {
			o.Kiosk = "K1"
		}
		return nil
	case o.Office != "" && o.Office != d.Office || o.Kiosk != "" && o.Kiosk != d.Kiosk:
		return fmt.Errorf("the machine is enrolled as %s of %s, not as %s of %s", d.Kiosk, d.Office, c.Kiosk, c.Office)
	}
	o.Office, o.Kiosk = d.Office, d.Kiosk
	if o.Server == "" {
		o.Server = d.Server
	}
	return nil
}
