package duty

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/alert"
	"machi/internal/ledger"
	"machi/internal/notify/outbox"
	"machi/internal/queue"
)

// Open returns the alerts that go on, with the newest figures, the most urgent first.
func (k *Keeper) Open() []alert.Alert {
	d, looks := k.now()
	if d == nil {
		return nil
	}
	d.mu.Lock()
	list := d.book.Open(k.o.Now())
	d.mu.Unlock()
	alert.Refresh(list, looks)
	return list
}

// Today returns the alerts of the day that runs, as far as this server has read them.
func (k *Keeper) Today() []alert.Alert {
	d, _ := k.now()
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.book.All()
}

// Rules say when an office's alerts begin.
func (k *Keeper) Rules(office queue.OfficeID) alert.Rules { return k.o.Rules(office) }

// Waiting counts the alerts at the offices that wait for somebody.
func (k *Keeper) Waiting(may func(queue.OfficeID) bool) (n int) {
	now := k.o.Now()
	for _, a := range k.Open() {
		if a.Waits(now) && may(a.Office) {
			n++
		}
	}
	return n
}

func (k *Keeper) now() (*day, map[queue.OfficeID]alert.Look) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.day, k.looks
}

// Day returns the alerts of a business day, the newest first; those of an empty date are
// today's. It returns [alert.ErrNotKept] for a day that is not kept, and what keeps the store from
// being read.
func (k *Keeper) Day(ctx context.Context, date queue.Date) ([]alert.Alert, error) {
	now := k.o.Now()
	today := queue.BusinessDay(now)
	if date == "" || date == today {
		d, err := k.today(ctx)
		if err != nil {
			return nil, err
		}
		d.mu.Lock()
		list := d.book.All()
		d.mu.Unlock()
		_, looks := k.now()
		alert.Refresh(list, looks)
		slices.Reverse(list)
		return list, nil
	}
	if date > today || date < queue.BusinessDay(now.AddDate(0, 0, -k.o.KeepDays)) {
		return nil, alert.ErrNotKept
	}
	return k.before(ctx, date)
}

// before reads a day that is over. What went on then ended with it.
func (k *Keeper) before(ctx context.Context, date queue.Date) ([]alert.Alert, error) {
	k.mu.Lock()
	list, known := k.past[date]
	k.mu.Unlock()
	if known {
		return slices.Clone(list), nil
	}
	d, err := k.open(ctx, date)
	if err != nil {
		return nil, err
	}
	for _, e := range d.book.EndAll(endOf(date)) {
		d.book.Apply(e)
	}
	list = d.book.All()
	slices.Reverse(list)
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.past) < KeepDays {
		k.past[date] = list
	}
	return slices.Clone(list), nil
}

// endOf returns when a business day ends.
func endOf(date queue.Date) time.Time {
	midnight, err := time.ParseInLocation(time.DateOnly, string(date), queue.JST)
	if err != nil {
		return time.Time{}
	}
	return midnight.AddDate(0, 0, 1).Add(3 * time.Hour)
}

// Act does what a person wants with an alert of an office, and returns it as it is then.
// It returns [alert.ErrUnknown], [alert.ErrOver], [alert.ErrTaken], or what keeps the
// store from being written.
func (k *Keeper) Act(ctx context.Context, office queue.OfficeID, id string, v alert.Verb, by string, until time.Time) (alert.Alert, error) {
	d, err := k.today(ctx)
	if err != nil {
		return alert.Alert{}, err
	}
	err = d.box.Write(ctx, func() ([]entry, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if a, ok := d.book.Get(id); !ok || a.Office != office {
			return nil, alert.ErrUnknown
		}
		events, err := d.book.Act(id, v, by, until, k.o.Now())
		switch {
		case err != nil:
			return nil, err
		case len(events) == 0:
			return nil, ledger.ErrDone
		}
		return notes(events)
	})
	if err != nil {
		return alert.Alert{}, err
	}
	a, _ := d.get(id)
	return a, nil
}

func notes(events []alert.Event) ([]entry, error) {
	var list []entry
	for _, e := range events {
		raw, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		list = append(list, outbox.Note[letter](raw))
	}
	return list, nil
}

// gauge tells how many alerts go on.
type gauge struct{ k *Keeper }

var openAlerts = prometheus.NewDesc("machi_alerts_open", "Alerts that go on, by whether somebody has taken them over.", []string{"office", "kind", "taken"}, nil)

// Describe names the metric.
func (gauge) Describe(to chan<- *prometheus.Desc) { to <- openAlerts }

// Collect counts the alerts.
func (g gauge) Collect(to chan<- prometheus.Metric) {
	type labels struct{ office, kind, taken string }
	n := map[labels]int{}
	for _, a := range g.k.Open() {
		l := labels{string(a.Office), string(a.Kind), "no"}
		if a.By != "" {
			l.taken = "yes"
		}
		n[l]++
	}
	for l, count := range n {
		to <- prometheus.MustNewConstMetric(openAlerts, prometheus.GaugeValue, float64(count), l.office, l.kind, l.taken)
	}
}
