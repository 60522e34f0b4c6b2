package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"machi/internal/board"
	"machi/internal/live"
	"machi/internal/queue"
)

func TestOtherProgramsGetTheNewestCongestion(t *testing.T) {
	t.Parallel()
	o := newOffices(t)
	o.issue()
	got := make(chan []byte, 10)
	failed := false
	h, _ := hub(t, o, func(options *live.Options) {
		options.Words = func(e *board.Estimate) board.Text { return board.Text{"en": "?"} }
		options.Publish = func(_ context.Context, id queue.OfficeID, raw []byte) error {
			if !failed { // what does not arrive is followed by the next
				failed = true
				return errors.New("nobody reads")
			}
			got <- raw
			return nil
		}
	})
	snapshot(t, h)
	select {
	case raw := <-got:
		var c live.Congestion
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatal(err)
		}
		if c.Office != "o" || c.Waiting != 1 || len(c.Services) != 1 || c.Services[0].Waiting != 1 || c.Services[0].Words["en"] != "?" || c.AsOf.IsZero() {
			t.Errorf("published %s", raw)
		}
	case <-time.After(time.Minute):
		t.Fatal("nothing is published")
	}
}
