package office_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/office"
	"machi/internal/queue"
)

const (
	km     = queue.OfficeID("km-setagaya")
	date   = queue.Date("2026-04-01")
	stream = "km-setagaya:2026-04-01"
)

var morning = time.Date(2026, 4, 1, 8, 30, 0, 0, queue.JST)

func settings(id queue.OfficeID, on queue.Date) queue.Settings {
	one := []queue.ServiceID{"moving"}
	return queue.Settings{
		Office: id, Date: on, Version: "1",
		Services: []queue.ServiceSettings{{ID: "moving", Series: "A", Stages: []queue.Stage{queue.StageReception}}},
		Series: []queue.SeriesSettings{{
			ID: "A", Main: queue.Range{First: 1, Last: 799},
			Kiosks: map[queue.KioskID][]queue.Range{"K1": {{First: 801, Last: 899}, {First: 901, Last: 999}}},
		}},
		Counters: []queue.CounterSettings{
			{ID: "1", Services: one, Stages: []queue.Stage{queue.StageReception}},
			{ID: "2", Services: one, Stages: []queue.Stage{queue.StageReception}},
		},
		Kiosks: []queue.KioskSettings{{ID: "K1"}},
		Rule:   queue.DefaultRule(),
	}
}

// chance returns a source of ids that repeats exactly for one seed.
func chance(seed byte) func() [16]byte {
	n := 0
	return func() (b [16]byte) {
		n++
		binary.BigEndian.PutUint32(b[:], uint32(n))
		b[4] = seed // within what names a session: each life of a server has its own
		return b
	}
}

// rig is a core with everything that it wants done: a store, a journal, a clock.
type rig struct {
	t       *testing.T
	name    string
	store   *memlog.Store
	log     eventlog.Log
	core    *office.Core
	now     time.Time
	journal []eventlog.Record
	keepErr error
	answers map[*office.Job]office.Answer
	notices []string
	jobs    int
	opened  int
}

func newRig(t *testing.T, name string, store *memlog.Store, change ...func(*office.CoreOptions)) *rig {
	t.Helper()
	log, err := store.Open(stream)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, name: name, store: store, log: log, now: morning, answers: map[*office.Job]office.Answer{}}
	r.begin(change...)
	return r
}

// begin starts the core, or starts it anew from what its journal holds.
func (r *rig) begin(change ...func(*office.CoreOptions)) {
	r.opened++
	o := office.CoreOptions{
		Office: km, Date: date, Server: r.name, Random: chance(r.name[0] + byte(10*r.opened)),
		Journal: slices.Clone(r.journal), OpenNow: true,
	}
	for _, f := range change {
		f(&o)
	}
	r.core = office.NewCore(o)
	r.second()
}

func replicated(o *office.CoreOptions) { o.Replicated = true }

// second lets a second pass.
func (r *rig) second() {
	r.now = r.now.Add(time.Second)
	r.step(office.Second{})
}

// settle lets enough seconds pass for every repair.
func (r *rig) settle() {
	for range 5 {
		r.second()
	}
}

func (r *rig) step(in office.Input) {
	r.t.Helper()
	for steps := 0; in != nil; steps++ {
		if steps > 1000 {
			r.t.Fatal("the core does not come to rest")
		}
		var next office.Input
		for _, o := range r.core.Step(r.now, in) {
			if did := r.perform(o); did != nil {
				if next != nil {
					r.t.Fatalf("two things are under way: %T and %T", next, did)
				}
				next = did
			}
		}
		in = next
	}
}

func (r *rig) perform(o office.Output) office.Input {
	ctx := r.t.Context()
	switch o := o.(type) {
	case office.Answer:
		if _, twice := r.answers[o.Job]; twice {
			r.t.Errorf("job %s was answered twice", o.Job.Request.ID)
		}
		r.answers[o.Job] = o
	case office.Notice:
		r.notices = append(r.notices, o.What)
	case office.AskHead:
		head, err := r.log.Head(ctx)
		return office.HeadSeen{Head: head, Err: err}
	case office.Read:
		records, err := r.log.Read(ctx, o.After, o.Limit)
		return office.Followed{Records: records, Err: err}
	case office.Append:
		return office.Appended{Err: r.log.Append(ctx, o.After, o.Records)}
	case office.Keep:
		if r.keepErr == nil {
			r.journal = append(r.journal, o.Records...)
		}
		return office.Kept{Err: r.keepErr}
	case office.BringSettings:
		return office.Settings{Settings: settings(km, date)}
	}
	return nil
}

// job makes a job with an id of its own.
func (r *rig) job(c queue.Command) *office.Job {
	r.jobs++
	return &office.Job{Request: office.Request{
		ID: queue.CommandID(fmt.Sprintf("%s%d-%d", r.name, r.opened, r.jobs)), Command: c,
		Actor: queue.Actor{Role: queue.RoleStaff, ID: "sato"}, Fingerprint: "f",
	}}
}

// do brings jobs together and returns their answers, in order.
func (r *rig) do(jobs ...*office.Job) []office.Answer {
	r.t.Helper()
	r.now = r.now.Add(100 * time.Millisecond)
	r.step(office.Submit{Jobs: jobs})
	var answers []office.Answer
	for _, j := range jobs {
		a, ok := r.answers[j]
		if !ok {
			r.t.Fatalf("job %s was not answered", j.Request.ID)
		}
		answers = append(answers, a)
	}
	return answers
}

// must does one command, which must succeed.
func (r *rig) must(c queue.Command) *queue.Outcome {
	r.t.Helper()
	a := r.do(r.job(c))[0]
	if a.Err != nil || a.Reply.Outcome == nil {
		r.t.Fatalf("%T: %v", c, a.Err)
	}
	return a.Reply.Outcome
}

func (r *rig) issue() *office.Job {
	return r.job(queue.IssueTicket{
		Ticket: queue.TicketID(fmt.Sprintf("%s%d-%06d", r.name, r.opened, r.jobs)), Service: "moving", Channel: queue.ChannelReception,
	})
}

// ticket issues one and returns its number.
func (r *rig) ticket() queue.Number {
	r.t.Helper()
	a := r.do(r.issue())[0]
	if a.Err != nil {
		r.t.Fatalf("issue: %v", a.Err)
	}
	return number(a)
}

func number(a office.Answer) queue.Number {
	if a.Reply.Outcome == nil {
		return ""
	}
	for _, e := range a.Reply.Outcome.Events {
		if issued, is := e.(queue.TicketIssued); is {
			return issued.Number
		}
	}
	return ""
}

// same checks that the store holds exactly what the core knows, and that it replays.
func (r *rig) same() {
	r.t.Helper()
	records := r.store.Records(stream)
	replayed, err := day.Replay(records)
	if err != nil {
		r.t.Fatalf("the log does not replay: %v", err)
	}
	if replayed.Head() != r.core.Day().Head() {
		r.t.Errorf("the store stands at %d, the core at %d", replayed.Head().Number, r.core.Day().Head().Number)
	}
	want, _ := replayed.Hash()
	if got, _ := r.core.Day().Hash(); got != want {
		r.t.Error("the core's state is not that of the log")
	}
	if r.core.Doubt() {
		r.t.Error("the core is still in doubt")
	}
}

// heads names records so that two logs can be compared: a hash covers all.
func heads(records []eventlog.Record) []string {
	names := make([]string, len(records))
	for i, r := range records {
		names[i] = fmt.Sprintf("%d %s", r.Number, r.Hash())
	}
	return names
}

func code(err error) string {
	var u *office.Unavailable
	if errors.As(err, &u) {
		return u.Code
	}
	var refusal *queue.Refusal
	if errors.As(err, &refusal) {
		return string(refusal.Code)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
