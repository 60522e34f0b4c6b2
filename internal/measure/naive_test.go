package measure_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"machi/internal/calendar"
	"machi/internal/history"
	"machi/internal/history/profile"
	"machi/internal/measure"
	"machi/internal/promise"
	"machi/internal/queue"
)

// naive counts tables row by row, into plain lists, for one key at a time.
type naive struct {
	f     measure.Figures
	lists [6][]time.Duration
	any   bool
}

// world is closed days with what was counted beside them.
type world struct {
	tables []history.Day
	extras map[queue.OfficeID]map[queue.Date]measure.Extra
}

func (w world) extra(d history.Day) measure.Extra { return w.extras[d.Office][d.Date] }

// months counts the world as a server does.
func (w world) months() []*measure.Month {
	by := map[string][]*measure.Sheet{}
	for _, d := range w.tables {
		key := string(d.Office) + string(d.Date[:7])
		by[key] = append(by[key], measure.Of(d, w.extra(d)))
	}
	var list []*measure.Month
	for _, sheets := range by {
		list = append(list, measure.MonthOf(sheets...))
	}
	return list
}

func halfOf(t time.Time) int {
	clock := t.In(queue.JST)
	return clock.Hour()*2 + clock.Minute()/30
}

// keyOf says to which row something belongs.
func keyOf(q measure.Query, d history.Day, service queue.ServiceID, stage queue.Stage, half int) measure.Key {
	date, _ := calendar.ParseDay(string(d.Date))
	var k measure.Key
	for _, by := range q.By {
		switch by {
		case measure.ByOffice:
			k.Office = d.Office
		case measure.ByService:
			k.Service = service
		case measure.ByStage:
			k.Stage = stage
		case measure.ByHour:
			k.Half = half - half%2
		case measure.ByHalfHour:
			k.Half = half
		case measure.ByWeekday:
			k.Weekday = map[time.Weekday]int{time.Monday: 1, time.Tuesday: 2, time.Wednesday: 3, time.Thursday: 4, time.Friday: 5, time.Saturday: 6, time.Sunday: 7}[date.Weekday()]
		case measure.ByKind:
			k.Kind = profile.KindOf(date)
		case measure.ByDate:
			k.Date = d.Date
		case measure.ByMonth:
			k.Month = string(d.Date)[:7]
		case measure.ByYear:
			k.Year = date.Year
		case measure.ByFiscal:
			k.Fiscal = date.Year
			if date.Month <= 3 {
				k.Fiscal--
			}
		}
	}
	return k
}

// ask recounts a question from the tables themselves.
func (w world) ask(q measure.Query) (map[measure.Key]*naive, *naive) {
	rows, total := map[measure.Key]*naive{}, &naive{}
	has := func(by measure.Dimension) bool { return slices.Contains(q.By, by) }
	timed, split := has(measure.ByHour) || has(measure.ByHalfHour), has(measure.ByService) || has(measure.ByStage)
	for _, d := range w.tables {
		if d.Date < q.From || d.Date > q.To || len(q.Offices) > 0 && !slices.Contains(q.Offices, d.Office) {
			continue
		}
		in := func(service queue.ServiceID, stage queue.Stage, at time.Time) []*naive {
			if len(q.Services) > 0 && !slices.Contains(q.Services, service) {
				return nil
			}
			k := keyOf(q, d, service, stage, halfOf(at))
			if rows[k] == nil {
				rows[k] = &naive{}
			}
			rows[k].any = true
			return []*naive{rows[k], total}
		}
		for _, v := range d.Visits {
			if !has(measure.ByStage) {
				for _, n := range in(v.Service, "", arrived(v)) {
					n.visit(v)
				}
			}
			for i := range v.Legs {
				legOf(v, i, in, has(measure.ByStage))
			}
		}
		if len(q.Services) == 0 && !split {
			for _, s := range d.Spells {
				for at := s.From; at.Before(s.To); at = at.Add(time.Minute) {
					for _, n := range in("", "", at) {
						n.f.Open += min(time.Minute, s.To.Sub(at))
					}
				}
			}
		}
		if has(measure.ByStage) {
			continue
		}
		x := w.extra(d)
		for _, o := range x.Offers {
			list := []*naive{total}
			if !timed {
				list = in(o.Service, "", time.Time{})
			}
			if len(q.Services) > 0 && !slices.Contains(q.Services, o.Service) {
				continue
			}
			for _, n := range list {
				n.f.Offered += o.Shown
				n.f.Diverted += o.Taken
			}
		}
		if len(q.Services) == 0 {
			total.f.Offline += x.Offline
			if !timed && !split {
				rows[keyOf(q, d, "", "", 0)].f.Offline += x.Offline
			}
		}
	}
	return rows, total
}

func arrived(v history.Visit) time.Time {
	if v.Arrived.IsZero() || v.Arrived.Before(v.Issued) {
		return v.Issued
	}
	return v.Arrived
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (n *naive) visit(v history.Visit) {
	f := &n.f
	served, absent := false, 0
	for _, l := range v.Legs {
		served = served || l.Outcome == history.Served
		absent += one(l.Outcome == history.NoShow)
	}
	called, was := v.Called()
	f.Arrivals++
	f.ByHour[arrived(v).In(queue.JST).Hour()]++
	f.Called += one(was)
	f.Served += one(served)
	f.NoShow += one(!served && v.Outcome == history.NoShow)
	lapsed := slices.Contains(v.Flags, "never_came")
	f.Left += one(!served && (v.Outcome == history.Left || v.Outcome == history.Expired && lapsed))
	f.Unseen += one(!served && v.Outcome == history.Expired && !lapsed)
	f.Priority += one(v.Priority)
	f.Channels.Kiosk += one(v.Channel == "kiosk")
	f.Channels.Reception += one(v.Channel == "reception")
	f.Channels.Web += one(v.Channel == "web")
	f.Channels.Appointment += one(v.Channel == "appointment")
	f.Absent += absent
	f.Restored += v.Restored
	f.Recalls += v.Recalled
	f.Transfers += v.Moved
	f.Alone += one(slices.Contains(v.Flags, queue.FlagOffline))
	f.Appointments.Booked += one(!v.Appointment.IsZero())
	f.Appointments.Kept += one(!v.Appointment.IsZero() && served)
	f.Appointments.Missed += one(!v.Appointment.IsZero() && !served)
	if p := promise.Of(v); p.Compared() {
		f.Told.People++
		f.Told.Kept += one(p.Fate == promise.Kept)
		f.Told.Early += one(p.Fate == promise.Early)
		f.Told.Late += one(p.Fate == promise.Late)
		f.Told.Bias += p.Waited - p.Middle
		n.lists[5] = append(n.lists[5], (p.Waited - p.Middle).Abs())
	}
	f.Postponed += one(v.Later > 0)
	if v.Later > 0 || unsure(v) {
		return
	}
	if was {
		n.wait(max(0, called.Sub(arrived(v))))
	}
	if served && v.Outcome == history.Served {
		n.lists[1] = append(n.lists[1], v.Ended.Sub(arrived(v)))
	}
}

func (n *naive) wait(d time.Duration) {
	n.lists[0] = append(n.lists[0], d)
	n.f.Within15 += one(d <= 15*time.Minute)
	n.f.Within30 += one(d <= 30*time.Minute)
}

func unsure(v history.Visit) bool {
	l := v.Legs[0]
	return slices.Contains(v.Flags, queue.FlagClock) || l.Unmeasured && !l.Called.IsZero() && l.Called.Equal(l.Finished)
}

func legOf(v history.Visit, i int, in func(queue.ServiceID, queue.Stage, time.Time) []*naive, lines bool) {
	l := v.Legs[i]
	if l.Unmeasured && l.Joined.Equal(l.Finished) {
		return
	}
	if lines {
		for _, n := range in(l.Service, l.Stage, l.Joined) {
			n.f.Arrivals++
			n.f.ByHour[l.Joined.In(queue.JST).Hour()]++
			n.f.Called += one(!l.Called.IsZero())
			n.f.Served += one(l.Outcome == history.Served)
			n.f.NoShow += one(l.Outcome == history.NoShow)
			lapsed := l.Outcome == history.Expired && slices.Contains(v.Flags, "never_came")
			n.f.Left += one(l.Outcome == history.Left || lapsed)
			n.f.Unseen += one(l.Outcome == history.Expired && !lapsed)
			if !l.Called.IsZero() && (i > 0 || v.Later == 0 && !unsure(v)) {
				n.wait(l.Called.Sub(l.Joined))
			}
		}
	}
	if !l.Called.IsZero() && l.Finished.After(l.Called) && l.Finished.Sub(l.Called) <= 4*time.Hour {
		for _, n := range in(l.Service, l.Stage, l.Called) {
			n.f.Busy += l.Finished.Sub(l.Called)
		}
	}
	if l.Outcome == history.Served && !l.Unmeasured {
		list, begun := 2, l.Started
		if l.Stage == queue.StageDelivery {
			list, begun = 4, l.Joined
		}
		for _, n := range in(l.Service, l.Stage, begun) {
			n.lists[list] = append(n.lists[list], l.Finished.Sub(begun))
		}
	}
	if l.Stage == queue.StageDelivery && i > 0 && v.Legs[i-1].Finished.Before(l.Joined) {
		for _, n := range in(l.Service, queue.StageProcessing, v.Legs[i-1].Finished) {
			if lines {
				n.f.Arrivals++
				n.f.Served++
				n.f.ByHour[v.Legs[i-1].Finished.In(queue.JST).Hour()]++
			}
			n.lists[3] = append(n.lists[3], l.Joined.Sub(v.Legs[i-1].Finished))
		}
	}
}

// differ compares figures with a recount; empty: they agree.
func (n *naive) differ(got measure.Figures) string {
	want := n.f
	for i, d := range []*measure.Dist{&got.UntilCalled, &got.Visit, &got.Service, &got.Processing, &got.Delivery, &got.ToldError} {
		if text := differ(*d, n.lists[i]); text != "" {
			return fmt.Sprintf("distribution %d: %s", i, text)
		}
		*d = measure.Dist{}
	}
	got.Days, got.Logged, got.Counted = 0, 0, 0
	if a, b := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); a != b {
		return fmt.Sprintf("\n got %s\nwant %s", a, b)
	}
	return ""
}

// differ compares a distribution with the list itself.
func differ(got measure.Dist, list []time.Duration) string {
	if got.Count != len(list) {
		return fmt.Sprintf("%d times, want %d", got.Count, len(list))
	}
	if len(list) == 0 {
		return ""
	}
	slices.Sort(list)
	sum := time.Duration(0)
	for _, d := range list {
		sum += d
	}
	if got.Sum() != sum || got.Mean != sum/time.Duration(len(list)) || got.Max != list[len(list)-1] {
		return fmt.Sprintf("sum %v, mean %v, max %v, want %v, %v, %v", got.Sum(), got.Mean, got.Max, sum, sum/time.Duration(len(list)), list[len(list)-1])
	}
	for percent := range 101 {
		q, _ := got.Quantile(float64(percent) / 100)
		exact := list[max(0, (len(list)*percent+99)/100-1)]
		if off := (q - exact).Abs(); off > exact/200+time.Millisecond {
			return fmt.Sprintf("quantile %d is %v, exactly %v", percent, q, exact)
		}
	}
	return ""
}

// someWorld makes up a few offices over the turn of a fiscal year.
func someWorld(seed uint64) world {
	chance := rand.New(rand.NewPCG(seed, 1))
	w := world{extras: map[queue.OfficeID]map[queue.Date]measure.Extra{}}
	for _, office := range []queue.OfficeID{"east", "west", "north"} {
		w.extras[office] = map[queue.Date]measure.Extra{}
		for n := 350; n < 400; n++ {
			if chance.IntN(3) > 0 {
				continue
			}
			d := tableOf(chance.Uint64(), office, dateOf(n), chance.IntN(25))
			if chance.IntN(2) == 0 {
				w.extras[office][d.Date] = measure.Extra{
					Known: true, Offers: []measure.Offer{{services[chance.IntN(8)], 5, 1}, {"nobody-came", 2, 1}}, Offline: time.Duration(chance.IntN(9)) * time.Minute,
				}
			}
			w.tables = append(w.tables, d)
		}
	}
	return w
}

func TestEveryAnswerIsWhatANaiveRecountSays(t *testing.T) {
	for seed := range uint64(3) {
		w, chance := someWorld(seed), rand.New(rand.NewPCG(seed, 2))
		months := w.months()
		for range 12 {
			q := measure.Query{From: dateOf(345 + chance.IntN(20)), To: dateOf(370 + chance.IntN(25))}
			for _, by := range measure.Dimensions {
				if chance.IntN(4) == 0 && (by != measure.ByHalfHour || !slices.Contains(q.By, measure.ByHour)) {
					q.By = append(q.By, by)
				}
			}
			if chance.IntN(3) == 0 {
				q.Offices = []queue.OfficeID{"east", "north"}[:1+chance.IntN(2)]
			}
			if chance.IntN(3) == 0 {
				q.Services = services[chance.IntN(7):][:2]
			}
			compare(t, w, months, q)
		}
	}
}

func compare(t *testing.T, w world, months []*measure.Month, q measure.Query) {
	t.Helper()
	a, err := measure.Gather(q, slices.Values(months))
	if err != nil {
		t.Fatal(err)
	}
	rows, total := w.ask(q)
	if text := total.differ(a.Total); text != "" {
		t.Fatalf("%+v: total: %s", q, text)
	}
	for _, r := range a.Rows {
		n, ok := rows[r.Key]
		if !ok {
			n = &naive{} // a day without visits
		}
		if text := n.differ(r.Figures); text != "" {
			t.Fatalf("%+v: %+v: %s", q, r.Key, text)
		}
		delete(rows, r.Key)
	}
	for k, n := range rows {
		if n.any {
			t.Fatalf("%+v: no row %+v", q, k)
		}
	}
}
