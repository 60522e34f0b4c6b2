package estimatetest_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"machi/internal/estimate/estimatetest"
	"machi/internal/estimate/foreign"
	"machi/internal/estimate/place"
)

// TestAWorldIsALogInOrder plays two days of every kind, writes them down and reads
// them again. A ticket is issued before it is called, called before it is finished,
// and a counter serves one at a time.
func TestAWorldIsALogInOrder(t *testing.T) {
	for _, kind := range estimatetest.Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			world := kind.World(1)
			events := estimatetest.Play(world, 1, 2)
			if again := estimatetest.Play(world, 1, 2); !cmp.Equal(events, again) {
				t.Error("the same seed gave other events")
			}
			var text bytes.Buffer
			if err := estimatetest.Write(&text, events); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(events, read(t, &text)); d != "" {
				t.Errorf("-played +read\n%s", d)
			}
			inOrder(t, events)
		})
	}
}

func read(t *testing.T, r io.Reader) []place.Event {
	t.Helper()
	s, err := foreign.NewStream(r)
	if err != nil {
		t.Fatal(err)
	}
	var events []place.Event
	for {
		e, err := s.Next()
		if errors.Is(err, io.EOF) {
			return events
		} else if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
}

func inOrder(t *testing.T, events []place.Event) {
	t.Helper()
	state, busy := map[string]place.Kind{}, map[string]string{}
	for _, e := range events {
		before, known := state[e.Ticket]
		fits := true
		switch e.Kind {
		case place.Issue:
			fits = !known || before != place.Issue && before != place.Call
		case place.Call:
			fits = before == place.Issue && known && (e.Counter == "" || busy[e.Counter] == "")
			busy[e.Counter] = e.Ticket
		case place.Finish, place.NoShow:
			fits = before == place.Call
			busy[e.Counter] = ""
		case place.Cancel:
			fits = before == place.Issue && known
		case place.Open, place.Close, place.Return:
			continue
		}
		if !fits {
			t.Fatalf("%+v does not follow %v", e, before)
		}
		state[e.Ticket] = e.Kind
	}
}
