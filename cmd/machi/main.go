// Command machi is the central server and the operator's tool.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a server may have no time zone database

	"github.com/alecthomas/kong"
)

// cli is the command line: one subcommand per file of this folder.
type cli struct {
	Demo     demoCmd     `cmd:"" help:"Show everything: real offices, pretend residents and clerks."`
	Serve    serveCmd    `cmd:"" help:"Run the central server."`
	User     userCmd     `cmd:"" help:"Look after people's accounts."`
	Token    tokenCmd    `cmd:"" help:"Make, list and revoke API tokens."`
	Kiosk    kioskCmd    `cmd:"" help:"Let ticket machines in, list and revoke them."`
	Simulate simulateCmd `cmd:"" help:"Attack the system in a simulated world."`
	Verify   verifyCmd   `cmd:"" help:"Check every record of every day, and the invariants of the queue."`
	Export   exportCmd   `cmd:"" help:"Write the records of one office's day as JSON lines."`
	Archive  archiveCmd  `cmd:"" help:"Keep the logs of closed days in files, and delete from the store what is there."`
	Restore  restoreCmd  `cmd:"" help:"Put logs of the archive back into the store."`
	Report   reportCmd   `cmd:"" help:"Make a report of a day, a month or a fiscal year (XLSX, CSV, Parquet)."`
	Import   importCmd   `cmd:"" help:"Learn from the log of an old ticket machine (CSV)."`
	Estimate estimateCmd `cmd:"" help:"Estimate waits for a stream of events (CSV)."`
	Forecast forecastCmd `cmd:"" help:"Forecast how many people come, from a history of counts (CSV)."`
	Score    scoreCmd    `cmd:"" help:"Compare estimates with what happened."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "machi:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	parser, err := kong.New(&c,
		kong.Name("machi"), kong.Description("Counter queues and congestion of a ward's offices (窓口の順番と混雑)."),
		kong.Configuration(readConfig), kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)),
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
