// Package webtest is a ward in the middle of a morning, for tests and previews of
// pages: real states, played through the domain and projected by board. Its
// moments and its chance are fixed, so every run draws the same pages.
package webtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"machi/internal/board"
	"machi/internal/curve"
	"machi/internal/estimate"
	"machi/internal/queue"
)

// Now is the moment that everything is drawn at.
var Now = time.Date(2026, 4, 1, 10, 42, 7, 0, queue.JST)

// Ward is nine offices in the middle of a morning.
type Ward struct {
	ids     []queue.OfficeID
	infos   map[queue.OfficeID]board.Info
	states  map[queue.OfficeID]*queue.State
	courses map[queue.OfficeID]*curve.Follower
}

// name is an office as the catalogue has it.
type name struct{ id, ja, en, kind string }

func (n name) office() queue.OfficeID { return queue.OfficeID(n.id) }

var names = []name{
	{"km-setagaya", "世田谷総合支所 くみん窓口", "Setagaya Citizens’ Counter", "kumin_madoguchi"},
	{"km-kitazawa", "北沢総合支所 くみん窓口", "Kitazawa Citizens’ Counter", "kumin_madoguchi"},
	{"km-tamagawa", "玉川総合支所 くみん窓口", "Tamagawa Citizens’ Counter", "kumin_madoguchi"},
	{"km-kinuta", "砧総合支所 くみん窓口", "Kinuta Citizens’ Counter", "kumin_madoguchi"},
	{"km-karasuyama", "烏山総合支所 くみん窓口", "Karasuyama Citizens’ Counter", "kumin_madoguchi"},
	{"br-taishido", "太子堂出張所", "Taishido Branch Office", "branch_office"},
	{"br-kyodo", "経堂出張所", "Kyodo Branch Office", "branch_office"},
	{"br-futakotamagawa", "二子玉川出張所", "Futako-Tamagawa Branch Office", "branch_office"},
	{"mn-center", "マイナンバーカードセンター", "My Number Card Center", "mynumber_center"},
}

var services = []struct {
	id, series, ja, en string
	stages             []queue.Stage
}{
	{"moving", "A", "引越しの届出", "Moving in or out", []queue.Stage{"reception", "processing", "delivery"}},
	{"certificate", "B", "住民票・印鑑証明", "Certificates", []queue.Stage{"reception", "delivery"}},
	{"mynumber", "C", "マイナンバーカード", "My Number Card", []queue.Stage{"reception"}},
	{"insurance", "D", "国民健康保険・年金", "Insurance and pension", []queue.Stage{"reception"}},
}

// New plays the morning.
func New() *Ward {
	w := &Ward{infos: map[queue.OfficeID]board.Info{}, states: map[queue.OfficeID]*queue.State{}, courses: map[queue.OfficeID]*curve.Follower{}}
	for i, n := range names {
		id := queue.OfficeID(n.id)
		w.ids = append(w.ids, id)
		info := board.Info{ID: id, Name: board.Text{"ja": n.ja, "en": n.en}, Kind: n.kind, Address: "世田谷4丁目22番35号", Services: map[queue.ServiceID]board.ServiceInfo{}}
		for _, s := range services {
			info.Services[queue.ServiceID(s.id)] = board.ServiceInfo{Name: board.Text{"ja": s.ja, "en": s.en}}
		}
		w.infos[id] = info
		w.states[id], w.courses[id] = fill(id, i)
	}
	return w
}

func settings(id queue.OfficeID) queue.Settings {
	rule := queue.DefaultRule()
	rule.CheckIn = true
	s := queue.Settings{Office: id, Date: "2026-04-01", Version: "1", Rule: rule, Kiosks: []queue.KioskSettings{{ID: "K1"}, {ID: "K2"}, {ID: "K3"}}}
	for _, v := range services {
		s.Services = append(s.Services, queue.ServiceSettings{
			ID: queue.ServiceID(v.id), Series: queue.SeriesID(v.series), Stages: v.stages, Expected: 5 * time.Minute,
			Opens: Now.Add(-132 * time.Minute).Truncate(time.Minute), Closes: Now.Add(378 * time.Minute).Truncate(time.Minute),
		})
		s.Series = append(s.Series, queue.SeriesSettings{ID: queue.SeriesID(v.series), Main: queue.Range{First: 1, Last: 799}})
	}
	all := []queue.ServiceID{"moving", "certificate", "mynumber", "insurance"}
	for n := 1; n <= 6; n++ {
		s.Counters = append(s.Counters, queue.CounterSettings{ID: queue.CounterID(strconv.Itoa(n)), Services: all, Stages: []queue.Stage{"reception", "delivery"}})
	}
	return s
}

type filler struct {
	state  *queue.State
	course *curve.Follower
	n      int
	id     queue.OfficeID
}

func (f *filler) do(at time.Time, c queue.Command) {
	f.n++
	m := queue.Meta{Command: queue.CommandID(fmt.Sprintf("%s-%d", f.id, f.n)), At: at, Actor: queue.Actor{Role: "staff", ID: "佐藤"}}
	events, err := queue.Decide(f.state, m, c)
	if err != nil {
		return
	}
	e := queue.Entry{Meta: m, Events: events}
	if err := errors.Join(f.state.Apply(e), f.course.Apply(e)); err != nil {
		panic(fmt.Sprintf("webtest: %v", err)) // what was decided must apply
	}
}

// fill plays a morning: people come, counters call and finish.
func fill(id queue.OfficeID, busy int) (*queue.State, *curve.Follower) {
	f := &filler{state: queue.New(), course: curve.New(), id: id}
	at := Now.Add(-130 * time.Minute)
	f.do(at, queue.OpenDay{Settings: settings(id)})
	open := 5 - busy%4
	for n := 1; n <= open; n++ {
		f.do(at, queue.OpenCounter{Counter: queue.CounterID(strconv.Itoa(n)), Staff: "佐藤"})
	}
	chance := rand.New(rand.NewPCG(uint64(busy), 7))
	for serial := 1; at.Before(Now); at = at.Add(time.Duration(75+busy*22) * time.Second) {
		c := queue.IssueTicket{Ticket: queue.TicketID(fmt.Sprintf("%s-%d", id, serial)), Service: queue.ServiceID(services[chance.IntN(4)].id), Channel: "kiosk", Priority: serial%9 == 0}
		c.Quote = &queue.Quote{Ahead: 3, Low: 10 * time.Minute, P50: 14 * time.Minute, High: 20 * time.Minute}
		if serial%7 == 0 {
			c.Language = "en"
		}
		f.do(at, c)
		serial++
		f.serve(at, open, chance)
	}
	f.aside()
	return f.state, f.course
}

func (f *filler) serve(at time.Time, open int, chance *rand.Rand) {
	for n := 1; n <= open; n++ {
		counter := queue.CounterID(strconv.Itoa(n))
		c, _ := f.state.Counter(counter)
		t, ok := f.state.Ticket(c.Ticket)
		switch {
		case !ok:
			f.do(at.Add(time.Duration(n)*time.Second), queue.CallNext{Counter: counter})
		case t.Status == queue.Called:
			f.do(at, queue.Start{Ticket: t.ID})
		case chance.IntN(5) < 2:
			f.do(at, queue.Finish{Ticket: t.ID, Processing: t.Line.Service == "moving" && t.Line.Stage == "reception"})
		}
	}
}

// aside sets some tickets apart, as on any morning, and frees counter 1.
func (f *filler) aside() {
	at := Now.Add(-40 * time.Second)
	ready := 0
	for _, t := range f.state.Tickets() {
		if t.Status == queue.Processing && ready < 3 {
			f.do(at, queue.MarkReady{Ticket: t.ID})
			ready++
		}
	}
	one, _ := f.state.Counter("1")
	f.do(at, queue.Start{Ticket: one.Ticket})
	f.do(at, queue.Hold{Ticket: one.Ticket, Reason: "書類を記入中"})
	f.do(at.Add(10*time.Second), queue.CallNext{Counter: "1"})
	one, _ = f.state.Counter("1")
	f.do(at.Add(12*time.Second), queue.MarkNoShow{Ticket: one.Ticket})
	two, _ := f.state.Counter("2")
	f.do(at.Add(20*time.Second), queue.AskHelp{Counter: "2", Text: "ベトナム語の通訳をお願いします"})
	f.do(at.Add(22*time.Second), queue.FlagTicket{Ticket: two.Ticket, Flag: queue.FlagPrintUnknown})
	f.do(at.Add(24*time.Second), queue.IssueTicket{Ticket: queue.TicketID(f.id + "-9001"), Service: "moving", Channel: "web", Secret: "home"})
}

// machines are three ticket machines: one is well, one has lost its line, and the
// third was never connected. At the second office the first has no paper.
func (w *Ward) machines(id queue.OfficeID) ([]board.Machine, []board.Offer) {
	well := queue.KioskReport{Version: "1.4.0", Printer: "ok", Paper: "ok", Link: "online", Store: "ok", Clock: "ok", Offset: -42 * time.Millisecond}
	empty := well
	empty.Paper, empty.Printer = queue.PaperOut, queue.PrinterError
	health := map[queue.KioskID]board.Health{
		"K1": {Report: well, Printed: 128, Heard: Now.Add(-4 * time.Second), Since: Now.Add(-2 * time.Hour), Offers: []board.Offer{
			{Service: "certificate", Kind: "convenience_store", Shown: 54, Taken: 9}, {Service: "moving", Kind: "online", Shown: 31, Taken: 3},
		}},
		"K2": {Report: well, Printed: 77, Heard: Now.Add(-25 * time.Minute), Silent: true},
	}
	switch id {
	case w.ids[1]:
		health["K1"] = board.Health{Report: empty, Printed: 210, Heard: Now.Add(-2 * time.Second), Since: Now.Add(-3 * time.Minute)}
	case w.ids[0]:
	default:
		delete(health, "K2")
	}
	devices := map[queue.KioskID]board.Device{"K1": {Enrolled: true}}
	return board.Machines(w.states[id], health, devices), board.Offers(health)
}

func (w *Ward) board(id queue.OfficeID) board.Office {
	return board.Project(w.infos[id], w.states[id], w.waits(id))
}

// known holds what is estimated: every ward is the same, and nothing moves in it.
var known sync.Map

func (w *Ward) waits(id queue.OfficeID) estimate.Office {
	if o, ok := known.Load(id); ok {
		return o.(estimate.Office)
	}
	o := estimate.Estimate(w.states[id], Now)
	known.Store(id, o)
	return o
}

// Offices returns all public views.
func (w *Ward) Offices() []board.Office {
	var list []board.Office
	for _, id := range w.ids {
		list = append(list, w.board(id))
	}
	return list
}

// Office returns one public view.
func (w *Ward) Office(id queue.OfficeID) (board.Office, bool) {
	if _, ok := w.states[id]; !ok {
		return board.Office{}, false
	}
	return w.board(id), true
}

// Ticket finds the last ticket of the first office in a state, such as
// "waiting": the state stands for the secret. "away" finds one taken from home.
func (w *Ward) Ticket(secret string) (board.TicketStatus, bool) {
	id := w.ids[0]
	for _, t := range slices.Backward(w.states[id].Tickets()) {
		if string(t.Status) == secret && !t.Away || t.Away && secret == "away" {
			return board.Ticket(w.infos[id], w.states[id], t, w.waits(id)), true
		}
	}
	return board.TicketStatus{}, false
}

// Console returns a clerk's view.
func (w *Ward) Console(id queue.OfficeID, counter queue.CounterID) (board.Console, bool) {
	if _, ok := w.states[id]; !ok {
		return board.Console{}, false
	}
	c, ok := board.ProjectConsole(w.infos[id], w.states[id], counter, w.waits(id))
	c.Machines, _ = w.machines(id)
	return c, ok
}

// Dashboards returns a manager's views.
func (w *Ward) Dashboards() []board.Dashboard {
	var list []board.Dashboard
	for _, id := range w.ids {
		d := board.ProjectDashboard(w.infos[id], w.states[id], w.waits(id))
		d.Machines, d.Offers = w.machines(id)
		list = append(list, d)
	}
	return list
}
