package kiosk

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"machi/internal/estimate"
	"machi/internal/queue"
)

const (
	// othersEvery is how often the other offices are asked for at most, and
	// othersGood how long an answer is believed.
	othersEvery = 60 * time.Second
	othersGood  = 150 * time.Second
	// maxOthers is how many other offices are proposed for a service.
	maxOthers = 3
)

// others is how busy the other offices are, as of the newest answer.
type others struct {
	mu    sync.Mutex
	asked time.Duration // on the timer; 0: never
	at    time.Duration // of the newest answer
	waits map[destination]estimate.Range
}

// destination is a service at another office.
type destination struct {
	office  queue.OfficeID
	service queue.ServiceID
}

// officesAnswer is what is read of GET /api/v1/offices.
type officesAnswer struct {
	Offices []struct {
		ID       queue.OfficeID `json:"id"`
		Services []struct {
			ID          queue.ServiceID `json:"id"`
			Accepting   bool            `json:"accepting"`
			UntilCalled *struct {
				Low  int `json:"low_seconds"`
				High int `json:"high_seconds"`
			} `json:"until_called"`
		} `json:"services"`
	} `json:"offices"`
}

// askOthers asks the server how busy the neighbours are, if that is due.
func (k *Kiosk) askOthers(ctx context.Context) {
	timer := k.watch.now().Timer
	k.others.mu.Lock()
	due := k.others.asked == 0 || timer-k.others.asked >= othersEvery
	if due {
		k.others.asked = max(1, timer)
	}
	k.others.mu.Unlock()
	if !due {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	var out officesAnswer
	if err := k.client.call(ctx, http.MethodGet, k.client.base.JoinPath(".."), "", nil, &out); err != nil {
		return // the figures that are known grow old, and are then shown no more
	}
	k.others.keep(out, timer)
}

func (o *others) keep(out officesAnswer, timer time.Duration) {
	waits := map[destination]estimate.Range{}
	for _, office := range out.Offices {
		for _, v := range office.Services {
			if !v.Accepting {
				continue
			}
			w := estimate.Range{}
			if v.UntilCalled != nil {
				second := func(n int) time.Duration { return time.Duration(n) * time.Second }
				w = estimate.Range{Known: true, Low: second(v.UntilCalled.Low), High: second(v.UntilCalled.High)}
			}
			waits[destination{office.ID, v.ID}] = w
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.at, o.waits = max(1, timer), waits
}

// wait returns how long one waits for a service elsewhere; a zero range where that
// is not known, and false where the other office is known to take nobody now.
func (o *others) wait(at destination, timer time.Duration) (estimate.Range, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at == 0 || timer-o.at > othersGood {
		return estimate.Range{}, true
	}
	w, accepting := o.waits[at]
	return w, accepting
}

// ScreenInstead is an offer as a visitor sees it.
type ScreenInstead struct {
	Instead
	Name        Words `json:"name,omitempty"` // of another office
	LowMinutes  int   `json:"low_minutes,omitempty"`
	HighMinutes int   `json:"high_minutes,omitempty"` // 0: not known
}

// instead lists what else a visitor could do: what the ward proposes, in its
// order, then the other offices where the wait is shortest.
func (k *Kiosk) instead(plan *Plan, id queue.ServiceID) []ScreenInstead {
	var list, elsewhere []ScreenInstead
	timer := k.watch.now().Timer
	general := Instead{Kind: officeKind}
	for _, i := range plan.Service(id).Instead {
		switch {
		case i.Kind != officeKind:
			list = append(list, ScreenInstead{Instead: i})
		case i.Office == "":
			general = i
		default:
			if o, ok := k.elsewhere(i, plan.nameOf(i.Office), id, timer); ok {
				elsewhere = append(elsewhere, o)
			}
		}
	}
	for _, n := range plan.Elsewhere {
		named := slices.ContainsFunc(elsewhere, func(o ScreenInstead) bool { return o.Office == n.Office })
		if named || !slices.Contains(n.Services, id) {
			continue
		}
		i := general
		i.Office = n.Office
		if o, ok := k.elsewhere(i, n.Name, id, timer); ok {
			elsewhere = append(elsewhere, o)
		}
	}
	if len(elsewhere) == 0 && len(general.Text) > 0 {
		elsewhere = append(elsewhere, ScreenInstead{Instead: general})
	}
	slices.SortStableFunc(elsewhere, func(a, b ScreenInstead) int { return a.order() - b.order() })
	return append(list, elsewhere[:min(len(elsewhere), maxOthers)]...)
}

// officeKind is the kind of an offer that is another office.
const officeKind = "office"

func (k *Kiosk) elsewhere(i Instead, name Words, id queue.ServiceID, timer time.Duration) (ScreenInstead, bool) {
	wait, accepting := k.others.wait(destination{i.Office, id}, timer)
	o := ScreenInstead{Instead: i, Name: name}
	o.LowMinutes, o.HighMinutes = minutes(wait)
	return o, accepting
}

// order puts the shortest wait first, and those that nobody knows last.
func (o ScreenInstead) order() int {
	if o.HighMinutes == 0 {
		return 1 << 20
	}
	return o.HighMinutes
}

func (p *Plan) nameOf(id queue.OfficeID) Words {
	for _, n := range p.Elsewhere {
		if n.Office == id {
			return n.Name
		}
	}
	return nil
}
