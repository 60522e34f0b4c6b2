package guide

import (
	"slices"

	"machi/internal/catalog"
	"machi/internal/queue"
)

type (
	// Instead is a way not to come.
	Instead = catalog.Instead
	// Town is a part of the city that people say they come from.
	Town struct {
		ID, Area string
		Name     Text
		Lat, Lng float64
	}
	// Way is a matter as residents read about it before they leave home: whether they
	// need to come at all, what to bring, and where.
	Way struct {
		ID   string
		Name Text
		// Services are whose ticket to take, the first that an office offers; empty: no
		// counter takes it, and Where says who does.
		Services []queue.ServiceID
		Purpose  string    // of the first service
		Instead  []Instead // ways not to come
		Forms    []Text
		Bring    []Text
		With     []Reference // what usually comes along
		Where    Text
		Words    []string // what residents call it
		// Unconfirmed says that the ward must still confirm the way.
		Unconfirmed bool
		Offices     []Place // that take it, in the ward's order
	}
)

// Ways lists every matter in the guide's order.
func (g *Guide) Ways() []Way {
	c, _ := g.catalogue()
	list := make([]Way, len(c.Matters))
	for i, m := range c.Matters {
		list[i] = way(c, m)
	}
	return list
}

// Way returns one matter.
func (g *Guide) Way(id string) (Way, bool) {
	c, _ := g.catalogue()
	m, ok := c.Matter(id)
	if !ok {
		return Way{}, false
	}
	return way(c, m), true
}

// Meant lists what a query in a resident's own words means, the best first. An empty
// query means nothing.
func (g *Guide) Meant(query string) []Way {
	c, index := g.catalogue()
	var list []Way
	for _, hit := range index.Find(query) {
		if m, ok := c.Matter(hit.ID); ok {
			list = append(list, way(c, m))
		}
	}
	return list
}

func way(c *catalog.Catalog, m catalog.Matter) Way {
	out := Way{
		ID: m.ID, Name: m.Name, Services: m.Services, Forms: m.Forms, Bring: m.Bring, Words: m.Words, Instead: m.Instead,
		Unconfirmed: len(m.Unconfirmed) > 0,
	}
	if len(m.Services) == 0 {
		out.Where = m.Where
	}
	if len(m.Services) > 0 {
		if i := slices.IndexFunc(c.Services, func(v catalog.Service) bool { return v.ID == m.Services[0] }); i >= 0 {
			out.Purpose = c.Services[i].Purpose
		}
	}
	for _, o := range c.Offices {
		if v, ok := takes(o, m); ok {
			out.Offices = append(out.Offices, Place{o.ID, o.Name, v.ID})
		}
	}
	for _, id := range m.With {
		if with, ok := c.Matter(id); ok {
			out.With = append(out.With, Reference{with.ID, with.Name})
		}
	}
	return out
}

// Towns lists the parts of the city that people come from, in the catalogue's order.
func (g *Guide) Towns() []Town {
	var list []Town
	for _, t := range g.current().Towns {
		list = append(list, Town{t.ID, t.Area, t.Name, t.Position[0], t.Position[1]})
	}
	return list
}
