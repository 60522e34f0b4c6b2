// Command machi-kiosk is the program on the ticket machine: it gives numbers,
// prints them, and goes on doing so while the network or the server is gone.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"machi/kiosk"
	"machi/kiosk/store"
)

// cli is the command line: one subcommand per file of this folder.
type cli struct {
	Run     runCmd     `cmd:"" default:"withargs" help:"Be the ticket machine. This is what happens without a command."`
	Browser browserCmd `cmd:"" help:"Keep the touch screen's browser running on this machine's pages."`
	Update  updateCmd  `cmd:"" help:"Install signed updates, and take back those that do not work."`
	Enrol   enrolCmd   `cmd:"" help:"Make this machine's key and have the server let it in."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

func main() {
	store.CheckChild()
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "machi-kiosk:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	parser, err := kong.New(&c,
		kong.Name("machi-kiosk"), kong.Description("The ticket machine (発券機)."),
		kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if err != nil {
		parser.FatalIfErrorf(err)
	}
	return command.Run()
}

type versionCmd struct{}

// Run prints the version that the machine reports to the server.
func (versionCmd) Run() error {
	_, err := fmt.Println("machi-kiosk", kiosk.Version())
	return err
}
