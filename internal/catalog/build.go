package catalog

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"machi/internal/calendar"
	"machi/internal/queue"
)

// builder turns a merged document into a catalogue and collects what is wrong
// with it. A problem is reported at the path of the key that is to blame.
type builder struct {
	doc      document
	services map[string]Service
	problems []problem
}

// problem is something wrong at a key.
type problem struct {
	path []string
	text string
}

func (b *builder) blame(text string, path ...string) {
	b.problems = append(b.problems, problem{slices.Clone(path), text})
}

func (b *builder) build() *Catalog {
	c := &Catalog{Ward: b.doc.Ward, Of: b.municipality(value(b.doc.Of)), Purposes: b.doc.Purposes}
	b.services = map[string]Service{}
	for _, f := range b.doc.Services {
		if f.Remove {
			continue
		}
		service := b.service(f)
		b.services[f.ID] = service
		c.Services = append(c.Services, service)
	}
	c.Special = b.special(b.doc.Special, "special_days")
	for _, f := range b.doc.Offices {
		if !f.Remove {
			o := b.office(f)
			o.Special = slices.Concat(c.Special, o.Special)
			c.Offices = append(c.Offices, o)
		}
	}
	b.references(c)
	b.matters(c)
	b.towns(c)
	return c
}

// references checks what can be checked only when all offices are known.
func (b *builder) references(c *Catalog) {
	if len(c.Offices) == 0 {
		b.blame("no office is left", "offices")
	}
	for _, v := range c.Services {
		for _, instead := range v.Instead {
			if instead.Office == "" {
				continue
			}
			if _, ok := c.Office(instead.Office); !ok {
				b.blame(fmt.Sprintf("unknown office %q", instead.Office), "services", string(v.ID), "instead")
			}
		}
	}
}

func (b *builder) service(f serviceFile) Service {
	at := func(key string) []string { return []string{"services", f.ID, key} }
	b.identifier(f.ID, "services", f.ID, "id")
	s := Service{
		ID: queue.ServiceID(f.ID), Name: f.Name, Kana: value(f.Kana), Purpose: value(f.Purpose), Covers: f.Covers, Stages: f.Stages,
		Private: value(f.Private), Bring: f.Bring, Instead: f.Instead, Footer: f.Footer, FooterURL: value(f.Below),
		Levels: [3]time.Duration{15 * time.Minute, 30 * time.Minute, 60 * time.Minute},
	}
	if f.Name["ja"] == "" {
		b.blame("a Japanese name is missing", at("name")...)
	}
	if !slices.ContainsFunc(b.doc.Purposes, func(p Purpose) bool { return p.ID == s.Purpose }) {
		b.blame(fmt.Sprintf("unknown purpose %q", s.Purpose), at("purpose")...)
	}
	s.Expected = b.minutes(or(f.Minutes, new(10.0)), 0.5, 240, at("minutes")...)
	if f.Levels != nil {
		s.Levels = b.levels(f.Levels, at("levels")...)
	}
	b.stages(s.Stages, at("stages")...)
	b.advice(f, at)
	return s
}

// kinds are the ways not to wait.
var kinds = []string{"online", "convenience_store", "post", "reservation", "office"}

// advice checks what a visitor reads besides the name.
func (b *builder) advice(f serviceFile, at func(key string) []string) {
	for _, item := range f.Bring {
		b.japanese(item, at("bring")...)
	}
	b.instead(f.Instead, at("instead")...)
	if f.Footer != nil {
		b.japanese(f.Footer, at("footer")...)
	}
	b.address(value(f.Below), at("footer_url")...)
}

func (b *builder) instead(list []Instead, path ...string) {
	for _, instead := range list {
		if !slices.Contains(kinds, instead.Kind) {
			b.blame(fmt.Sprintf("unknown kind %q", instead.Kind), path...)
		}
		b.japanese(instead.Text, path...)
		b.address(instead.URL, path...)
	}
}

func (b *builder) japanese(t Text, path ...string) {
	if t["ja"] == "" {
		b.blame("a Japanese text is missing", path...)
	}
}

// maxAddress is what a code on a slip of paper holds and a telephone still reads.
const maxAddress = 120

// address checks the address of a page, which may be empty.
func (b *builder) address(text string, path ...string) {
	u, err := url.Parse(text)
	if text != "" && (err != nil || u.Scheme != "https" || u.Host == "" || len(text) > maxAddress) {
		b.blame(fmt.Sprintf("%q is not an https address of up to %d characters", text, maxAddress), path...)
	}
}

func (b *builder) identifier(id string, path ...string) {
	ok := id != "" && len(id) <= 40
	for _, r := range id {
		ok = ok && (r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}
	if !ok {
		b.blame(fmt.Sprintf("%q is not an id: want up to 40 letters, digits, - and _", id), path...)
	}
}

func (b *builder) stages(stages []queue.Stage, path ...string) {
	order := []queue.Stage{queue.StageReception, queue.StageProcessing, queue.StageDelivery}
	last := -1
	for _, stage := range stages {
		at := slices.Index(order, stage)
		if at < 0 {
			b.blame(fmt.Sprintf("unknown stage %q", stage), path...)
		} else if at <= last {
			b.blame(fmt.Sprintf("stage %q is out of order", stage), path...)
		}
		last = max(last, at)
	}
	if !slices.Contains(stages, queue.StageReception) {
		b.blame("the reception stage is missing", path...)
	}
	if slices.Contains(stages, queue.StageProcessing) && !slices.Contains(stages, queue.StageDelivery) {
		b.blame("processing without delivery: nobody would call the visitor back", path...)
	}
}

func (b *builder) minutes(m *float64, low, high float64, path ...string) time.Duration {
	if *m < low || *m > high {
		b.blame(fmt.Sprintf("%v is not between %v and %v", *m, low, high), path...)
	}
	return time.Duration(*m * float64(time.Minute))
}

func (b *builder) levels(list []float64, path ...string) (levels [3]time.Duration) {
	if len(list) != len(levels) || !slices.IsSorted(list) || list[0] <= 0 {
		b.blame("want three rising numbers of minutes", path...)
		return levels
	}
	for i, m := range list {
		levels[i] = time.Duration(m * float64(time.Minute))
	}
	return levels
}

func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}

// parseRange reads "1-799"; an empty text is the empty range.
func parseRange(text string) (queue.Range, error) {
	if text == "" {
		return queue.Range{}, nil
	}
	first, last, ok := strings.Cut(text, "-")
	a, errA := strconv.Atoi(strings.TrimSpace(first))
	z, errZ := strconv.Atoi(strings.TrimSpace(last))
	if !ok || errA != nil || errZ != nil || a < 1 || z < a || z > 999999 {
		return queue.Range{}, fmt.Errorf("%q is not a range: want FIRST-LAST", text)
	}
	return queue.Range{First: a, Last: z}, nil
}

// schedule reads an office's hours and exceptions.
func (b *builder) schedule(f officeFile, path ...string) calendar.Schedule {
	s := calendar.Schedule{Exceptions: map[calendar.Day]calendar.Hours{}}
	if f.Hours == nil || f.Hours.Weekdays == nil {
		b.blame("the weekday hours are missing", append(path, "hours")...)
	} else {
		for _, part := range []struct {
			key  string
			text *string
			into *calendar.Hours
		}{{"weekdays", f.Hours.Weekdays, &s.Weekdays}, {"saturday", f.Hours.Saturday, &s.Saturday}, {"sunday", f.Hours.Sunday, &s.Sunday}} {
			if part.text != nil {
				*part.into = b.hours(*part.text, append(path, "hours", part.key)...)
			}
		}
	}
	for _, e := range f.Exceptions {
		day, err := calendar.ParseDay(e.Date)
		if err != nil {
			b.blame(fmt.Sprintf("date %q: want YYYY-MM-DD", e.Date), append(path, "exceptions")...)
			continue
		}
		hours := b.hours(e.Hours, append(path, "exceptions")...)
		hours.Reason = e.Reason
		s.Exceptions[day] = hours
	}
	return s
}

func (b *builder) hours(text string, path ...string) calendar.Hours {
	h, err := calendar.ParseHours(text)
	if err != nil {
		b.blame(err.Error(), path...)
	}
	return h
}

// usualEarly is how long before the opening the machines at the door give tickets.
const usualEarly = 30.0

func (b *builder) early(f *hoursFile, path ...string) time.Duration {
	m := new(usualEarly)
	if f != nil {
		m = or(f.EarlyMinutes, m)
	}
	return b.minutes(m, 0, 180, path...)
}
