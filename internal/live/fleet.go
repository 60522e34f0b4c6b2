package live

import (
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/board"
	"machi/internal/queue"
)

// SilentAfter is how long a machine may be silent. It reports every 15 seconds;
// several servers share its reports, so a few may go to others.
const SilentAfter = 150 * time.Second

// fleet keeps what each ticket machine said last. It holds one report per machine
// of the catalogue: whoever calls hear has checked that the office knows it.
type fleet struct {
	wall    func() time.Time // what silence is measured by: no rehearsal hurries it
	started time.Time

	mu    sync.Mutex
	heard map[queue.OfficeID]map[queue.KioskID]heard
}

type heard struct {
	board.Health
	wall   time.Time
	counts []board.Offer // as the machine counts: from zero at each of its starts
	alone  time.Duration // the same
}

func newFleet(wall func() time.Time) *fleet {
	return &fleet{wall: wall, started: wall(), heard: map[queue.OfficeID]map[queue.KioskID]heard{}}
}

func (f *fleet) hear(office queue.OfficeID, kiosk queue.KioskID, h board.Health) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.heard[office] == nil {
		f.heard[office] = map[queue.KioskID]heard{}
	}
	before, known := f.heard[office][kiosk]
	h.Since = h.Heard
	if known && before.Report.SameWords(h.Report) {
		h.Since = before.Since
	}
	now := heard{h, f.wall(), h.Offers, h.Alone}
	if known && queue.BusinessDay(before.Health.Heard) == queue.BusinessDay(h.Heard) {
		now.Offers = sum(before, h.Offers)
		if now.Alone += before.Alone; h.Alone >= before.alone {
			now.Alone -= before.alone // it has counted on
		}
	}
	f.heard[office][kiosk] = now
}

// maxOffers bounds the offers that are kept of one machine.
const maxOffers = 200

// sum returns the day's offers so far, when a machine has counted on. A count that
// has become smaller began anew.
func sum(before heard, counts []board.Offer) []board.Offer {
	same := func(o board.Offer) func(board.Offer) bool {
		return func(x board.Offer) bool { return x.Service == o.Service && x.Kind == o.Kind }
	}
	total := slices.Clone(before.Offers)
	for _, o := range counts {
		var was board.Offer
		if i := slices.IndexFunc(before.counts, same(o)); i >= 0 {
			was = before.counts[i]
		}
		if o.Shown < was.Shown || o.Taken < was.Taken {
			was = board.Offer{}
		}
		switch i := slices.IndexFunc(total, same(o)); {
		case i >= 0:
			total[i].Shown += o.Shown - was.Shown
			total[i].Taken += o.Taken - was.Taken
		case len(total) < maxOffers:
			total = append(total, o)
		}
	}
	return total
}

// health returns what is known of the machines of an office. One that was never
// heard is silent once the server has run for long enough to have heard it.
func (f *fleet) health(office queue.OfficeID, kiosks []queue.KioskSettings) map[queue.KioskID]board.Health {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := map[queue.KioskID]board.Health{}
	for _, k := range kiosks {
		h, known := f.heard[office][k.ID]
		if !known {
			h.wall = f.started
		}
		h.Silent = f.wall().Sub(h.wall) > SilentAfter
		all[k.ID] = h.Health
	}
	return all
}

// Hear notes what a machine says of itself. The caller has checked that the
// office has the machine.
func (h *Hub) Hear(office queue.OfficeID, kiosk queue.KioskID, health board.Health) {
	h.fleet.hear(office, kiosk, health)
}

// Heard returns what was heard of an office's machines on a date: those of which
// nothing was heard are not there.
func (h *Hub) Heard(office queue.OfficeID, date queue.Date) map[queue.KioskID]board.Health {
	f := h.fleet
	f.mu.Lock()
	defer f.mu.Unlock()
	all := map[queue.KioskID]board.Health{}
	for kiosk, one := range f.heard[office] {
		if queue.BusinessDay(one.Health.Heard) == date {
			all[kiosk] = one.Health
		}
	}
	return all
}

// machines returns what staff see of the machines of an office.
func (h *Hub) machines(office queue.OfficeID, s *queue.State) ([]board.Machine, []board.Offer) {
	health := h.fleet.health(office, s.Settings().Kiosks)
	var devices map[queue.KioskID]board.Device
	if h.options.Devices != nil {
		devices = h.options.Devices(office)
	}
	return board.Machines(s, health, devices), board.Offers(health)
}

var (
	byMachine = []string{"office", "kiosk"}
	online    = prometheus.NewDesc("machi_kiosk_online", "1 while the machine reports to this server, 0 once it is silent.", byMachine, nil)
	unsent    = prometheus.NewDesc("machi_kiosk_unsent", "Records of the machine that wait for the server.", byMachine, nil)
	offset    = prometheus.NewDesc("machi_kiosk_clock_offset_seconds", "The server's clock minus the machine's.", byMachine, nil)
	printed   = prometheus.NewDesc("machi_kiosk_printed_today", "Slips that the machine printed today.", byMachine, nil)
	word      = prometheus.NewDesc("machi_kiosk_state", "1 for the word that the machine says of a part of itself.", append(byMachine, "part", "word"), nil)
	offered   = prometheus.NewDesc("machi_kiosk_offers_today", "Ways not to wait that were shown and taken today.", append(byMachine, "kind", "what"), nil)
)

// Describe names the machines' metrics.
func (f *fleet) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{online, unsent, offset, printed, word, offered} {
		to <- d
	}
}

// Collect tells what the machines said last.
func (f *fleet) Collect(to chan<- prometheus.Metric) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for office, machines := range f.heard {
		for kiosk, h := range machines {
			f.collect(to, h, string(office), string(kiosk))
		}
	}
}

func (f *fleet) collect(to chan<- prometheus.Metric, h heard, labels ...string) {
	gauge := func(d *prometheus.Desc, value float64, more ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, append(labels[:2:2], more...)...)
	}
	up := 1.0
	if f.wall().Sub(h.wall) > SilentAfter {
		up = 0
	}
	gauge(online, up)
	gauge(unsent, float64(h.Report.Unsent))
	gauge(offset, h.Report.Offset.Seconds())
	gauge(printed, float64(h.Printed))
	for part, says := range map[string]string{
		"printer": h.Report.Printer, "paper": h.Report.Paper, "link": h.Report.Link, "store": h.Report.Store, "clock": h.Report.Clock,
	} {
		gauge(word, 1, part, says)
	}
	shown, taken := map[string]int{}, map[string]int{}
	for _, o := range h.Offers {
		shown[o.Kind] += o.Shown
		taken[o.Kind] += o.Taken
	}
	for kind := range shown {
		gauge(offered, float64(shown[kind]), kind, "shown")
		gauge(offered, float64(taken[kind]), kind, "taken")
	}
}
