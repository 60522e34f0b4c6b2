// Package guide answers the reception desk: what a visitor's words mean, whose
// ticket to take at this office, which forms to fill in and which papers to have
// ready, and where to go when it is not here.
//
// Its one invariant: an answer is made from one catalogue, the one in force when it
// was asked for, and never changed afterwards.
package guide

import (
	"slices"
	"sync"
	"time"

	"machi/internal/catalog"
	"machi/internal/queue"
	"machi/internal/triage"
)

// Text is a text of the catalogue in several languages.
type Text = catalog.Text

type (
	// Answer is what a search found, the best first.
	Answer struct {
		Office  queue.OfficeID `json:"office"`
		Query   string         `json:"query"`
		Matters []Matter       `json:"matters"`
	}
	// Matter is what somebody comes for, as an office deals with it.
	Matter struct {
		ID   string `json:"id"`
		Name Text   `json:"name"`
		// Service is whose ticket to take here; empty: not at this office.
		Service     queue.ServiceID `json:"service,omitempty"`
		ServiceName Text            `json:"service_name,omitempty"`
		// Elsewhere lists the offices that take it, those of the area first. It is
		// filled only where this office does not.
		Elsewhere []Place     `json:"elsewhere,omitempty"`
		Forms     []Text      `json:"forms"`
		Bring     []Text      `json:"bring"`
		With      []Reference `json:"with,omitempty"` // what usually comes along
		Advice    Text        `json:"advice,omitempty"`
		// Unconfirmed says that the ward must still confirm the way.
		Unconfirmed bool `json:"unconfirmed,omitempty"`
		// Private matters are not said aloud.
		Private bool `json:"private,omitempty"`
	}
	// Reference names another matter.
	Reference struct {
		ID   string `json:"id"`
		Name Text   `json:"name"`
	}
	// Place is another office, and whose ticket to take there.
	Place struct {
		Office  queue.OfficeID  `json:"office"`
		Name    Text            `json:"name"`
		Service queue.ServiceID `json:"service"`
	}
)

// Guide searches the catalogue in force. All methods may be called from several
// goroutines.
type Guide struct {
	current func() *catalog.Catalog

	mu    sync.Mutex
	from  *catalog.Catalog
	index *triage.Index
}

// New returns a guide over the catalogue that current returns.
func New(current func() *catalog.Catalog) *Guide { return &Guide{current: current} }

// catalogue returns the catalogue in force and its index, which is made once.
func (g *Guide) catalogue() (*catalog.Catalog, *triage.Index) {
	c := g.current()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.from != c {
		g.from, g.index = c, indexOf(c)
	}
	return c, g.index
}

func indexOf(c *catalog.Catalog) *triage.Index {
	var entries []triage.Entry
	for _, m := range c.Matters {
		entries = append(entries, triage.Entry{ID: m.ID, Names: names(m.Name), Words: m.Words, With: m.With})
	}
	return triage.New(entries)
}

func names(t catalog.Text) []string { return []string{t["ja"], t["en"], t["zh"], t["ko"]} }

// Find returns what a query means at an office, or false where there is no such
// office. An empty query means nothing.
func (g *Guide) Find(office queue.OfficeID, query string) (Answer, bool) {
	c, index := g.catalogue()
	o, ok := c.Office(office)
	if !ok {
		return Answer{}, false
	}
	out := Answer{Office: office, Query: query, Matters: []Matter{}}
	for _, hit := range index.Find(query) {
		if m, ok := c.Matter(hit.ID); ok {
			out.Matters = append(out.Matters, at(c, o, m))
		}
	}
	return out, true
}

// Matter returns one matter as an office deals with it.
func (g *Guide) Matter(office queue.OfficeID, id string) (Matter, bool) {
	c, _ := g.catalogue()
	o, ok := c.Office(office)
	if !ok {
		return Matter{}, false
	}
	m, ok := c.Matter(id)
	if !ok {
		return Matter{}, false
	}
	return at(c, o, m), true
}

// Patience returns after how long a case of a service is long in the making, and
// after how long it is late: where the catalogue's words for waits change.
func (g *Guide) Patience(id queue.ServiceID) (long, late time.Duration) {
	c, _ := g.catalogue()
	i := slices.IndexFunc(c.Services, func(v catalog.Service) bool { return v.ID == id })
	if i < 0 {
		return usualLong, usualLate
	}
	return c.Services[i].Levels[0], c.Services[i].Levels[1]
}

// What a service that the catalogue does not know any more is measured by.
const usualLong, usualLate = 30 * time.Minute, time.Hour

func at(c *catalog.Catalog, o *catalog.Office, m catalog.Matter) Matter {
	out := Matter{
		ID: m.ID, Name: m.Name, Forms: orNone(m.Forms), Bring: orNone(m.Bring), Advice: m.Advice,
		Unconfirmed: len(m.Unconfirmed) > 0,
	}
	if v, ok := takes(o, m); ok {
		out.Service, out.ServiceName, out.Private = v.ID, v.Name, v.Private
	}
	if out.Service == "" {
		out.Elsewhere = elsewhere(c, o, m)
	}
	for _, id := range m.With {
		if with, ok := c.Matter(id); ok {
			out.With = append(out.With, Reference{with.ID, with.Name})
		}
	}
	return out
}

// takes returns the first service of a matter that an office offers.
func takes(o *catalog.Office, m catalog.Matter) (catalog.Offered, bool) {
	for _, id := range m.Services {
		if i := slices.IndexFunc(o.Services, func(v catalog.Offered) bool { return v.ID == id }); i >= 0 {
			return o.Services[i], true
		}
	}
	return catalog.Offered{}, false
}

// elsewhere lists the other offices that take a matter, those of the area first.
func elsewhere(c *catalog.Catalog, from *catalog.Office, m catalog.Matter) []Place {
	var near, far []Place
	for _, o := range c.Offices {
		v, ok := takes(o, m)
		switch {
		case !ok:
		case o.Area == from.Area:
			near = append(near, Place{o.ID, o.Name, v.ID})
		default:
			far = append(far, Place{o.ID, o.Name, v.ID})
		}
	}
	return append(near, far...)
}

func orNone(list []Text) []Text {
	if list == nil {
		return []Text{}
	}
	return list
}
