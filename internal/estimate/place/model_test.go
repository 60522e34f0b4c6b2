package place_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"machi/internal/estimate/place"
)

// play runs a ward of four counters and three classes through a day, with
// breaks, people who leave and people who do not come, and returns its events
// in order.
func play(r *rand.Rand, date time.Time, talk time.Duration) (events []place.Event) {
	at := func(d time.Duration) time.Time { return date.Add(d) }
	var free [4]time.Duration
	for i := range free {
		counter := fmt.Sprint("K", i)
		from, lunch := time.Duration(i)*time.Minute, 3*time.Hour+time.Duration(i%2)*time.Hour
		free[i] = from
		events = append(events,
			place.Event{At: at(from), Kind: place.Open, Counter: counter},
			place.Event{At: at(lunch), Kind: place.Close, Counter: counter},
			place.Event{At: at(lunch + 50*time.Minute), Kind: place.Open, Counter: counter},
			place.Event{At: at(8 * time.Hour), Kind: place.Close, Counter: counter})
	}
	for n := range 260 {
		issued := time.Duration(n)*100*time.Second + time.Duration(r.IntN(90))*time.Second
		class, priority := fmt.Sprint("class-", r.IntN(3)), r.IntN(12) == 0
		id := fmt.Sprint(date.Format("0102-"), n)
		e := place.Event{At: at(issued), Ticket: id, Visit: id, Class: class, Priority: priority}
		events = append(events, e)
		if r.IntN(40) == 0 {
			e.Kind, e.At = place.Cancel, at(issued+time.Duration(r.IntN(300))*time.Second)
			events = append(events, e)
			continue
		}
		c := slices.Index(free[:], slices.Min(free[:]))
		called := max(issued, free[c])
		e.Counter, e.Kind, e.At = fmt.Sprint("K", c), place.Call, at(called)
		events = append(events, e)
		free[c] = called + time.Duration((0.4+1.2*r.Float64())*float64(talk))
		e.Kind, e.At = place.Finish, at(free[c])
		if r.IntN(30) == 0 {
			e.Kind = place.NoShow
		}
		events = append(events, e)
	}
	slices.SortStableFunc(events, func(a, b place.Event) int { return a.At.Compare(b.At) })
	return events
}

func observe(t *testing.T, m *place.Model, events []place.Event) (answers []place.Answer) {
	t.Helper()
	for _, e := range events {
		a := m.Observe(e)
		checkAnswer(t, e.Ticket, a)
		if e.Kind == place.Issue {
			answers = append(answers, a)
		}
	}
	return answers
}

// reread writes lessons and reads them again.
func reread(t *testing.T, l *place.Lessons) *place.Lessons {
	t.Helper()
	data, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	again := new(place.Lessons)
	if err := json.Unmarshal(data, again); err != nil {
		t.Fatalf("its own lessons are refused: %v", err)
	}
	if twice, _ := json.Marshal(again); string(twice) != string(data) {
		t.Error("lessons read and written again are others")
	}
	return again
}

func TestADayFromLessonsIsADayThatFollows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	through := place.New(place.Options{})
	var lessons *place.Lessons
	for d := range 5 {
		events := play(r, morning.AddDate(0, 0, d), 5*time.Minute)
		fresh := place.New(place.Options{Lessons: lessons})
		want, got := observe(t, through, events), observe(t, fresh, events)
		if !slices.Equal(want, got) {
			for i := range want {
				if want[i] != got[i] {
					t.Fatalf("day %d, ticket %d: from lessons %+v, without a break %+v", d, i, got[i], want[i])
				}
			}
		}
		lessons = reread(t, fresh.Lessons())
		reread(t, fresh.Lessons()) // asked twice
	}
	if data, _ := json.Marshal(lessons); len(data) > 96<<10 {
		t.Errorf("lessons take %d bytes", len(data))
	}
}

func TestAskingForLessonsChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	asked, left := place.New(place.Options{}), place.New(place.Options{})
	for d := range 2 {
		for i, e := range play(r, morning.AddDate(0, 0, d), 6*time.Minute) {
			if a, b := asked.Observe(e), left.Observe(e); a != b {
				t.Fatalf("event %d: %+v and %+v", i, a, b)
			}
			if i%397 == 0 {
				asked.Lessons()
			}
		}
	}
}

func TestDamagedLessonsAreRefused(t *testing.T) {
	m := place.New(place.Options{})
	observe(t, m, play(rand.New(rand.NewPCG(5, 6)), morning, 5*time.Minute))
	data, _ := json.Marshal(m.Lessons())
	good := string(data)
	for name, bad := range map[string]string{
		"empty":         `{}`,
		"null":          `null`,
		"no object":     `[1]`,
		"cut":           good[:len(good)/2],
		"other version": strings.Replace(good, `"version":1`, `"version":99`, 1),
		"null class":    strings.Replace(good, `"classes":[{`, `"classes":[null,{`, 1),
		"class twice":   strings.Replace(good, `"class-1"`, `"class-0"`, 1),
		"negative":      strings.Replace(good, `"service":[`, `"service":[-4,`, 1),
		"huge":          strings.Replace(good, `"service":[`, `"service":[1e300,`, 1),
		"null group":    strings.Replace(good, `"groups":{`, `"groups":{"x":null,`, 1),
		"no counters":   strings.Replace(good, `"counters":{`, `"elsewhere":{`, 1),
		"odd hours":     strings.Replace(good, `"K1":[`, `"K1":[7,`, 1),
	} {
		var l place.Lessons
		if err := json.Unmarshal([]byte(bad), &l); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// Whatever comes, in whatever order, there is an answer that can be shown, and
// lessons that can be read.
func TestOddEventsAreLivedWith(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 7))
		pick := func(names ...string) string { return names[r.IntN(len(names))] }
		m := place.New(place.Options{Prior: map[string]time.Duration{"a": time.Minute}})
		at := morning
		for i := range 400 {
			at = at.Add(time.Duration(r.ExpFloat64()*200)*time.Second - 30*time.Second)
			if r.IntN(150) == 0 {
				at = at.AddDate(0, 0, r.IntN(4)-1)
			}
			e := place.Event{
				At: at, Kind: place.Kind(r.IntN(9)), Ticket: fmt.Sprint(r.IntN(40)), Class: pick("a", "b", "", "a/delivery"), Priority: r.IntN(3) == 0,
				Counter: pick("", "1", "2", "3"), Visit: pick("", "v", "w"), Unmeasured: r.IntN(5) == 0,
			}
			checkAnswer(t, fmt.Sprint("seed ", seed, " event ", i), m.Observe(e))
			if i%80 == 0 {
				a := m.Look(crowd(r.IntN(30), r.IntN(5), 1+r.IntN(4), at))
				for _, b := range slices.Concat(a.Waiting, a.Ask) {
					checkAnswer(t, "called", b.Called)
					checkAnswer(t, "finished", b.Finished)
				}
				m = place.New(place.Options{Lessons: reread(t, m.Lessons())})
			}
		}
	}
}

// A shock shows within a few visits: the same line is told more.
func TestVisitsThatDoubleAreNoticed(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	m := place.New(place.Options{})
	for d := range 4 {
		observe(t, m, play(r, morning.AddDate(0, 0, d), 6*time.Minute))
	}
	today := play(r, morning.AddDate(0, 0, 4), 15*time.Minute)
	told := func() place.Answer {
		at := morning.AddDate(0, 0, 4).Add(90 * time.Minute)
		s := place.Scene{At: at}
		for i := range 4 {
			s.Seats = append(s.Seats, place.Seat{Counter: fmt.Sprint("K", i), State: place.Opened, Busy: "class-1", Since: at.Add(-time.Minute)})
		}
		for i := range 12 {
			s.Waiting = append(s.Waiting, place.Place{Class: fmt.Sprint("class-", i%3), Issued: at.Add(-time.Minute)})
		}
		s.Ask = []place.Place{{Class: "class-0", After: len(s.Waiting)}}
		return m.Look(s).Ask[0].Called
	}
	before := told()
	visits := 0
	for _, e := range today {
		m.Observe(e)
		if e.Kind == place.Finish {
			visits++
		}
		if visits == 12 {
			break
		}
	}
	if after := told(); after.P50 < 1.4*before.P50 || after.P90-after.P10 < before.P90-before.P10 {
		t.Errorf("after %d visits that take two and a half times as long a newcomer is told %+v, before %+v", visits, after, before)
	}
}

// A counter that goes, on a day like the others, lengthens the wait at once.
func TestACounterThatGoesLengthensTheWait(t *testing.T) {
	m := place.New(place.Options{})
	at := morning
	var told [2]place.Answer
	for i, gone := range []bool{false, true} {
		s := crowd(12, 4, 1, at)
		if gone {
			s.Seats[0].State, s.Seats[0].Busy = place.Closed, ""
			s.Seats[1].State, s.Seats[1].Busy = place.Closed, ""
		}
		told[i] = m.Look(s).Ask[0].Called
	}
	if told[1].P50 < 1.5*told[0].P50 {
		t.Errorf("with half of the counters %+v, with all %+v", told[1], told[0])
	}
}

func BenchmarkObserveIssue(b *testing.B) {
	m := place.New(place.Options{})
	r := rand.New(rand.NewPCG(1, 1))
	for d := range 3 {
		for _, e := range play(r, morning.AddDate(0, 0, d), 5*time.Minute) {
			m.Observe(e)
		}
	}
	at := morning.AddDate(0, 0, 3)
	for i := range 12 {
		m.Observe(place.Event{At: at, Kind: place.Open, Counter: fmt.Sprint("K", i)})
	}
	for i := range 72 {
		m.Observe(place.Event{At: at, Kind: place.Issue, Ticket: fmt.Sprint(i), Class: fmt.Sprint("class-", i%8)})
		if i < 12 {
			m.Observe(place.Event{At: at, Kind: place.Call, Ticket: fmt.Sprint(i), Class: fmt.Sprint("class-", i%8), Counter: fmt.Sprint("K", i)})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Observe(place.Event{At: at, Kind: place.Issue, Ticket: "new", Class: "class-1"})
		m.Observe(place.Event{At: at, Kind: place.Cancel, Ticket: "new", Class: "class-1", Unmeasured: true})
	}
}
