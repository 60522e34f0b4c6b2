package satisfaction_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/queue"
	"machi/internal/satisfaction"
)

const (
	secret = "0123456789ABCDEFGHJKMNPQRS"
	today  = queue.Date("2026-04-01")
)

func answer(mark string, service queue.ServiceID, face satisfaction.Face) satisfaction.Answer {
	return satisfaction.Answer{Office: "o", Service: service, Face: face, Mark: mark}
}

func TestAnAnswerCountsOnceOverSeveralServersAndDays(t *testing.T) {
	store, date := memlog.New(), today
	open := func() *satisfaction.Book {
		return satisfaction.New(satisfaction.Options{Store: store, Today: func() queue.Date { return date }})
	}
	one, two := open(), open()
	say := func(b *satisfaction.Book, a satisfaction.Answer) {
		t.Helper()
		if err := b.Say(t.Context(), date, a); err != nil {
			t.Fatal(err)
		}
	}
	mark := satisfaction.Mark(date, secret)
	if one.Said(t.Context(), date, mark) {
		t.Error("an answer is known that nobody gave")
	}
	say(one, answer(mark, "moving", satisfaction.Good))
	say(two, answer(mark, "moving", satisfaction.Poor))
	say(two, answer("b", "moving", satisfaction.Fair))
	say(one, answer("c", "cert", satisfaction.Poor))
	if !two.Said(t.Context(), date, mark) || two.Said(t.Context(), date, "d") {
		t.Error("who has answered is not known")
	}
	date = "2026-04-02"
	say(one, answer("e", "moving", satisfaction.Good))
	for name, b := range map[string]*satisfaction.Book{"who wrote": one, "who read": two, "who starts later": open()} {
		got, err := b.Counts(t.Context(), "o", "2026-03-01", "2026-05-01")
		if err != nil {
			t.Fatal(err)
		}
		if got["moving"] != (satisfaction.Count{Good: 2, Fair: 1}) || got["cert"] != (satisfaction.Count{Poor: 1}) || got["cert"].Total() != 1 {
			t.Errorf("%s: %+v", name, got)
		}
		if other, _ := b.Counts(t.Context(), "p", "2026-03-01", "2026-05-01"); len(other) != 0 {
			t.Errorf("%s, of another office: %+v", name, other)
		}
		if day, _ := b.Counts(t.Context(), "o", date, date); day["moving"] != (satisfaction.Count{Good: 1}) {
			t.Errorf("%s, of one day: %+v", name, day)
		}
	}
}

func TestNothingThatIsKeptLeadsToATicketOrAMoment(t *testing.T) {
	store := memlog.New()
	b := satisfaction.New(satisfaction.Options{Store: store, Today: func() queue.Date { return today }})
	for _, mark := range []string{satisfaction.Mark(today, secret), "b"} {
		if err := b.Say(t.Context(), today, answer(mark, "moving", satisfaction.Good)); err != nil {
			t.Fatal(err)
		}
	}
	log, err := store.Open("satisfaction@2026-04-01")
	if err != nil {
		t.Fatal(err)
	}
	records, err := log.Read(t.Context(), 0, 10)
	if err != nil || len(records) != 2 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for _, r := range records {
		if bytes.Contains(r.Body, []byte(secret)) {
			t.Error("the secret is in the log")
		}
		body, err := eventlog.DecodeBody(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if from, _, _ := today.Bounds(); !body.At.Equal(from.Add(12 * time.Hour)) {
			t.Errorf("the record tells when it was: %v", body.At)
		}
	}
	if satisfaction.Mark(today, secret) == satisfaction.Mark("2026-04-02", secret) {
		t.Error("a mark says of two days that they are one ticket's")
	}
}

func TestAnswersAreForgottenInTime(t *testing.T) {
	store, date := memlog.New(), today
	b := satisfaction.New(satisfaction.Options{Store: store, Today: func() queue.Date { return date }, KeepDays: 3})
	for range 5 {
		if err := b.Say(t.Context(), date, answer(string(date), "moving", satisfaction.Good)); err != nil {
			t.Fatal(err)
		}
		from, _, _ := date.Bounds()
		date = queue.BusinessDay(from.AddDate(0, 0, 1))
	}
	if err := b.Say(t.Context(), date, answer("x", "moving", "thrilled")); !errors.Is(err, satisfaction.ErrFace) {
		t.Errorf("another face: %v", err)
	}
	_ = b.Said(t.Context(), date, "x")
	got, err := b.Counts(t.Context(), "o", today, date)
	if err != nil || got["moving"].Good != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	if err := b.Say(t.Context(), today, answer("y", "moving", satisfaction.Good)); err == nil {
		t.Error("somebody answered for a day that is over")
	}
	names, _ := store.Streams(t.Context())
	if all := strings.Join(names, " "); strings.Contains(all, string(today)) {
		t.Errorf("an old day is kept: %s", all)
	}
}
