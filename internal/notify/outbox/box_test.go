package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"machi/internal/eventlog/memlog"
	"machi/internal/ledger"
)

type thing struct {
	Text string `json:"text"`
}

// world is an outbox that several servers share.
type world struct {
	t     *testing.T
	store *memlog.Store
	clock time.Time
	runs  int
	sent  map[string]int // messages that went out
	boxes []*Box[thing]
}

func newWorld(t *testing.T, servers int) *world {
	w := &world{t: t, store: memlog.New(), clock: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC), sent: map[string]int{}}
	for i := range servers {
		w.boxes = append(w.boxes, nil)
		w.restart(i)
	}
	return w
}

// restart begins a server's next run; what the last one was doing is lost.
func (w *world) restart(i int) {
	w.t.Helper()
	w.runs++
	log, err := w.store.Open("things")
	if err != nil {
		w.t.Fatal(err)
	}
	w.boxes[i], err = Open[thing](w.t.Context(), Options{
		Log: log, Name: "things", Server: fmt.Sprint("s", i), Run: fmt.Sprint(w.runs), Wall: func() time.Time { return w.clock }, Lease: time.Minute,
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) add(n int) {
	w.t.Helper()
	err := w.boxes[0].Write(w.t.Context(), func() ([]Event[thing], error) {
		var events []Event[thing]
		for i := range n {
			events = append(events, Add(fmt.Sprint("i", i), thing{"x"}))
		}
		return events, nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) claim(i int) []Item[thing] {
	w.t.Helper()
	b := w.boxes[i]
	if err := b.Refresh(w.t.Context()); err != nil {
		return nil
	}
	var ids []string
	for _, item := range b.Open() {
		ids = append(ids, item.ID)
	}
	got, err := b.Claim(w.t.Context(), ids)
	if err != nil {
		return nil
	}
	return got
}

// settle writes an outcome down, however often the store has to be asked.
func (w *world) settle(i int, o Outcome) {
	w.t.Helper()
	for range 50 {
		if w.boxes[i].Settle(w.t.Context(), o) == nil {
			return
		}
	}
	w.t.Fatal("an outcome cannot be written")
}

// TestEverythingIsSentOnceAndAtMostOnceMoreWhereAServerDied plays several servers that
// die between claim and message, between message and record, and whose store fails.
func TestEverythingIsSentOnceAndAtMostOnceMoreWhereAServerDied(t *testing.T) {
	for seed := range uint64(30) {
		chance := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(t, 3)
		w.add(8)
		lost := map[string]int{} // tries of which nobody can know
		w.store.SetFaults(func(op memlog.Op, _ string) memlog.Fault {
			if op == memlog.OpAppend && chance.IntN(6) == 0 {
				return []memlog.Fault{memlog.Fail, memlog.UnclearDone, memlog.UnclearUndone}[chance.IntN(3)]
			}
			return memlog.None
		})
		for range 40 {
			i := chance.IntN(3)
			for _, item := range w.claim(i) {
				switch chance.IntN(8) {
				case 0: // dies before the message
					lost[item.ID]++
					w.restart(i)
				case 1: // dies after it
					w.sent[item.ID]++
					lost[item.ID]++
					w.restart(i)
				case 2: // is told no
					w.settle(i, Outcome{ID: item.ID, State: Waiting, Wait: 3 * time.Second, Reason: "500"})
				case 3: // is told nothing
					w.sent[item.ID]++
					lost[item.ID]++
					w.settle(i, Outcome{ID: item.ID, State: Waiting, Unclear: true, Reason: "time-out"})
				default:
					w.sent[item.ID]++
					w.settle(i, Outcome{ID: item.ID, State: Sent})
				}
				if w.boxes[i].flying == nil || chance.IntN(3) == 0 {
					break // what else it claimed is lost with it, or waits
				}
			}
			w.clock = w.clock.Add(time.Duration(chance.IntN(20)) * time.Second)
		}
		w.store.SetFaults(nil)
		w.finish(lost)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// finish lets everything come to rest, and looks at what became of it.
func (w *world) finish(lost map[string]int) {
	w.t.Helper()
	for i := range w.boxes {
		w.restart(i) // whatever was still claimed is lost
	}
	for range 10 {
		w.clock = w.clock.Add(2 * time.Minute)
		for i := range w.boxes {
			for _, item := range w.claim(i) {
				w.sent[item.ID]++
				w.settle(i, Outcome{ID: item.ID, State: Sent})
			}
		}
	}
	for _, item := range w.boxes[0].Items() {
		n := w.sent[item.ID]
		switch {
		case !item.State.Final():
			w.t.Errorf("%s is forgotten: %s", item.ID, item.State)
		case n > 2 || n > 1+lost[item.ID]:
			w.t.Errorf("%s went out %d times, %d tries were unclear", item.ID, n, lost[item.ID])
		case item.State == Sent && n == 0:
			w.t.Errorf("%s never went out and is called sent", item.ID)
		case item.State == Failed && item.Unclear < 1:
			w.t.Errorf("%s failed after %d unclear tries", item.ID, item.Unclear)
		}
	}
}

func TestAClaimOfALivingServerIsRespectedUntilItsLeaseEnds(t *testing.T) {
	w := newWorld(t, 2)
	w.add(1)
	if got := w.claim(0); len(got) != 1 || got[0].Tries != 1 {
		t.Fatalf("claimed %v", got)
	}
	if got := append(w.claim(0), w.claim(1)...); len(got) != 0 {
		t.Errorf("claimed twice: %v", got)
	}
	w.clock = w.clock.Add(61 * time.Second)
	got := w.claim(1)
	if len(got) != 1 || got[0].Unclear != 1 {
		t.Fatalf("not taken over: %v", got)
	}
	w.settle(0, Outcome{ID: "i0", State: Waiting}) // the first one comes back too late
	if got := w.claim(0); len(got) != 0 {
		t.Errorf("claimed a third time: %v", got)
	}
	w.settle(1, Outcome{ID: "i0", State: Waiting, Unclear: true})
	if i, _ := w.boxes[1].Get("i0"); i.State != Failed || i.Reason != "unclear" {
		t.Errorf("after two unclear tries: %+v", i)
	}
}

func TestNotesAndItemsSurviveAndFinalItemsStay(t *testing.T) {
	w := newWorld(t, 1)
	w.add(1)
	ctx := t.Context()
	note, _ := json.Marshal("hello")
	write := func(events ...Event[thing]) {
		t.Helper()
		if err := w.boxes[0].Write(ctx, func() ([]Event[thing], error) { return events, nil }); err != nil {
			t.Fatal(err)
		}
	}
	write(Note[thing](note), Change("i0", thing{"y"}))
	write(End[thing]("i0", Dropped, ""))
	write(Add("i0", thing{"again"}), Change("i0", thing{"z"}))
	var notes []string
	log, _ := w.store.Open("things")
	b, err := Open[thing](ctx, Options{Log: log, Name: "things", Server: "s9", Run: "1", Note: func(raw json.RawMessage) { notes = append(notes, string(raw)) }})
	if err != nil {
		t.Fatal(err)
	}
	i, _ := b.Get("i0")
	if i.State != Dropped || i.Data.Text != "y" || len(notes) != 1 || notes[0] != `"hello"` {
		t.Errorf("item %+v, notes %v", i, notes)
	}
	if err := b.Write(ctx, func() ([]Event[thing], error) { return nil, ledger.ErrDone }); err != nil {
		t.Error(err)
	}
	ended, stop := context.WithCancel(ctx)
	stop()
	if err := b.Run(ended); err != nil {
		t.Error(err)
	}
}
