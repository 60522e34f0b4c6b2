// Package follow keeps an estimator in step with the newest day of one office.
//
// It feeds each record once, in the order of the log, and begins again where the
// log has another past than the one that was followed, another day has begun, or
// other lessons have come. So a server, a machine and a file that hold the same
// records and the same lessons answer with the same.
package follow

import (
	"machi/internal/day"
	"machi/internal/estimate"
	"machi/internal/estimate/place"
	"machi/internal/eventlog"
)

// Office follows one office. The zero Office has followed nothing. It is not safe
// for concurrent use.
type Office struct {
	follower *estimate.Follower
	lessons  *place.Lessons
	head     eventlog.Head
	again    int
}

// To brings the estimator to the head of a day, by at most so many records if limit
// is above 0. It returns nil before the first one that opens the day, and while more
// are to come.
func (o *Office) To(d *day.Day, lessons *place.Lessons, limit int) *estimate.Follower {
	if o.follower == nil || lessons != o.lessons || !o.past(d) {
		if o.follower != nil {
			o.again++
		}
		o.follower, o.lessons, o.head = estimate.NewFollower(lessons), lessons, eventlog.Head{}
	}
	for _, r := range d.Records(o.head.Number, limit) {
		if !o.apply(r) {
			o.follower = nil
			return nil
		}
		o.head = r.Head()
	}
	if o.head != d.Head() || !o.follower.State().Opened() {
		return nil
	}
	return o.follower
}

// Behind returns how many records To would feed to come to the head of a day.
func (o *Office) Behind(d *day.Day, lessons *place.Lessons) int {
	if o.follower == nil || lessons != o.lessons || !o.past(d) {
		return int(d.Head().Number)
	}
	return int(d.Head().Number - o.head.Number)
}

// Last returns the estimator as far as it has come, and what it was taught before;
// nil: it has seen no day open yet.
func (o *Office) Last() (*estimate.Follower, *place.Lessons) {
	if o.follower == nil || !o.follower.State().Opened() {
		return nil, o.lessons
	}
	return o.follower, o.lessons
}

// Again returns how often it had to begin again.
func (o *Office) Again() int { return o.again }

// past reports whether the head that was followed lies in the day's own past.
func (o *Office) past(d *day.Day) bool {
	if o.head.Number == 0 {
		return true
	}
	at := d.Records(o.head.Number-1, 1)
	return len(at) == 1 && at[0].Head() == o.head
}

// apply feeds one record. A day that holds it has read it before, so only a day that
// is itself damaged can have one that does not fit.
func (o *Office) apply(r eventlog.Record) bool {
	body, err := eventlog.DecodeBody(r.Body)
	if err != nil {
		return false
	}
	entry, err := day.Entry(body, r.Fact)
	return err == nil && o.follower.Apply(entry) == nil
}
