package replica_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/queue"
	"machi/internal/replica"
)

// years lets a machine work for a number of days, on some of them alone, on some
// with a power cut in the middle of a press.
func years(t *testing.T, roll *rand.Rand, days int) (*machine, *ward) {
	m, w := setUp(t)
	for range days {
		alone := roll.IntN(3) == 0
		for range 1 + roll.IntN(6) {
			m.pass(2 * time.Second)
			w.at = w.at.Add(2 * time.Second)
			m.press()
			m.serveBut(w, alone)
			for _, p := range m.printing() {
				if roll.IntN(12) > 0 { // else nobody will ever know
					m.do(replica.PaperReport{Command: p.Command, Event: replica.PaperOut})
				}
			}
			if m.agent.Busy() {
				m.restart()
			}
		}
		if !alone {
			m.meet(w, 20)
			m.printing()
		}
		m.pass(24 * time.Hour)
		w.at = w.at.Add(24 * time.Hour)
	}
	return m, w
}

// serveBut lets the server answer, or nobody.
func (m *machine) serveBut(w *ward, alone bool) {
	for _, o := range slices.Clone(m.outs) {
		switch in := w.silentTo(o); {
		case in == nil:
		case alone:
			m.do(in)
		default:
			if in = w.answer(o, m.now); in != nil {
				m.do(in)
			}
		}
	}
}

// silentTo is what a machine hears when nobody answers; nil where it asked nothing.
func (w *ward) silentTo(o replica.Output) replica.Input {
	if in := silence(o); in != (replica.Tick{}) {
		return in
	}
	return nil
}

// printing takes the papers out of what the machine wanted, and all else with them.
func (m *machine) printing() (papers []replica.Press) {
	for _, o := range m.outs {
		if p, is := o.(replica.PrintTicket); is {
			papers = append(papers, p.Press)
		}
	}
	m.outs = nil
	return papers
}

func (m *machine) restart() {
	m.outs = nil
	m.start(true)
	m.outs = nil
}

// known is what an agent shows of its memory, and what its next presses get.
func known(t *testing.T, m *machine, marks []replica.Mark, from queue.Date) []string {
	twin := &machine{t: t, plan: m.plan, marks: slices.Clone(marks), now: m.now, presses: m.presses}
	twin.now.Boot, twin.now.Monotonic = "another", time.Second
	twin.start(true)
	said := []string{fmt.Sprint(twin.agent.Slot(), twin.agent.Unsent(), len(alarms(twin.outs)))}
	for _, date := range twin.agent.Days() {
		r, _ := twin.agent.Day(date)
		if date >= from || len(r.Pending()) > 0 {
			said = append(said, fmt.Sprint(date, r.Origin(), len(r.Pending()), len(r.State().Tickets())))
		}
	}
	for range 8 { // enough to use the range up: the overflow counts for life
		twin.pass(2 * time.Second)
		p := last(t, twin.press())
		twin.do(replica.PaperReport{Command: p.Command, Event: replica.PaperOut})
		said = append(said, fmt.Sprint(p.State, p.Ticket, p.Number, p.Date, p.At, p.Guessed))
	}
	return said
}

func TestCompactedMarksMakeTheSameMachine(t *testing.T) {
	dropped := 0
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			m, _ := years(t, rand.New(rand.NewPCG(seed, 7)), 16)
			oldest, sure := m.agent.Keeps(m.now)
			if !sure {
				t.Fatal("the machine does not know what day it is")
			}
			all := slices.Clone(m.marks)
			few := replica.Compact(all, identity.Kiosk, oldest)
			if diff := cmp.Diff(known(t, m, all, oldest), known(t, m, few, oldest)); diff != "" {
				t.Errorf("the machine of all marks and of the compacted ones differ (-all +few):\n%s", diff)
			}
			if again := replica.Compact(few, identity.Kiosk, oldest); !cmp.Equal(few, again) {
				t.Errorf("compacted twice: %d marks, then %d", len(few), len(again))
			}
			dropped += len(all) - len(few)
		})
	}
	if dropped == 0 {
		t.Error("nothing was ever dropped")
	}
}

func TestCompactKeepsWhatCountsForLife(t *testing.T) {
	press := func(serial int64, date queue.Date, n queue.Number, s replica.PressState) replica.Mark {
		return replica.Mark{Kind: replica.MarkPress, Press: &replica.Press{
			State: s, Command: queue.CommandID(fmt.Sprint("c", serial)), Serial: serial, Date: date, Number: n,
		}}
	}
	bound, copied := replica.Mark{Kind: replica.MarkBound}, replica.Mark{Kind: replica.MarkCopied}
	contact := func(minute int) replica.Mark {
		return replica.Mark{Kind: replica.MarkContact, Contact: &replica.Contact{Offset: time.Duration(minute)}}
	}
	open := press(3, "2026-01-03", "A003", replica.Starting)
	overflow, highest := press(2, "2026-01-02", "K1-0007", replica.Printed), press(4, "2026-01-04", "A001", replica.Refused)
	recent := press(5, "2026-03-31", "A002", replica.Printed)
	got := replica.Compact([]replica.Mark{
		contact(1), bound, press(1, "2026-01-02", "K1-0006", replica.Printed), overflow, contact(2), open, highest, copied, recent,
	}, "K1", "2026-03-24")
	if diff := cmp.Diff([]replica.Mark{bound, contact(2), copied, overflow, highest, open, recent}, got); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}
