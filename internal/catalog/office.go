package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"machi/internal/queue"
)

// The pages of the staff stand beside offices, those of an office beside its
// counters: nothing of the catalogue may hide one.
var (
	pagesOfStaff = []string{
		"login", "logout", "first", "me", "oidc", "practice", "keys",
		"alerts", "history", "forecast", "staffing", "whatif", "reports", "screens", "signs", "emergency",
	}
	pagesOfOffice = []string{"desk", "delivery", "slip", "lessons"}
)

// wholeWard stands for all offices together where reports and plans are asked for: whoever
// managed an office of that name would manage every one.
const wholeWard = "ward"

// practicePrefix begins the names of offices that are not real.
const practicePrefix = "practice-"

// office builds one office on top of its kind.
func (b *builder) office(f officeFile) *Office {
	path := []string{"offices", f.ID}
	b.identifier(f.ID, append(path, "id")...)
	if slices.Contains(pagesOfStaff, f.ID) || strings.HasPrefix(f.ID, practicePrefix) {
		b.blame(fmt.Sprintf("%q is the name of a page of the staff", f.ID), append(path, "id")...)
	}
	if f.ID == wholeWard {
		b.blame(fmt.Sprintf("%q stands for all offices together", f.ID), append(path, "id")...)
	}
	kind := value(f.Kind)
	if i := slices.IndexFunc(b.doc.Kinds, func(k officeFile) bool { return k.ID == kind }); i >= 0 {
		f = mergeOffice(b.doc.Kinds[i], f)
	} else {
		b.blame(fmt.Sprintf("unknown kind %q", kind), append(path, "kind")...)
	}
	if f.Name["ja"] == "" {
		b.blame("a Japanese name is missing", append(path, "name")...)
	}
	b.place(f, path)
	o := &Office{
		ID: queue.OfficeID(path[1]), Kind: kind, Name: f.Name, Kana: value(f.Kana), Area: value(f.Area), Address: value(f.Address),
		Position: f.Position, Access: f.Access, Phone: value(f.Phone), Page: value(f.Page), Unconfirmed: f.Unconfirmed, Rule: b.rule(f.Rule, append(path, "rule")...),
		Schedule: b.schedule(f, path...), Early: b.early(f.Hours, append(path, "hours", "early_minutes")...),
	}
	o.Alerts = b.alerts(f.Alerts, append(path, "alerts")...)
	o.Staffing = b.staffing(f.Staffing, append(path, "staffing")...)
	o.Announce, o.Ways = b.announce(f.Announce, append(path, "announce")...), b.ways(f.Counters, path)
	o.Special = b.special(f.Special, append(path, "special_days")...)
	b.address(o.Page, append(path, "page")...)
	if o.WaitArea = f.WaitArea; o.WaitArea != nil {
		b.japanese(o.WaitArea, append(path, "wait_area")...)
	}
	b.home(o, f.FromHome, append(path, "from_home")...)
	b.kiosks(o, f, path)
	b.offers(o, f, path)
	b.series(o, f, path)
	b.counters(o, f, path)
	b.ranges(o, path)
	return o
}

func (b *builder) kiosks(o *Office, f officeFile, path []string) {
	for _, k := range f.Kiosks {
		b.identifier(k.ID, append(path, "kiosks", k.ID, "id")...)
		if k.ID != strings.ToUpper(k.ID) {
			// Its overflow numbers begin with the id, and people type numbers in either case.
			b.blame(fmt.Sprintf("kiosk %q: want capital letters", k.ID), append(path, "kiosks", k.ID, "id")...)
		}
		if slices.Contains(o.Kiosks, queue.KioskID(k.ID)) {
			b.blame(fmt.Sprintf("kiosk %q is there twice", k.ID), append(path, "kiosks", k.ID)...)
		}
		o.Kiosks = append(o.Kiosks, queue.KioskID(k.ID))
	}
}

func (b *builder) offers(o *Office, f officeFile, path []string) {
	if len(f.Services) == 0 {
		b.blame("an office without services", append(path, "services")...)
	}
	for _, v := range f.Services {
		at := append(path, "services", v.ID)
		service, ok := b.services[v.ID]
		switch {
		case !ok:
			b.blame(fmt.Sprintf("unknown service %q", v.ID), at...)
		case slices.ContainsFunc(o.Services, func(x Offered) bool { return x.ID == service.ID }):
			b.blame(fmt.Sprintf("service %q is there twice", v.ID), at...)
		case !letters(v.Series):
			b.blame(fmt.Sprintf("series %q: want one to three capital letters", v.Series), append(at, "series")...)
		default:
			if v.Minutes != nil {
				service.Expected = b.minutes(v.Minutes, 0.5, 240, append(at, "minutes")...)
			}
			o.Services = append(o.Services, Offered{service, queue.SeriesID(v.Series)})
		}
	}
}

const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

func letters(s string) bool {
	return strings.Trim(s, capitals) == "" && len(s) >= 1 && len(s) <= 3
}

// The usual places of numbers: three digits for the server and the desk, and a
// thousand for each machine, of which the larger part is its first store's. 600
// are one and a half times the busiest day of one machine at one service.
const (
	usualMain = "1-799"
	usualDesk = "800-899"
	usualNext = "9001-9999"
)

// usualKiosk returns the ranges of a machine that stands at an index of its
// office's list. The number in its id counts first: were it the place in the
// list alone, taking away K1 would give K2's numbers to K3, while a K2 that has
// not heard of it still prints them. Two machines of one number overlap, which is
// refused: the operator then states their ranges.
func usualKiosk(id queue.KioskID, index int) []string {
	n := index + 1
	if said, err := strconv.Atoi(strings.TrimLeft(string(id), capitals)); err == nil && said > 0 {
		n = said
	}
	thousand := n * 1000
	return []string{fmt.Sprintf("%d-%d", thousand+1, thousand+600), fmt.Sprintf("%d-%d", thousand+601, thousand+990)}
}

// series gives every series that a service uses its ranges.
func (b *builder) series(o *Office, f officeFile, path []string) {
	for _, v := range o.Services {
		if slices.ContainsFunc(o.Series, func(s queue.SeriesSettings) bool { return s.ID == v.Series }) {
			continue
		}
		file := seriesFile{ID: string(v.Series)}
		if i := slices.IndexFunc(f.Series, func(s seriesFile) bool { return s.ID == file.ID }); i >= 0 {
			file = f.Series[i]
		}
		o.Series = append(o.Series, b.seriesOf(o, file, append(path, "series", file.ID)))
	}
	for _, s := range f.Series {
		if !slices.ContainsFunc(o.Services, func(v Offered) bool { return string(v.Series) == s.ID }) {
			b.blame(fmt.Sprintf("no service draws from series %q", s.ID), append(path, "series", s.ID)...)
		}
	}
}

func (b *builder) seriesOf(o *Office, f seriesFile, path []string) queue.SeriesSettings {
	read := func(text, usual string, key ...string) queue.Range {
		if text == "" {
			text = usual
		}
		r, err := parseRange(text)
		if err != nil {
			b.blame(err.Error(), append(path, key...)...)
		}
		return r
	}
	s := queue.SeriesSettings{
		ID: queue.SeriesID(f.ID), Kiosks: map[queue.KioskID][]queue.Range{},
		Main: read(f.Main, usualMain, "main"), Next: read(f.Next, usualNext, "next"), Desk: read(f.Desk, usualDesk, "desk"),
	}
	for i, k := range o.Kiosks {
		ranges := f.Kiosks[string(k)]
		if ranges == nil {
			ranges = usualKiosk(k, i)
		}
		for _, text := range ranges {
			s.Kiosks[k] = append(s.Kiosks[k], read(text, "", "kiosks", string(k)))
		}
	}
	for k := range f.Kiosks {
		if !slices.Contains(o.Kiosks, queue.KioskID(k)) {
			b.blame(fmt.Sprintf("unknown kiosk %q", k), append(path, "kiosks", k)...)
		}
	}
	return s
}

func (b *builder) counters(o *Office, f officeFile, path []string) {
	if len(f.Counters) == 0 {
		b.blame("an office without counters", append(path, "counters")...)
	}
	for _, c := range f.Counters {
		at := append(path, "counters", c.ID)
		b.identifier(c.ID, append(at, "id")...)
		if slices.Contains(pagesOfOffice, c.ID) {
			b.blame(fmt.Sprintf("%q is the name of a page of the office's staff", c.ID), append(at, "id")...)
		}
		settings := queue.CounterSettings{ID: queue.CounterID(c.ID), Remote: c.Remote}
		settings.Services = b.offered(o, c.Services, append(at, "services"))
		settings.Own = b.offered(o, c.Own, append(at, "own"))
		for _, stage := range c.Stages {
			if stage != string(queue.StageReception) && stage != string(queue.StageDelivery) {
				b.blame(fmt.Sprintf("no counter calls for stage %q", stage), append(at, "stages")...)
			}
			settings.Stages = append(settings.Stages, queue.Stage(stage))
		}
		if len(settings.Services) == 0 || len(settings.Stages) == 0 {
			b.blame("a counter needs services and stages", at...)
		}
		o.Counters = append(o.Counters, settings)
	}
	b.reachable(o, path)
}

func (b *builder) offered(o *Office, ids []string, path []string) []queue.ServiceID {
	var out []queue.ServiceID
	for _, id := range ids {
		if !slices.ContainsFunc(o.Services, func(v Offered) bool { return string(v.ID) == id }) {
			b.blame(fmt.Sprintf("the office does not offer service %q", id), path...)
		}
		out = append(out, queue.ServiceID(id))
	}
	return out
}

// reachable checks that every line has a counter that could call it: a ticket
// for a service that no counter serves would wait for ever.
func (b *builder) reachable(o *Office, path []string) {
	for _, v := range o.Services {
		for _, stage := range v.Stages {
			called := slices.ContainsFunc(o.Counters, func(c queue.CounterSettings) bool {
				return slices.Contains(c.Services, v.ID) && slices.Contains(c.Stages, stage)
			})
			if stage != queue.StageProcessing && !called {
				b.blame(fmt.Sprintf("no counter calls service %q for %s", v.ID, stage), append(path, "counters")...)
			}
		}
	}
}

// ranges lets the domain check the numbers: what it would refuse to run a day
// with is refused here.
func (b *builder) ranges(o *Office, path []string) {
	for _, k := range o.Kiosks {
		if slices.ContainsFunc(o.Series, func(s queue.SeriesSettings) bool { return string(s.ID) == string(k) }) {
			b.blame(fmt.Sprintf("kiosk %q has the name of a series: their overflow numbers would be the same", k), append(path, "kiosks", string(k))...)
		}
	}
	settings := queue.Settings{Office: o.ID, Date: "2026-04-01", Series: o.Series}
	for _, k := range o.Kiosks {
		settings.Kiosks = append(settings.Kiosks, queue.KioskSettings{ID: k})
	}
	if err := settings.Validate(); err != nil {
		b.blame(err.Error(), append(path, "series")...)
	}
}
