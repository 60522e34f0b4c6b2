package queue

import (
	"time"

	"machi/internal/quota"
)

// FromHome says how tickets are taken from home. The zero value is: not at all, but
// by programs that the ward trusts.
type FromHome struct {
	quota.Rule
	On  bool `json:"on,omitempty"`  // the office's catalogue allows it
	Off bool `json:"off,omitempty"` // its manager has stopped it
	// Keep is the least time for which the place of a ticket is kept; where its
	// holder was told a longer wait, it is kept that long.
	Keep time.Duration `json:"keep,omitempty"`
	// Expire is how long after that a ticket that nobody has checked in lives on.
	Expire time.Duration `json:"expire,omitempty"`
}

// Open reports whether residents can take tickets.
func (f FromHome) Open() bool { return f.On && !f.Off }

// Marks of who takes a ticket from home. They are made anew each day and lead back
// to nobody: a device is a random word, and many networks share a mark.
type Marks struct {
	Device  string `json:"device,omitempty"`
	Network string `json:"network,omitempty"`
}

// HomeDay returns what the bounds on tickets from home are counted on.
func (s *State) HomeDay() quota.Day {
	var d quota.Day
	for _, t := range s.Tickets() {
		switch {
		case t.Channel == ChannelWeb:
			d.Home = append(d.Home, quota.Taken{At: t.IssuedAt, Device: t.Marks.Device, Network: t.Marks.Network, Live: !t.Status.Final()})
		case t.Number != "":
			d.Others = append(d.Others, t.IssuedAt)
		}
	}
	return d
}

// checkHome refuses a ticket from home that is one too many. It is asked of the
// newest state that the log has, so no two servers give the last one.
func checkHome(s *State, m Meta, c IssueTicket) error {
	home := s.settings.Rule.Home
	switch {
	case c.Channel != ChannelWeb:
		return nil
	case !home.On && c.Marks == Marks{}:
		return nil // a program of the ward's, where no rule bounds it
	case !home.Open():
		return refuse(HomeOff, "")
	}
	a := home.Ask(s.HomeDay(), quota.Wish{At: m.At, Device: c.Marks.Device, Network: c.Marks.Network, Slow: c.Slow})
	if a.Granted() {
		return nil
	}
	code := map[quota.Bound]Code{quota.Device: HomeDevice, quota.Network: HomeNetwork}[a.Bound]
	if code == "" {
		code = HomeQuota
	}
	refusal := &Refusal{Code: code}
	if !a.Opens.IsZero() {
		refusal.Have = a.Opens.In(JST).Format(time.RFC3339)
	}
	return refusal
}

// keepUntil returns until when a ticket from home keeps the place of its issue:
// whoever comes as told has lost nothing.
func keepUntil(s *State, m Meta, c IssueTicket) time.Time {
	home := s.settings.Rule.Home
	if c.Channel != ChannelWeb || !home.On || !s.settings.Rule.CheckIn {
		return time.Time{}
	}
	keep := home.Keep
	if c.Quote != nil {
		keep = max(keep, c.Quote.High)
	}
	return m.At.Add(keep)
}

// late returns the place of a ticket that is checked in after its place was given
// up: that of somebody who takes one now. Zero keeps the place.
func (t *Ticket) late(at time.Time) time.Time {
	if t.KeepUntil.IsZero() || !at.After(t.KeepUntil) {
		return time.Time{}
	}
	return at
}

// unclaimed returns when a ticket lapses whose holder does not come.
func (s *State) unclaimed(t *Ticket) (time.Time, bool) {
	if !t.Away || t.Status != Waiting || t.KeepUntil.IsZero() || !s.settings.Rule.CheckIn {
		return time.Time{}, false
	}
	return t.KeepUntil.Add(s.settings.Rule.Home.Expire), true
}
