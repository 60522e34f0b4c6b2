package estimatetest

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"machi/internal/estimate/place"
)

// order sorts as logs are: by the second, and in it what ends before what begins.
func order(events []happening) {
	slices.SortStableFunc(events, func(a, b happening) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return a.rank - b.rank
	})
}

// told are the events as the log of this world tells them.
func (g *game) told() []place.Event {
	var out []place.Event
	for _, h := range g.events {
		e := h.Event
		if g.NoHours && (e.Kind == place.Open || e.Kind == place.Close) {
			continue
		}
		if g.NoCounters {
			e.Counter = ""
		}
		if g.NoPriority {
			e.Priority = false
		}
		if g.NoVisits {
			e.Visit = ""
		}
		out = append(out, e)
	}
	return out
}

// Skills are what the counters of a world serve, nil if its log does not tell.
func (w World) Skills() map[string][]string {
	if w.NoSkills || w.NoCounters {
		return nil
	}
	skills := map[string][]string{}
	for _, c := range w.Counters {
		skills[c.Name] = c.Serves
	}
	return skills
}

// rates are tickets per day and service at which all counters together are just
// busy: each divides its hours among its services by their share.
func rates(w World) map[string]float64 {
	work, mean := map[string]float64{}, map[string]float64{}
	for _, s := range w.Services {
		mean[s.Name] = s.Time.Mean + w.Gap.Mean
		if !s.Inner {
			flow(w, s.Name, s.Share, work)
		}
	}
	capacity := map[string]float64{}
	for _, c := range w.Counters {
		hours := (w.Closes - w.Opens) * hour
		if c.Shift.to > 0 {
			hours = (c.Shift.to - c.Shift.from) * hour
		}
		if c.Lunch > 0 {
			hours -= w.LunchLong * minute
		}
		if c.Reserve {
			hours *= 0.4
		}
		sum := 0.0
		for _, s := range c.Serves {
			sum += work[s] * mean[s]
		}
		for _, s := range c.Serves {
			capacity[s] += hours * (1 - w.Absent) * work[s] * mean[s] / sum
		}
	}
	// The tightest service that people come to from outside, and those behind it.
	rates := map[string]float64{}
	for _, s := range w.Services {
		if s.Inner {
			continue
		}
		through := map[string]float64{}
		flow(w, s.Name, 1, through)
		least := -1.0
		for name, n := range through {
			if fit := capacity[name] / mean[name] / n * (s.Share * n / work[name]); least < 0 || fit < least {
				least = fit
			}
		}
		rates[s.Name] = least
	}
	return rates
}

// flow adds the visits to a service and all behind it.
func flow(w World, name string, n float64, into map[string]float64) {
	if n < 1e-3 {
		return
	}
	into[name] += n
	for _, s := range w.Services {
		if s.Name == name {
			for _, next := range s.Then {
				flow(w, next.Service, n*next.Share, into)
			}
		}
	}
}

var names = [...]string{
	place.Issue: "issue", place.Call: "call", place.Finish: "finish", place.NoShow: "noshow",
	place.Cancel: "cancel", place.Open: "open", place.Close: "close", place.Return: "return",
}

// Write writes events as machi estimate --stream reads them.
func Write(w io.Writer, events []place.Event) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "time,event,ticket,service,priority,counter,visit")
	for _, e := range events {
		priority := ""
		if e.Ticket != "" {
			priority = map[bool]string{false: "0", true: "1"}[e.Priority]
		}
		fields := []string{e.At.Format("2006-01-02T15:04:05"), names[e.Kind], e.Ticket, e.Class, priority, e.Counter, e.Visit}
		fmt.Fprintln(out, strings.Join(fields, ","))
	}
	return out.Flush()
}
