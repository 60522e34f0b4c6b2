package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"machi/internal/archive"
	"machi/internal/audit"
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/server"
)

type exportCmd struct {
	storeFlags
	Office  string `help:"Id of the office." required:""`
	Date    string `help:"Business day, YYYY-MM-DD." required:""`
	Archive string `help:"Folder of an archive, where the store has the day's log no more." type:"existingdir" placeholder:"DIR"`
	What    string `help:"records: the day's log. table: what is kept of it when it is over. lessons: what the days before taught." enum:"records,table,lessons" default:"records"`
}

// exported is one record with its body as it reads.
type exported struct {
	Number      int64                `json:"number"`
	Hash        eventlog.Hash        `json:"hash"`
	Prev        eventlog.Hash        `json:"prev"`
	Incarnation eventlog.Incarnation `json:"incarnation"`
	Fact        bool                 `json:"fact,omitempty"`
	Body        json.RawMessage      `json:"body"`
}

// Run writes the day's records, oldest first. Where the log is damaged it writes
// what is before the damage and fails.
func (c *exportCmd) Run(ctx context.Context) (err error) {
	if _, _, err := queue.Date(c.Date).Bounds(); err != nil {
		return err
	}
	store, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, store.Close)
	if c.What != "records" {
		return c.closed(ctx, store)
	}
	records, err := c.records(ctx, store)
	if err == nil && len(records) == 0 {
		return fmt.Errorf("office %s has no records of %s", c.Office, c.Date)
	}
	c.note(ctx, audit.Entry{Action: "export", Office: queue.OfficeID(c.Office), Target: c.Date, Detail: fmt.Sprintf("records=%d", len(records))})
	out := json.NewEncoder(os.Stdout)
	for _, r := range records {
		err = errors.Join(err, out.Encode(exported{r.Number, r.Hash(), r.Prev, r.Incarnation, r.Fact, r.Body}))
	}
	return err
}

// records reads the day's log from the store, or else from the archive.
func (c *exportCmd) records(ctx context.Context, store eventlog.Store) (_ []eventlog.Record, err error) {
	if c.Archive != "" {
		a, err := archive.Open(c.Archive)
		if err != nil {
			return nil, err
		}
		defer closing(&err, a.Close)
		store = a.Over(store)
	}
	log, err := store.Open(day.Stream(queue.OfficeID(c.Office), queue.Date(c.Date)))
	if err != nil {
		return nil, err
	}
	return readAll(ctx, log)
}

// closed writes what is kept of a closed day: a table line by line, or lessons as one
// JSON document.
func (c *exportCmd) closed(ctx context.Context, store eventlog.Store) error {
	o, err := c.options()
	if err != nil {
		return err
	}
	a, office, date := server.OpenArchive(store, o), queue.OfficeID(c.Office), queue.Date(c.Date)
	c.note(ctx, audit.Entry{Action: "export", Office: office, Target: c.Date, Detail: c.What})
	if c.What == "lessons" {
		l, ok, err := a.Lessons(ctx, office, date)
		if err == nil && !ok {
			err = fmt.Errorf("office %s has no lessons for %s", office, date)
		}
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(map[string]any{
			"office": office, "date": date, "from": l.From, "through": l.Through, "tables": l.Tables, "hash": l.Hash, "lessons": l.Taught, "profile": l.Profile,
		})
	}
	d, ok, err := a.Day(ctx, office, date)
	if err == nil && !ok {
		err = fmt.Errorf("office %s has no closed day %s", office, date)
	}
	if err != nil {
		return err
	}
	return d.Export(os.Stdout)
}
