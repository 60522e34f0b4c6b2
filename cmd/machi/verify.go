package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"machi/internal/audit"
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/office"
	"machi/internal/queue/invariant"
)

type verifyCmd struct {
	storeFlags
	Repair    bool     `help:"Put back from the side journal what the store has lost. Stop the servers first."`
	AuditHead []string `help:"Hash of a daily head of the audit trail that was kept elsewhere; it must still be there." placeholder:"HASH"`
}

// errDamaged makes the exit code say what the lines above it said.
var errDamaged = errors.New("not everything is in order")

// Run checks every day: that records and origins chain, that every decision fits
// the state it was made on, and the invariants of the queue. It prints one line a
// day with the hash of its state, by which two copies can be compared. Then it checks
// the audit trail, one line a month, against the heads that the data folder remembers.
func (c *verifyCmd) Run(ctx context.Context) (err error) {
	store, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, store.Close)
	if c.Repair {
		if err := c.repair(ctx, store); err != nil {
			return err
		}
		c.note(ctx, audit.Entry{Action: "store.repair"})
	}
	names, err := store.Streams(ctx)
	if err != nil {
		return err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !officeDay(name) })
	bad := 0
	for _, name := range names {
		if !verifyStream(ctx, store, name) {
			bad++
		}
	}
	months, broken, err := c.verifyTrail(ctx)
	if err != nil {
		return err
	}
	bad += broken
	fmt.Printf("%d streams, %d with faults\n", len(names)+months, bad)
	if bad > 0 {
		return errDamaged
	}
	return nil
}

// officeDay reports whether a stream is an office's day: small logs live beside them.
func officeDay(name string) bool {
	_, date, ok := day.SplitStream(name)
	_, err := time.Parse(time.DateOnly, string(date))
	return ok && err == nil
}

func verifyStream(ctx context.Context, store eventlog.Store, name string) bool {
	log, err := store.Open(name)
	if err != nil {
		fmt.Println(name, "FAULT", err)
		return false
	}
	records, err := readAll(ctx, log)
	d, broken := office.Verify(records)
	if err := errors.Join(err, broken); err != nil {
		fmt.Printf("%s FAULT behind record %d: %v\n", name, d.Head().Number, err)
		return false
	}
	return report(name, d, invariant.CheckRecords(records))
}

func report(name string, d *day.Day, violations []invariant.Violation) bool {
	hash, err := d.Hash()
	if err != nil {
		fmt.Println(name, "FAULT", err)
		return false
	}
	verdict := "ok"
	if len(violations) > 0 {
		verdict = fmt.Sprintf("FAULT %d invariants broken", len(violations))
	}
	fmt.Println(name, "records", d.Head().Number, "head", d.Head().Hash, "state", hash, verdict)
	for _, v := range violations {
		fmt.Println("  ", v)
	}
	return len(violations) == 0
}
