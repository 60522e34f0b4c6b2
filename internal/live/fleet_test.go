package live_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/board"
	"machi/internal/live"
	"machi/internal/queue"
)

// hand is a clock that a test moves.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hand) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// A machine that stops reporting is silent, whatever it said last; one that was
// never heard is, once the server has run for long enough to have heard it.
func TestAMachineThatStopsReportingIsSilent(t *testing.T) {
	o := newOffices(t)
	settings := *o.state.Settings()
	settings.Version, settings.Kiosks = "2", []queue.KioskSettings{{ID: "K1"}, {ID: "K2"}}
	o.do(queue.ChangeSettings{Settings: settings})
	wall := &hand{at: morning}
	registry := prometheus.NewRegistry()
	h, _ := hub(t, o, func(options *live.Options) {
		options.Wall, options.Registerer = wall.now, registry
		options.Devices = func(queue.OfficeID) map[queue.KioskID]board.Device {
			return map[queue.KioskID]board.Device{"K2": {Enrolled: true}}
		}
	})
	fine := board.Health{Heard: morning, Report: queue.KioskReport{Printer: "ok", Paper: "ok", Link: "online"}}
	h.Hear("o", "K1", fine)
	check := func(when string, online float64, want ...board.MachineState) {
		t.Helper()
		machines, _ := snapshot(t, h).Machines()
		for i, m := range machines {
			if m.State != want[i] {
				t.Errorf("%s: %s is %s, want %s", when, m.ID, m.State, want[i])
			}
		}
		if got := gauge(t, registry, "machi_kiosk_online"); got != online {
			t.Errorf("%s: machi_kiosk_online is %v, want %v", when, got, online)
		}
	}
	check("at first", 1, board.MachineOK, board.MachineOK)
	wall.advance(live.SilentAfter)
	check("at the limit", 1, board.MachineOK, board.MachineOK)
	wall.advance(time.Second)
	check("past the limit", 0, board.MachineSilent, board.MachineSilent)
	h.Hear("o", "K1", fine)
	check("heard again", 1, board.MachineOK, board.MachineSilent)
}

func TestAMachinesStateBeginsWithItsWords(t *testing.T) {
	o := newOffices(t)
	settings := *o.state.Settings()
	settings.Version, settings.Kiosks = "2", []queue.KioskSettings{{ID: "K1"}}
	o.do(queue.ChangeSettings{Settings: settings})
	h, _ := hub(t, o, nil)
	for i, row := range []struct {
		paper string
		since time.Duration
	}{{"ok", 0}, {"ok", 0}, {"out", 2 * time.Minute}, {"out", 2 * time.Minute}} {
		h.Hear("o", "K1", board.Health{Heard: morning.Add(time.Duration(i) * time.Minute), Report: queue.KioskReport{Paper: row.paper, Unsent: i}})
		machines, _ := snapshot(t, h).Machines()
		m := machines[0]
		if !m.Since.Equal(morning.Add(row.since)) || m.Unsent != i || !m.Heard.Equal(morning.Add(time.Duration(i)*time.Minute)) {
			t.Errorf("report %d: %+v, want since %v", i, m, row.since)
		}
	}
}

// A machine counts from zero after each start; the day's sum stays.
func TestOffersAreAddedUpOverAMachinesStarts(t *testing.T) {
	o := newOffices(t)
	settings := *o.state.Settings()
	settings.Version, settings.Kiosks = "2", []queue.KioskSettings{{ID: "K1"}}
	o.do(queue.ChangeSettings{Settings: settings})
	h, _ := hub(t, o, nil)
	online := func(shown, taken int) []board.Offer {
		return []board.Offer{{Service: "cert", Kind: "online", Shown: shown, Taken: taken}}
	}
	for i, row := range []struct {
		at   time.Time
		says []board.Offer
		want []board.Offer
		when string
	}{
		{morning, online(3, 1), online(3, 1), "the first report"},
		{morning, online(5, 1), online(5, 1), "it counted on"},
		{morning, online(5, 1), online(5, 1), "nothing happened"},
		{morning, nil, online(5, 1), "it started anew"},
		{morning, online(2, 2), online(7, 3), "and counted from zero"},
		{morning, online(1, 0), online(8, 3), "it started anew between two reports"},
		{morning.Add(24 * time.Hour), online(1, 0), online(1, 0), "the next day"},
	} {
		h.Hear("o", "K1", board.Health{Heard: row.at, Offers: row.says})
		if _, got := snapshot(t, h).Machines(); !slices.Equal(got, row.want) {
			t.Errorf("%d, %s: %+v, want %+v", i, row.when, got, row.want)
		}
	}
}

// gauge returns the only value of a metric.
func gauge(t *testing.T, from prometheus.Gatherer, name string) float64 {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name && len(f.GetMetric()) == 1 {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("%s is not measured once", name)
	return 0
}

func TestTimeWithoutAServerAddsUpOverRestarts(t *testing.T) {
	h, _ := hub(t, newOffices(t), nil)
	say := func(at time.Time, minutes, want time.Duration) {
		t.Helper()
		h.Hear("o", "K1", board.Health{Heard: at, Alone: minutes * time.Minute})
		if got := h.Heard("o", queue.BusinessDay(at))["K1"].Alone; got != want*time.Minute {
			t.Errorf("%d minutes said: %v, want %d minutes", minutes, got, want)
		}
	}
	for _, step := range [][2]time.Duration{{0, 0}, {5, 5}, {5, 5}, {9, 9}, {2, 11}, {3, 12}} { // started again after the nine
		say(morning, step[0], step[1])
	}
	say(morning.AddDate(0, 0, 1), 1, 1)
	if got := h.Heard("o", queue.BusinessDay(morning)); len(got) > 0 {
		t.Errorf("of the day before: %v", got)
	}
}
