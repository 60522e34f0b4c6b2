package notify

import "machi/internal/queue"

// verdict says what a rule asks for now.
type verdict int

const (
	notYet  verdict = iota
	now             // tell
	tooLate         // there is nothing to tell any more
)

// fires says whether a rule is due, and what is to be told. Whoever is called hears
// just that, whatever the rule; at a counter nobody needs to hear anything.
func (w When) fires(s Standing) (Kind, verdict) {
	delivery := s.Stage == queue.StageDelivery
	switch {
	case s.Status.Final():
		return "", tooLate
	case w.Ready:
		return w.readyFires(s, delivery)
	case s.Status == queue.Serving, s.Status == queue.Processing:
		return "", tooLate // the turn that was waited for has come
	case s.Called:
		return Called, now
	case s.Status != queue.Waiting:
		return "", notYet // held, or missed: it may wait again
	case w.People > 0 && s.Ahead <= w.People:
		return Near, now
	case w.Minutes > 0 && s.Span.Known() && s.Span.Low <= w.Minutes:
		return Near, now
	}
	return "", notYet
}

func (w When) readyFires(s Standing, delivery bool) (Kind, verdict) {
	switch {
	case !delivery:
		return "", notYet
	case s.Status == queue.Serving:
		return "", tooLate
	case s.Called:
		return Called, now
	case s.Status == queue.Waiting:
		return Ready, now
	}
	return "", notYet
}
