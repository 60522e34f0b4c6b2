package main

import (
	"context"
	"log/slog"
	"os"

	"machi/internal/demo"
)

// demoCmd shows a newcomer the whole system.
type demoCmd struct {
	Speed  float64 `help:"How many times as fast as life." default:"20"`
	Clock  string  `help:"When the rehearsal begins (RFC 3339); a busy Monday in April without it." placeholder:"TIME"`
	Listen string  `help:"Address of the server; 127.0.0.1:8080 without it, or any free port." placeholder:"ADDR"`
	Seed   uint64  `help:"Of the pretend residents and clerks." default:"1"`
}

// Run plays the demo until a signal comes.
func (c *demoCmd) Run(ctx context.Context) error {
	start, err := moment(c.Clock)
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	slog.SetDefault(logger)
	return demo.Run(ctx, demo.Options{
		Speed: c.Speed, Start: start, Listen: c.Listen, Seed: c.Seed, Out: os.Stdout, Logger: logger,
	})
}
