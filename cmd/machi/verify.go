package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"machi/internal/archive"
	"machi/internal/audit"
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/history"
	"machi/internal/office"
	"machi/internal/queue/invariant"
)

type verifyCmd struct {
	storeFlags
	Repair    bool     `help:"Put back from the side journal what the store has lost. Stop the servers first."`
	Archive   string   `help:"Check the archive in this folder too, and hold tables against its logs." type:"existingdir" placeholder:"DIR"`
	AuditHead []string `help:"Hash of a daily head of the audit trail that was kept elsewhere; it must still be there." placeholder:"HASH"`
}

// errDamaged makes the exit code say what the lines above it said.
var errDamaged = errors.New("not everything is in order")

// Run checks every day: that records and origins chain, that every decision fits
// the state it was made on, and the invariants of the queue. It prints one line a
// day with the hash of its state, by which two copies can be compared. Then it checks
// the closed days, one line for each office and month: that every table can be read and
// is what its log says, as long as that is there or in the archive. Then it checks the audit trail, one
// line a month, against the heads that the data folder remembers.
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
	files, wrong, err := c.verifyClosed(ctx, store)
	if err != nil {
		return err
	}
	bad += wrong
	months, broken, err := c.verifyTrail(ctx)
	if err != nil {
		return err
	}
	bad += broken
	fmt.Printf("%d streams, %d with faults\n", len(names)+files+months, bad)
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

// verifyClosed checks the archive, if one is named, and the closed days of the store.
func (c *verifyCmd) verifyClosed(ctx context.Context, store eventlog.Store) (streams, bad int, err error) {
	if c.Archive == "" {
		return verifyHistory(ctx, store, store)
	}
	a, err := archive.Open(c.Archive)
	if err != nil {
		return 0, 0, err
	}
	defer closing(&err, a.Close)
	files, broken := checkArchive(a, true)
	streams, bad, err = verifyHistory(ctx, store, a.Over(store))
	return streams + files, bad + broken, err
}

// verifyHistory checks the closed days of a store, whose logs may be elsewhere.
func verifyHistory(ctx context.Context, store, logs eventlog.Store) (streams, bad int, err error) {
	names, err := history.Streams(ctx, store)
	if err != nil {
		return 0, 0, err
	}
	for _, name := range names {
		r, err := history.Verify(ctx, store, logs, name)
		if err != nil {
			return 0, 0, err
		}
		verdict := "ok"
		if len(r.Faults) > 0 {
			verdict = fmt.Sprintf("FAULT %d", len(r.Faults))
			bad++
		}
		fmt.Println(name, "records", r.Head.Number, "head", r.Head.Hash, "tables", r.Tables, "compared", r.Compared, "lessons", r.Lessons, verdict)
		for _, f := range r.Faults {
			fmt.Println("  ", f)
		}
		for _, n := range r.Notes {
			fmt.Println("   note:", n)
		}
	}
	return len(names), bad, nil
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
