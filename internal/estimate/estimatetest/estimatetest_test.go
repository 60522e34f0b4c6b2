package estimatetest_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"machi/internal/estimate/estimatetest"
	"machi/internal/estimate/foreign"
	"machi/internal/estimate/place"
)

// TestAWorldIsALogInOrder plays a day of every kind, writes it down and reads it
// again. A ticket is issued before it is called, called before it is finished, and a
// counter serves one at a time.
func TestAWorldIsALogInOrder(t *testing.T) {
	for _, kind := range estimatetest.Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			events := estimatetest.Play(kind.World(1), 1, 1)
			text := written(t, events)
			if again := written(t, estimatetest.Play(kind.World(1), 1, 1)); again != text {
				t.Error("the same seed gave other events")
			}
			if again := written(t, read(t, strings.NewReader(text))); again != text {
				t.Error("what was read is not what was written")
			}
			inOrder(t, events)
		})
	}
}

func written(t *testing.T, events []place.Event) string {
	t.Helper()
	var text strings.Builder
	if err := estimatetest.Write(&text, events); err != nil {
		t.Fatal(err)
	}
	return text.String()
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
