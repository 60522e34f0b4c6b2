package calendar

import "time"

// Closure is a run of days on which an office does not keep its week: it is closed,
// or has other hours, for one reason.
type Closure struct {
	From, To Day // both included
	Hours    Hours
	Reason   string
}

// Closures lists the days between two, both included, on which an office does not
// keep its week. Neighbouring days with one reason are one closure. Days off that
// come every week are not listed.
func (s Schedule) Closures(from, to Day) []Closure {
	var list []Closure
	for d := from; !d.utc().After(to.utc()); d = d.Add(1) {
		usual, is := s.usual(d), s.On(d)
		if is.Opens == usual.Opens && is.Closes == usual.Closes || is.Closed() && usual.Closed() {
			continue
		}
		if n := len(list); n > 0 && list[n-1].To.Add(1) == d && list[n-1].Hours == is {
			list[n-1].To = d
			continue
		}
		list = append(list, Closure{From: d, To: d, Hours: is, Reason: is.Reason})
	}
	return list
}

// usual returns the hours that the week gives a day.
func (s Schedule) usual(d Day) Hours {
	switch d.Weekday() {
	case time.Sunday:
		return s.Sunday
	case time.Saturday:
		return s.Saturday
	}
	return s.Weekdays
}
