package estimate

import (
	"strings"
	"time"

	"machi/internal/queue"
)

// Conditions are what the log does not say. They are an input like any other: with
// the same ones the same log gives the same answers.
type Conditions struct {
	// Silent are the machines that nobody hears of, and since when.
	Silent []Silence
}

// Silence is a machine of which nothing was heard since a moment.
type Silence struct {
	Kiosk queue.KioskID
	Since time.Time
}

// given is what a machine gave today, as far as the log knows.
type given struct {
	newest time.Time // when the log last had anything of it
	issues []issue
}

type issue struct {
	at    time.Time
	class string
}

// lately is the time by whose tickets a silent machine is judged.
const lately = time.Hour

// note takes in what machines gave.
func (f *Follower) note(e queue.Entry) {
	if e.Actor.Role != queue.RoleKiosk {
		return
	}
	id, _, _ := strings.Cut(e.Actor.ID, "/")
	g := f.given[queue.KioskID(id)]
	if g == nil {
		g = &given{}
		f.given[queue.KioskID(id)] = g
	}
	if e.At.After(g.newest) {
		g.newest = e.At
	}
	for _, event := range e.Events {
		if t, is := event.(queue.TicketIssued); is {
			g.issues = append(g.issues, issue{t.IssuedAt, Class(queue.Line{Service: t.Service, Stage: queue.StageReception})})
		}
	}
	for len(g.issues) > 0 && g.newest.Sub(g.issues[0].at) > lately {
		g.issues = g.issues[1:]
	}
}

// unseen is how many tickets of each class silent machines have probably given by
// now: as many as they gave in the hour before, for as long as they are silent.
func (f *Follower) unseen(at time.Time, c Conditions) map[string]float64 {
	var unseen map[string]float64
	for _, silence := range c.Silent {
		g := f.given[silence.Kiosk]
		if g == nil {
			continue // it has given none today
		}
		since := silence.Since
		if g.newest.After(since) {
			since = g.newest
		}
		share := float64(min(at.Sub(since), lately)) / float64(lately)
		if share <= 0 {
			continue
		}
		if unseen == nil {
			unseen = map[string]float64{}
		}
		for _, i := range g.issues {
			unseen[i.class] += share
		}
	}
	return unseen
}
