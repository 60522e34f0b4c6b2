package curve

import (
	"time"

	"machi/internal/queue"
)

// Picture is the course of an office's day beside the usual one.
type Picture struct {
	Date queue.Date
	AsOf time.Time
	// Opens is when the first number is given and Closes when the last; equal on a day
	// off. Points may go on behind it, while people still wait.
	Opens, Closes time.Time
	Lines         []Line // all services together, then each
	Usual         Usual
}

// Line is the course of one service.
type Line struct {
	Service queue.ServiceID // [All]: of all together
	Points  []Point         // of the day so far
	Usual   []Half          // nil: too few days to say
}

// Line returns the course of a service; false: the office has none.
func (p Picture) Line(service queue.ServiceID) (Line, bool) {
	for _, l := range p.Lines {
		if l.Service == service {
			return l, true
		}
	}
	return Line{}, false
}

// Picture returns the day as it was followed, up to a moment, beside a usual one.
func (f *Follower) Picture(now time.Time, usual Usual) Picture {
	p := Expected(*f.state.Settings(), now, usual)
	for i := range p.Lines {
		p.Lines[i].Points = f.Points(p.Lines[i].Service, now)
	}
	return p
}

// Expected returns a day of which nothing has been seen, beside a usual one.
func Expected(settings queue.Settings, now time.Time, usual Usual) Picture {
	p := Picture{Date: settings.Date, AsOf: now, Usual: usual}
	p.Opens, p.Closes = hours(settings)
	ids := []queue.ServiceID{All}
	for _, v := range settings.Services {
		ids = append(ids, v.ID)
	}
	for _, id := range ids {
		l := Line{Service: id}
		for _, h := range usual.Of(id) {
			if at := h.From; p.Opens.Before(p.Closes) && at+Slot > clock(p.Opens) && at < clock(p.Closes) {
				l.Usual = append(l.Usual, h)
			}
		}
		p.Lines = append(p.Lines, l)
	}
	return p
}

// hours returns when the first number is given and when the last; equal on a day off.
func hours(settings queue.Settings) (first, last time.Time) {
	for _, v := range settings.Services {
		if !v.Opens.Before(v.Closes) {
			continue
		}
		if opens := v.Opens.Add(-v.Early); first.IsZero() || opens.Before(first) {
			first = opens
		}
		last = later(last, v.Closes)
	}
	return first, last
}

// clock is the time of day of a moment.
func clock(t time.Time) time.Duration {
	h, m, s := t.In(queue.JST).Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
}
