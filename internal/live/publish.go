package live

import (
	"context"
	"encoding/json"
	"time"

	"machi/internal/board"
	"machi/internal/queue"
)

// Publication of the waits for other programs.
const (
	publishEvery  = 2 * time.Second
	publishWithin = time.Second
)

// Congestion is how busy an office is, for other programs of the ward.
type Congestion struct {
	Office    queue.OfficeID     `json:"office"`
	Name      board.Text         `json:"name"`
	AsOf      time.Time          `json:"as_of"`
	State     string             `json:"state"` // open, closed, paused
	Waiting   int                `json:"waiting"`
	Rehearsal bool               `json:"rehearsal,omitempty"`
	Services  []CongestedService `json:"services"`
}

// CongestedService is how busy one service is. Estimates are null where nothing is
// known; words are what people are told of the wait until called, by language.
type CongestedService struct {
	ID            queue.ServiceID `json:"id"`
	Name          board.Text      `json:"name"`
	Accepting     bool            `json:"accepting"`
	Waiting       int             `json:"waiting"`
	Level         board.Level     `json:"level"`
	UntilCalled   *board.Estimate `json:"until_called"`
	UntilFinished *board.Estimate `json:"until_finished"`
	Words         board.Text      `json:"words,omitempty"`
}

// congestion puts a frame into the form for other programs.
func (h *Hub) congestion(f *Frame) Congestion {
	c := Congestion{
		Office: f.Office, Name: f.Board.Name, AsOf: f.At, State: f.Board.State, Waiting: f.Board.Waiting,
		Rehearsal: h.options.Rehearsal, Services: make([]CongestedService, len(f.Board.Services)),
	}
	for i, v := range f.Board.Services {
		c.Services[i] = CongestedService{
			ID: v.ID, Name: v.Name, Accepting: v.Accepting, Waiting: v.Waiting, Level: v.Level,
			UntilCalled: v.UntilCalled, UntilFinished: v.UntilFinished,
		}
		if h.options.Words != nil {
			c.Services[i].Words = h.options.Words(v.UntilCalled)
		}
	}
	return c
}

// publishAll hands the newest congestion of each office on, at most every two
// seconds, until the context ends. Nobody waits for it: what does not arrive is
// followed by the next.
func (h *Hub) publishAll(ctx context.Context) {
	tick := time.NewTicker(publishEvery)
	defer tick.Stop()
	last := map[queue.OfficeID]uint64{}
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := h.publishNew(ctx, last)
		if (err != nil) != failing && ctx.Err() == nil {
			failing = err != nil
			h.options.Logger.Info("the congestion for other programs", "arrives", !failing, "error", err)
		}
	}
}

// publishNew publishes the offices that have a frame since the last time.
func (h *Hub) publishNew(ctx context.Context, last map[queue.OfficeID]uint64) error {
	ctx, cancel := context.WithTimeout(ctx, publishWithin)
	defer cancel()
	for _, id := range h.options.Offices() {
		s := h.desk(id).current()
		if s == nil || s.Frame.Seq == last[id] {
			continue
		}
		raw, err := json.Marshal(h.congestion(s.Frame))
		if err == nil {
			err = h.options.Publish(ctx, id, raw)
		}
		if err != nil {
			return err
		}
		last[id] = s.Frame.Seq
	}
	return nil
}
