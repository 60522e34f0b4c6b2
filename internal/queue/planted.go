package queue

import (
	"time"

	"machi/internal/planted"
)

// This file holds the bugs that a tagged build can plant in the rules, to prove
// that the simulated world finds them. In an ordinary build each is a constant
// false, and the compiler removes it.

// utcDay is the business day of somebody who forgot where the office is.
func utcDay(at time.Time) (Date, bool) {
	return Date(at.UTC().Format(time.DateOnly)), planted.On(planted.DayByUTC)
}

// countedNumber is the count of the series' tickets plus one.
func (s *State) countedNumber(series SeriesSettings) (Number, bool) {
	if !planted.On(planted.NumberByCount) {
		return "", false
	}
	count := 0
	for _, t := range s.tickets {
		letter, n, overflow, ok := t.Number.parse()
		if ok && !overflow && letter == string(series.ID) && series.Main.Contains(n) {
			count++
		}
	}
	return formatNumber(series.ID, count+1), true
}

// wraps begins a range again that is used up.
func wraps() bool { return planted.On(planted.RangeWraps) }

// reuses gives a new store the range of the old one.
func reuses() bool { return planted.On(planted.RangeReused) }

// keepsNoShow leaves a ticket a no-show under a number that nobody held.
func keepsNoShow() bool { return planted.On(planted.KeepsNoShow) }

// byReceipt orders a ticket by when the log got it.
func (s *State) byReceipt(f stamped) stamped {
	if issue, is := f.event.(TicketIssued); is && planted.On(planted.OrderByArrival) && s.moment.After(issue.Arrival) {
		issue.Arrival = s.moment
		f.event = issue
	}
	return f
}

// insertRecalled puts a ticket into its line that is at a counter.
func (s *State) insertRecalled(e stamped) {
	if _, is := e.event.(TicketRecalled); is && planted.On(planted.RecallInserts) {
		t := s.tickets[e.event.ticket()]
		s.lines[t.Line] = append(s.lines[t.Line], t)
	}
}

// callsAway lets the rule call who has not come.
func callsAway() bool { return planted.On(planted.AwayCalled) }

// forgetsCall takes a called ticket from its counter when a machine gives it up.
func forgetsCall() bool { return planted.On(planted.CallForgotten) }

// arriveNow puts who checks in behind everybody.
func (t *Ticket) arriveNow(at time.Time) {
	if planted.On(planted.ArrivalMoves) {
		t.Arrival = at
	}
}

// reportsAll takes every report for news.
func reportsAll() bool { return planted.On(planted.ReportsAll) }

// asksUncounted lets who asks for one service overtake all others unseen.
func asksUncounted() bool { return planted.On(planted.AsksUncounted) }

// forgetsPress takes a press for as old as its entry.
func forgetsPress() bool { return planted.On(planted.PressForgot) }

// refusesServed refuses what a clerk has served for what the ticket is meanwhile.
func refusesServed(t *Ticket) bool {
	return planted.On(planted.ServeRefused) && t.Status != Waiting && t.Status != Called
}
