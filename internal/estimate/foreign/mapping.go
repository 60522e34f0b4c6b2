package foreign

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"machi/internal/history"
	"machi/internal/queue"
)

// Mapping says how the log of another machine is to be read.
type Mapping struct {
	// Layout is "tickets" (one row for each ticket, with its moments in columns) or
	// "events" (one row for each event).
	Layout    string `yaml:"layout"`
	Encoding  string `yaml:"encoding"`  // utf-8 (the default), shift_jis or euc-jp
	Separator string `yaml:"separator"` // one character, or "tab"; the default is a comma
	Skip      int    `yaml:"skip"`      // lines before the header
	Zone      string `yaml:"timezone"`  // of the times; the default is Asia/Tokyo
	// Time are the forms of times, the first that fits counts: YYYY MM M DD D HH H mm
	// ss, and GY for a year of an era (令和6, R06). With a column for the date, times
	// are read behind it and a blank.
	Time    []string `yaml:"time"`
	Columns Columns  `yaml:"columns"`
	// Services maps codes to our services; "-" leaves rows of a service out. Counters
	// likewise; a code that is not named stays what it is.
	Services map[string]queue.ServiceID `yaml:"services"`
	Counters map[string]queue.CounterID `yaml:"counters"`
	Priority []string                   `yaml:"priority"` // values that mean priority
	Events   map[string]string          `yaml:"events"`   // of layout events: issue, call, start, finish, noshow, cancel, open, close, or "-"
	Outcomes map[string]history.Outcome `yaml:"outcomes"` // of layout tickets: served, no_show, left, expired

	zone   *time.Location
	clock  clock
	comma  rune
	decode func(io.Reader) io.Reader
}

// Columns are the names of the columns. An empty one is not there.
type Columns struct {
	Ticket   string `yaml:"ticket"`
	Service  string `yaml:"service"`
	Priority string `yaml:"priority"`
	Counter  string `yaml:"counter"`
	Visit    string `yaml:"visit"` // the same for all rows of one visit
	Date     string `yaml:"date"`

	// Of layout events.
	Time  string `yaml:"time"`
	Event string `yaml:"event"`

	// Of layout tickets.
	Issued   string `yaml:"issued"`
	Called   string `yaml:"called"`
	Started  string `yaml:"started"`
	Finished string `yaml:"finished"`
	Outcome  string `yaml:"outcome"`
}

const (
	leaveOut = "-"

	layoutTickets = "tickets"
	layoutEvents  = "events"
)

var eventWords = []string{"issue", "call", "start", "finish", "noshow", "cancel", "open", "close", leaveOut}

// Own is the mapping of the log that machi estimate takes.
func Own() Mapping {
	m := Mapping{
		Layout: layoutEvents, Time: []string{"YYYY-MM-DDTHH:mm:ss"}, Priority: []string{"1"},
		Columns: Columns{Time: "time", Event: "event", Ticket: "ticket", Service: "service", Priority: "priority", Counter: "counter", Visit: "visit"},
	}
	if err := m.settle(); err != nil {
		panic(err)
	}
	return m
}

// ReadMapping reads a mapping file (YAML). A key that it does not know is an error.
func ReadMapping(r io.Reader) (Mapping, error) {
	var m Mapping
	d := yaml.NewDecoder(r)
	d.KnownFields(true)
	if err := d.Decode(&m); errors.Is(err, io.EOF) {
		return m, errors.New("the mapping is empty")
	} else if err != nil {
		return m, err
	}
	return m, m.settle()
}

// settle checks the mapping and makes what it is read with.
func (m *Mapping) settle() error {
	if err := errors.Join(m.settleText(), m.settleColumns(), m.settleCodes()); err != nil {
		return err
	}
	zone := m.Zone
	if zone == "" {
		zone = "Asia/Tokyo"
	}
	var err error
	if m.zone, err = time.LoadLocation(zone); err != nil {
		return fmt.Errorf("timezone %q: %w", zone, err)
	}
	m.clock, err = newClock(m.Time, m.zone)
	return err
}

func (m *Mapping) settleText() error {
	switch m.Separator {
	case "":
		m.comma = ','
	case "tab":
		m.comma = '\t'
	default:
		r := []rune(m.Separator)
		if len(r) != 1 || r[0] == '"' {
			return fmt.Errorf("separator %q: want one character, or tab", m.Separator)
		}
		m.comma = r[0]
	}
	if m.Skip < 0 {
		return fmt.Errorf("skip %d: want a number of lines", m.Skip)
	}
	var err error
	m.decode, err = decoder(m.Encoding)
	return err
}

func (m *Mapping) settleColumns() error {
	c := m.Columns
	var need map[string]string
	switch m.Layout {
	case layoutTickets:
		need = map[string]string{"ticket": c.Ticket, "service": c.Service, "issued": c.Issued, "called": c.Called}
	case layoutEvents:
		need = map[string]string{"ticket": c.Ticket, "service": c.Service, "time": c.Time, "event": c.Event}
	default:
		return fmt.Errorf("layout %q: want tickets or events", m.Layout)
	}
	for _, name := range slices.Sorted(maps.Keys(need)) {
		if need[name] == "" {
			return fmt.Errorf("columns: %s is missing, layout %s needs it", name, m.Layout)
		}
	}
	return nil
}

// tidyKeys writes codes as the fields are that they are compared with.
func tidyKeys[V any](codes map[string]V) map[string]V {
	if codes == nil {
		return nil
	}
	tidied := make(map[string]V, len(codes))
	for code, v := range codes {
		tidied[tidy(code)] = v
	}
	return tidied
}

func (m *Mapping) settleCodes() error {
	m.Services, m.Counters, m.Events, m.Outcomes = tidyKeys(m.Services), tidyKeys(m.Counters), tidyKeys(m.Events), tidyKeys(m.Outcomes)
	for _, code := range slices.Sorted(maps.Keys(m.Services)) {
		if m.Services[code] == "" {
			return fmt.Errorf("services: %q maps to nothing; %q leaves it out", code, leaveOut)
		}
	}
	if m.Layout == layoutEvents && m.Events == nil {
		m.Events = map[string]string{}
		for _, word := range eventWords {
			m.Events[word] = word
		}
	}
	for _, code := range slices.Sorted(maps.Keys(m.Events)) {
		if !slices.Contains(eventWords, m.Events[code]) {
			return fmt.Errorf("events: %q maps to %q, want one of %s", code, m.Events[code], strings.Join(eventWords, ", "))
		}
	}
	outcomes := []history.Outcome{history.Served, history.NoShow, history.Left, history.Expired}
	for _, code := range slices.Sorted(maps.Keys(m.Outcomes)) {
		if !slices.Contains(outcomes, m.Outcomes[code]) {
			return fmt.Errorf("outcomes: %q maps to %q, want served, no_show, left or expired", code, m.Outcomes[code])
		}
	}
	if m.Columns.Outcome != "" && len(m.Outcomes) == 0 {
		return errors.New("outcomes: there is a column for them, but nothing says what its values mean")
	}
	return nil
}
