package page

import (
	"context"
	"slices"

	"machi/internal/alert"
	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
)

// Alerts are what managers should act on.
type Alerts interface {
	// Open returns the alerts that go on, with the newest figures, the most urgent first.
	Open() []alert.Alert
	// Day returns the alerts of a business day, the newest first; empty: today. It returns
	// [alert.ErrNotKept] for a day that is not kept.
	Day(ctx context.Context, date queue.Date) ([]alert.Alert, error)
	// Rules say when an office's alerts begin.
	Rules(office queue.OfficeID) alert.Rules
}

// NoAlerts are those of a server that looks for none.
type NoAlerts struct{}

// Open returns nothing.
func (NoAlerts) Open() []alert.Alert { return nil }

// Day returns nothing.
func (NoAlerts) Day(context.Context, queue.Date) ([]alert.Alert, error) { return nil, nil }

// Rules returns the usual ones.
func (NoAlerts) Rules(queue.OfficeID) alert.Rules { return alert.Usual() }

// Lives are the newest views of an office in full, for its manager.
type Lives interface {
	Live(office queue.OfficeID) (board.Live, bool)
	// Screens lists the registered wall screens of an office.
	Screens(office queue.OfficeID) []alert.ScreenState
}

// NoLives are those of a server that shows none.
type NoLives struct{}

// Live finds nothing.
func (NoLives) Live(queue.OfficeID) (board.Live, bool) { return board.Live{}, false }

// Screens lists nothing.
func (NoLives) Screens(queue.OfficeID) []alert.ScreenState { return nil }

// The bases of an [Outlook].
const (
	FromPlay     = "play"     // the rest of the day was played from how it stands
	FromForecast = "forecast" // the day's forecast, made before it began
	FromUsual    = "usual"    // how days of the kind usually go, at today's level
)

// Outlook is the waits that are expected of the hours to come, each service's half hours
// by time.
type Outlook struct {
	Basis string
	List  []alert.Expected
}

// Aheads tell what is expected of the hours to come; false: nothing can be said. They
// answer from memory.
type Aheads interface {
	Ahead(office queue.OfficeID) (Outlook, bool)
}

// NoAheads are those of a server that expects nothing.
type NoAheads struct{}

// Ahead finds nothing.
func (NoAheads) Ahead(queue.OfficeID) (Outlook, bool) { return Outlook{}, false }

// AlertWords is an alert in words.
type AlertWords struct {
	What  string // is wrong
	Where string // within the office; empty: the office as a whole
	Facts string // in figures; empty: there are none
	Do    string // the next step
}

// WordsOf puts an alert into words.
func WordsOf(v ui.View, a alert.Alert, service func(queue.ServiceID) board.Text) AlertWords {
	w := AlertWords{What: v.T("alert.what." + string(a.Kind))}
	name := ""
	if a.Service != "" {
		name = v.Name(service(a.Service))
		w.Where = where(v, a, name, service)
	}
	switch a.Kind {
	case alert.Help:
		w.What = v.T("alert.what.help", "c", a.Counter)
	case alert.Machine, alert.Care:
		w.What, w.Where = v.Or("trouble."+a.What, "trouble.other"), v.T("machine.name", "k", a.Kiosk)
	case alert.Screen:
		w.What, w.Where = v.T("alert.what.screen."+a.What), v.T("alert.screen", "name", a.Name)
	case alert.Ahead:
		w.What = v.T("alert.what.ahead", "at", v.Hour(a.At))
	}
	if slices.Contains(withFacts, a.Kind) {
		w.Facts = factWords(v, a)
	}
	w.Do = doWords(v, a, name)
	return w
}

// withFacts are the kinds that are told in figures.
var withFacts = []alert.Kind{alert.Nobody, alert.Long, alert.Growing, alert.Slow, alert.Ahead, alert.Unknown}

func factWords(v ui.View, a alert.Alert) string {
	return v.T("alert.facts."+string(a.Kind), "n", a.Waiting, "t", v.Span(a.Seconds), "limit", v.Span(a.Limit), "before", a.Before, "was", v.Span(a.Before), "at", v.Hour(a.At))
}

// shownAlso bounds the services that an alert names beside the first.
const shownAlso = 2

func where(v ui.View, a alert.Alert, name string, service func(queue.ServiceID) board.Text) string {
	for i, id := range a.Also {
		if i == shownAlso {
			name += v.T("alert.also.more", "n", len(a.Also)-i)
			break
		}
		name += v.T("alert.also") + v.Name(service(id))
	}
	if a.Stage == queue.StageDelivery {
		return v.T("alert.delivery", "service", name)
	}
	return name
}

func doWords(v ui.View, a alert.Alert, service string) string {
	switch {
	case a.Kind == alert.Machine || a.Kind == alert.Care:
		return v.Or("trouble."+a.What+".do", "trouble.other.do")
	case a.Kind == alert.Screen:
		return v.T("alert.do.screen." + a.What)
	case a.Step.Do == alert.AskWhy:
		return v.T("alert.do.ask." + string(a.Kind))
	}
	do := v.T("alert.do."+a.Step.Do, "c", a.Step.Counter, "service", service, "at", v.Hour(a.At))
	if !a.At.IsZero() && a.Step.Do != alert.Plan {
		do = v.T("alert.do.by", "at", v.Hour(a.At), "do", do)
	}
	return do
}
