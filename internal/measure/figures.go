package measure

import (
	"time"
)

// Figures are what is known of a number of visits, or with [ByStage] of a number of
// times that somebody stood in a line.
type Figures struct {
	// Days counts the office-days of the part, with or without a visit; Logged those of
	// them whose table tells Restored, Recalls and Transfers; Counted those of which
	// Offered, Diverted and Offline are known. Of the others these are not zero, but
	// unknown.
	Days, Logged, Counted int

	Arrivals int // numbers given; of a line: how often somebody stood in it
	Called   int // of them, called at least once
	Served   int // of them, served at least once
	NoShow   int // called, did not come, never served
	Left     int // withdrawn, or sent away, never served; or a number from home with which nobody came
	Unseen   int // the day ended first: left unseen
	Priority int
	Channels Channels

	// Of those Called whose wait is known and who did not ask for more time (that is
	// UntilCalled.Count): called within 15 and 30 minutes.
	Within15, Within30 int
	Postponed          int // asked for more time: in no wait

	Absent    int // calls that nobody answered, also of those who came back
	Restored  int
	Recalls   int
	Transfers int
	Alone     int // numbers that a machine gave on its own

	Appointments Appointments
	Told         Told

	// Offered and Diverted are ways not to wait at machines: shown, and taken. Offline is
	// how long machines worked without a server in reception hours, added up. No hour is
	// known of them: with [ByHour] and [ByHalfHour] they stand in the total alone.
	Offered, Diverted int
	Offline           time.Duration
	// Open is how long counters were open, added up, Busy how long of it they had called
	// somebody. Where a question names a service or splits by service or stage, Open is
	// zero: a counter serves several.
	Open, Busy time.Duration
	// ByHour counts Arrivals by the hour of the day.
	ByHour [hours]int

	UntilCalled Dist // arrival to first call
	Visit       Dist // arrival to leaving, of those whose visit came to its end
	Service     Dist // talks at the reception
	Processing  Dist // in the back office
	Delivery    Dist // from ready for delivery until it was handed over
	ToldError   Dist // between the middle of what was told and the wait, either way
}

// Channels counts how numbers were asked for.
type Channels struct{ Kiosk, Reception, Web, Appointment int }

// Appointments counts visits by appointment. Kept were served, Missed were not.
type Appointments struct{ Booked, Kept, Missed int }

// Told counts what became of the ranges that people were told, as package promise
// defines it. Bias is the sum of wait minus middle: above zero people waited longer.
type Told struct {
	People, Kept, Early, Late int
	Bias                      time.Duration
}

// MeanBias is how much longer than told people waited on the mean.
func (t Told) MeanBias() time.Duration {
	if t.People == 0 {
		return 0
	}
	return t.Bias / time.Duration(t.People)
}

// Share returns a part of a whole from 0 to 1; false: there is no whole.
func Share(part, whole int) (float64, bool) {
	if whole <= 0 {
		return 0, false
	}
	return float64(part) / float64(whole), true
}

// Peak says how flat the days are: arrivals of the busiest hour of the day over those
// of the mean hour, 1 where all are alike. Hours in which fewer than one in a hundred
// came do not count. False: nobody came.
func (f Figures) Peak() (peak float64, ok bool) {
	all, most, sum, hours := 0, 0, 0, 0
	for _, n := range f.ByHour {
		all += n
	}
	for _, n := range f.ByHour {
		if n > 0 && n*100 >= all {
			most, sum, hours = max(most, n), sum+n, hours+1
		}
	}
	if hours == 0 {
		return 0, false
	}
	return float64(most) * float64(hours) / float64(sum), true
}

// Minutes of staff time that one of each saves, by estimate: a machine hands out a
// number that a clerk would have, who takes a number from home does not ask on the
// phone how long it takes, and who is offered a way not to wait does not come to a
// counter, which saves the talk (its median).
const (
	SavedPerKiosk = 30 * time.Second
	SavedPerWeb   = 90 * time.Second
)

// Saved is an estimate of the staff time that was saved:
// Kiosk = tickets of machines x [SavedPerKiosk], Web = tickets from home x
// [SavedPerWeb], Diverted = visits diverted x the median talk.
type Saved struct{ Kiosk, Web, Diverted time.Duration }

// Total adds them up.
func (s Saved) Total() time.Duration { return s.Kiosk + s.Web + s.Diverted }

// Saved returns the staff time that was saved.
func (f Figures) Saved() Saved {
	return Saved{
		Kiosk:    time.Duration(f.Channels.Kiosk) * SavedPerKiosk,
		Web:      time.Duration(f.Channels.Web) * SavedPerWeb,
		Diverted: time.Duration(f.Diverted) * f.Service.P50,
	}
}

// Plus returns the figures of both together. Neither is changed.
func (f Figures) Plus(o Figures) Figures { return Sum([]Row{{Figures: f}, {Figures: o}}) }

// Sum returns the figures of all rows together.
func Sum(rows []Row) Figures {
	var f Figures
	var piles [dists]pile
	for _, r := range rows {
		f = f.counts(r.Figures)
		for i, d := range r.dists() {
			piles[i].sum += d.sum
			piles[i].top = max(piles[i].top, d.Max)
			piles[i].add(d.bins)
		}
	}
	b := new(bench)
	for i, d := range f.dists() {
		*d = piles[i].dist(b)
	}
	return f
}

// counts returns the figures with what is counted of others.
func (f Figures) counts(o Figures) Figures {
	f.Days, f.Logged, f.Counted = f.Days+o.Days, f.Logged+o.Logged, f.Counted+o.Counted
	f.Arrivals, f.Called, f.Served = f.Arrivals+o.Arrivals, f.Called+o.Called, f.Served+o.Served
	f.NoShow, f.Left, f.Unseen = f.NoShow+o.NoShow, f.Left+o.Left, f.Unseen+o.Unseen
	f.Priority += o.Priority
	f.Channels.Kiosk += o.Channels.Kiosk
	f.Channels.Reception += o.Channels.Reception
	f.Channels.Web += o.Channels.Web
	f.Channels.Appointment += o.Channels.Appointment
	f.Within15, f.Within30, f.Postponed = f.Within15+o.Within15, f.Within30+o.Within30, f.Postponed+o.Postponed
	f.Absent, f.Restored, f.Recalls, f.Transfers = f.Absent+o.Absent, f.Restored+o.Restored, f.Recalls+o.Recalls, f.Transfers+o.Transfers
	f.Alone += o.Alone
	f.Appointments.Booked += o.Appointments.Booked
	f.Appointments.Kept += o.Appointments.Kept
	f.Appointments.Missed += o.Appointments.Missed
	f.Told.People += o.Told.People
	f.Told.Kept += o.Told.Kept
	f.Told.Early += o.Told.Early
	f.Told.Late += o.Told.Late
	f.Told.Bias += o.Told.Bias
	f.Offered, f.Diverted, f.Offline = f.Offered+o.Offered, f.Diverted+o.Diverted, f.Offline+o.Offline
	f.Open, f.Busy = f.Open+o.Open, f.Busy+o.Busy
	for i, n := range o.ByHour {
		f.ByHour[i] += n
	}
	return f
}

// dists lists the distributions, in the order in which sheets keep them.
func (f *Figures) dists() [dists]*Dist {
	return [dists]*Dist{&f.UntilCalled, &f.Visit, &f.Service, &f.Processing, &f.Delivery, &f.ToldError}
}

// dists is how many distributions there are.
const dists = 6
