package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"machi/internal/day"
	"machi/internal/estimate"
	"machi/internal/estimate/place"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// replayed are the estimates of an office at one moment, as JSON.
type replayed struct {
	Record   int64                            `json:"record"` // the last that they know of
	At       time.Time                        `json:"at"`
	Services map[queue.ServiceID]replayedWait `json:"services"` // for somebody who takes a ticket now
	Tickets  map[queue.TicketID]replayedWait  `json:"tickets"`  // for all that are open
}

type replayedWait struct {
	Ahead    int            `json:"ahead"`
	Called   *replayedRange `json:"until_called"` // null: unknown
	Finished *replayedRange `json:"until_finished"`
}

// replayedRange is in seconds, to the nanosecond.
type replayedRange struct {
	Low  float64 `json:"p10_s"`
	P50  float64 `json:"p50_s"`
	P80  float64 `json:"p80_s"`
	High float64 `json:"p90_s"`
}

// replay answers an exported day: after each record, or once at a moment. The
// figures are those of a server or a machine that knew the same records and lessons.
func (c *estimateCmd) replay(out io.Writer) (err error) {
	lessons, err := readLessons(c.Lessons)
	if err != nil {
		return err
	}
	file, err := os.Open(c.Log)
	if err != nil {
		return err
	}
	defer closing(&err, file.Close)
	return named(c.Log, replayLog(file, out, lessons, c.At))
}

func replayLog(in io.Reader, out io.Writer, lessons *place.Lessons, at time.Time) error {
	follower := estimate.NewFollower(lessons)
	write := json.NewEncoder(out)
	var last exported
	records := bufio.NewReader(in)
	for line := 1; ; line++ {
		text, err := records.ReadBytes('\n')
		if len(bytes.TrimSpace(text)) == 0 && errors.Is(err, io.EOF) {
			break
		} else if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		entry, record, err := exportedEntry(text)
		if err == nil && !at.IsZero() && entry.At.After(at) {
			break
		}
		if err == nil && record.Number != last.Number+1 {
			err = fmt.Errorf("record %d follows record %d", record.Number, last.Number)
		}
		if err == nil {
			err = follower.Apply(entry)
		}
		if err == nil && at.IsZero() {
			err = write.Encode(replayedOf(record.Number, follower.Office(entry.At, estimate.Conditions{})))
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		last = record
	}
	if at.IsZero() {
		return nil
	}
	return write.Encode(replayedOf(last.Number, follower.Office(at, estimate.Conditions{})))
}

// exportedEntry reads one line of machi export.
func exportedEntry(text []byte) (queue.Entry, exported, error) {
	var record exported
	if err := json.Unmarshal(text, &record); err != nil {
		return queue.Entry{}, record, fmt.Errorf("not a record of machi export: %w", err)
	}
	body, err := eventlog.DecodeBody(record.Body)
	if err != nil {
		return queue.Entry{}, record, err
	}
	entry, err := day.Entry(body, record.Fact)
	return entry, record, err
}

// readLessons reads what machi export --what lessons writes; nil for no file.
func readLessons(name string) (*place.Lessons, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var document struct {
		Lessons *place.Lessons `json:"lessons"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, named(name, err)
	}
	return document.Lessons, nil
}

func replayedOf(record int64, o estimate.Office) replayed {
	r := replayed{Record: record, At: o.At, Services: map[queue.ServiceID]replayedWait{}, Tickets: map[queue.TicketID]replayedWait{}}
	for id, w := range o.Services {
		r.Services[id] = replayedWaitOf(w)
	}
	for id, w := range o.Tickets {
		r.Tickets[id] = replayedWaitOf(w)
	}
	return r
}

func replayedWaitOf(w estimate.Wait) replayedWait {
	return replayedWait{Ahead: w.Ahead, Called: replayedRangeOf(w.Called), Finished: replayedRangeOf(w.Finished)}
}

func replayedRangeOf(r estimate.Range) *replayedRange {
	if !r.Known {
		return nil
	}
	return &replayedRange{Low: r.Low.Seconds(), P50: r.P50.Seconds(), P80: r.P80.Seconds(), High: r.High.Seconds()}
}
