package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"machi/internal/archive"
	"machi/internal/audit"
	"machi/internal/eventlog"
	"machi/internal/history"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/server"
)

type archiveCmd struct {
	storeFlags
	To       string `help:"Folder of the archive; made if it is not there." required:"" type:"path" placeholder:"DIR"`
	Until    string `help:"Newest business day to archive, YYYY-MM-DD. Yesterday's without it." placeholder:"DATE"`
	Purge    bool   `help:"Delete from the store what is older than --keep-days and is proved to be in the archive."`
	KeepDays int    `help:"How many days back logs stay in the store, 62 at least: so long late records are taken." default:"62"`
	Check    bool   `help:"Read all of the archive again afterwards."`
}

// fewestKept is how many days back a closed day may still change.
const fewestKept = 62

// Run writes the logs of closed days into the archive, and deletes them from the store
// if asked to. What is in the archive already and has not grown costs a look. The last
// line is the SHA-256 of the manifest, to be kept elsewhere.
func (c *archiveCmd) Run(ctx context.Context) (err error) {
	today := queue.BusinessDay(time.Now())
	until, err := c.until(today)
	if err != nil {
		return err
	}
	if c.KeepDays < fewestKept {
		return fmt.Errorf("--keep-days %d: want %d at least", c.KeepDays, fewestKept)
	}
	store, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, store.Close)
	a, err := archive.Create(c.To)
	if err != nil {
		return err
	}
	defer closing(&err, a.Close)
	bad, err := c.add(ctx, a, store, until)
	if err == nil && c.Purge {
		bad, err = c.purge(ctx, a, store, today, bad)
	}
	if err != nil {
		return err
	}
	if c.Check {
		_, wrong := checkArchive(a, false)
		bad += wrong
	}
	m, hash := a.Manifest()
	fmt.Printf("%d files in %s\nmanifest %s\n", len(m.Files), c.To, hash)
	if bad > 0 {
		return errDamaged
	}
	return nil
}

func (c *archiveCmd) until(today queue.Date) (queue.Date, error) {
	from, _, err := today.Bounds()
	yesterday := queue.BusinessDay(from.AddDate(0, 0, -1))
	if c.Until == "" || err != nil {
		return yesterday, err
	}
	if _, _, err := queue.Date(c.Until).Bounds(); err != nil {
		return "", err
	}
	if queue.Date(c.Until) > yesterday {
		return "", fmt.Errorf("--until %s: that day is not over", c.Until)
	}
	return queue.Date(c.Until), nil
}

func (c *archiveCmd) add(ctx context.Context, a *archive.Archive, store eventlog.Store, until queue.Date) (bad int, err error) {
	done, err := a.Add(ctx, store, until, time.Now())
	printFaults(done.Faults)
	if err != nil {
		return len(done.Faults), fmt.Errorf("%d days are archived, the same again goes on: %w", done.Days, err)
	}
	fmt.Printf("%d days archived, %d were there already, %d faults\n", done.Days, done.Same, len(done.Faults))
	_, hash := a.Manifest()
	c.note(ctx, audit.Entry{Action: "store.archive", Target: string(until), Detail: fmt.Sprintf("days=%d manifest=%s", done.Days, hash)})
	return len(done.Faults), nil
}

// purge deletes old logs. What stays, although it is old, counts as bad.
func (c *archiveCmd) purge(ctx context.Context, a *archive.Archive, store eventlog.Store, today queue.Date, bad int) (int, error) {
	o, err := c.options()
	if err != nil {
		return bad, err
	}
	from, _, err := today.Bounds()
	if err != nil {
		return bad, err
	}
	tables := server.OpenArchive(store, o)
	before := queue.BusinessDay(from.AddDate(0, 0, -c.KeepDays))
	done, err := a.Purge(ctx, store, before, func(ctx context.Context, office queue.OfficeID, date queue.Date, head eventlog.Head) error {
		return counted(ctx, tables, office, date, head)
	})
	printFaults(done.Faults)
	if done.Days > 0 {
		c.note(ctx, audit.Entry{Action: "store.purge", Target: string(before), Detail: fmt.Sprintf("days=%d", done.Days)})
	}
	fmt.Printf("%d days before %s deleted from the store, %d stay\n", done.Days, before, len(done.Faults))
	return bad + len(done.Faults), err
}

// counted returns nil if a day's table was made of the log with that head, or if no
// table is kept any more of days that old.
func counted(ctx context.Context, tables *history.Archive, office queue.OfficeID, date queue.Date, head eventlog.Head) error {
	if date < queue.BusinessDay(time.Now().AddDate(0, 0, -history.KeepDays)) {
		return nil
	}
	d, ok, err := tables.Day(ctx, office, date)
	switch {
	case errors.Is(err, history.ErrDamaged) || err == nil && !ok:
		return errors.New("there is no table of it that can be read")
	case err != nil:
		return err
	case d.Head != head:
		return errors.New("its table was made of another log")
	}
	return nil
}

func printFaults(faults []archive.Fault) {
	for _, f := range faults {
		fmt.Println("FAULT", f)
	}
}

// checkArchive reads every file again and prints a line for each. A deep check also
// replays each day, as verify does with those of a store. It returns the number of
// files with faults.
func checkArchive(a *archive.Archive, deep bool) (files, bad int) {
	m, hash := a.Manifest()
	for _, f := range m.Files {
		if !checkFile(a, f, deep) {
			bad++
		}
	}
	fmt.Println("manifest", hash)
	strays, err := a.Strays()
	if err != nil {
		fmt.Println("FAULT", err)
		bad++
	}
	for _, s := range strays {
		fmt.Println("note: the manifest does not name", s)
	}
	return len(m.Files), bad
}

func checkFile(a *archive.Archive, f archive.File, deep bool) bool {
	records := int64(0)
	var broken []string
	faults := a.Check(f, func(d archive.Day, list []eventlog.Record) {
		records += d.Records
		if !deep {
			return
		}
		if _, err := office.Verify(list); err != nil {
			broken = append(broken, fmt.Sprintf("%s: %v", d.Date, err))
		}
		for _, v := range invariant.CheckRecords(list) {
			broken = append(broken, fmt.Sprintf("%s: %v", d.Date, v))
		}
	})
	verdict := "ok"
	if n := len(faults) + len(broken); n > 0 {
		verdict = fmt.Sprintf("FAULT %d", n)
	}
	fmt.Println(f.Name, "days", len(f.Days), "records", records, "sha256", f.SHA256, verdict)
	for _, fault := range faults {
		fmt.Println("  ", fault)
	}
	for _, fault := range broken {
		fmt.Println("  ", fault)
	}
	return verdict == "ok"
}

type restoreCmd struct {
	storeFlags
	From   string `help:"Folder of the archive." required:"" type:"existingdir" placeholder:"DIR"`
	Office string `help:"Id of the office; all without it." placeholder:"ID"`
	First  string `help:"First business day, YYYY-MM-DD." placeholder:"DATE"`
	Last   string `help:"Last business day, YYYY-MM-DD." placeholder:"DATE"`
}

// Run puts logs of the archive back into the store. Days that are there stay as they
// are; one that is there with another log is a fault.
func (c *restoreCmd) Run(ctx context.Context) (err error) {
	for _, d := range []string{c.First, c.Last} {
		if _, _, err := queue.Date(d).Bounds(); d != "" && err != nil {
			return err
		}
	}
	store, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, store.Close)
	a, err := archive.Open(c.From)
	if err != nil {
		return err
	}
	defer closing(&err, a.Close)
	days, same, bad := 0, 0, 0
	m, _ := a.Manifest()
	for _, f := range m.Files {
		for _, d := range f.Days {
			if c.Office != "" && string(f.Office) != c.Office || string(d.Date) < c.First || c.Last != "" && string(d.Date) > c.Last {
				continue
			}
			n, err := a.Restore(ctx, store, f.Office, d.Date)
			switch {
			case errors.Is(err, archive.ErrDamaged), errors.Is(err, archive.ErrOther), errors.Is(err, eventlog.ErrCorrupt):
				fmt.Println("FAULT", err)
				bad++
			case err != nil:
				return err
			case n == 0:
				same++
			default:
				days++
			}
		}
	}
	c.note(ctx, audit.Entry{Action: "store.restore", Office: queue.OfficeID(c.Office), Detail: fmt.Sprintf("days=%d", days)})
	fmt.Printf("%d days restored, %d were there already, %d faults\n", days, same, bad)
	if bad > 0 {
		return errDamaged
	}
	return nil
}
