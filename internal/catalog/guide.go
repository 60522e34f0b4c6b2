package catalog

import (
	_ "embed"
	"fmt"
	"slices"

	"machi/internal/queue"
)

//go:embed guide.yaml
var builtInGuide []byte

// guideName stands for the built-in guide in errors.
const guideName = "built-in guide"

// Matter is what somebody comes for, in the words of the reception desk: finer
// than a service, whose ticket it is dealt with under.
type Matter struct {
	ID   string
	Name Text
	// Services lists whose ticket to take: the first that the office offers. Empty:
	// no counter of the catalogue takes it, and Advice says where to go.
	Services []queue.ServiceID
	Words    []string // what residents call it, for the search
	Forms    []Text   // to fill in
	Bring    []Text   // to have ready
	With     []string // matters that usually come along
	// Instead are the ways not to come for it: its own, or where it states none those of
	// its first service.
	Instead []Instead
	Advice  Text // for the person at the desk; may be nil
	Where   Text // who takes it, for residents, where no counter does; may be nil
	// Unconfirmed names what the ward must still confirm: services or advice.
	Unconfirmed []string
}

type matterFile struct {
	ID       string   `yaml:"id"`
	Name     Text     `yaml:"name"`
	Services []string `yaml:"services"`
	Words    []string `yaml:"words"`
	Forms    []Text   `yaml:"forms"`
	Bring    []Text   `yaml:"bring"`
	With     []string `yaml:"with"`
	// Instead that is stated and empty takes the service's away.
	Instead     []Instead `yaml:"instead"`
	Advice      Text      `yaml:"advice"`
	Where       Text      `yaml:"where"`
	Unconfirmed []string  `yaml:"unconfirmed"`
	Remove      bool      `yaml:"remove"`
}

func mergeMatter(base, over matterFile) matterFile {
	base.Name = orMap(over.Name, base.Name)
	base.Services = orList(over.Services, base.Services)
	base.Words = orList(over.Words, base.Words)
	base.Forms = orList(over.Forms, base.Forms)
	base.Bring = orList(over.Bring, base.Bring)
	base.With = orList(over.With, base.With)
	base.Instead = orList(over.Instead, base.Instead)
	base.Advice = orMap(over.Advice, base.Advice)
	base.Where = orMap(over.Where, base.Where)
	base.Unconfirmed = orList(over.Unconfirmed, base.Unconfirmed)
	base.Remove = over.Remove
	return base
}

// Matter returns a matter of the guide.
func (c *Catalog) Matter(id string) (Matter, bool) {
	i := slices.IndexFunc(c.Matters, func(m Matter) bool { return m.ID == id })
	if i < 0 {
		return Matter{}, false
	}
	return c.Matters[i], true
}

func (b *builder) matters(c *Catalog) {
	for _, f := range b.doc.Matters {
		if !f.Remove {
			c.Matters = append(c.Matters, b.matter(f))
		}
	}
}

// matter checks one entry of the guide. What an operator removed from the catalogue
// drops out of the guide without a word; a name that was never there is a mistake.
func (b *builder) matter(f matterFile) Matter {
	at := func(key string) []string { return []string{"matters", f.ID, key} }
	b.identifier(f.ID, at("id")...)
	b.japanese(f.Name, at("name")...)
	m := Matter{ID: f.ID, Name: f.Name, Words: f.Words, Forms: f.Forms, Bring: f.Bring, Advice: f.Advice, Where: f.Where, Unconfirmed: f.Unconfirmed}
	for _, text := range slices.Concat(f.Forms, f.Bring) {
		b.japanese(text, at("bring")...)
	}
	if f.Advice != nil {
		b.japanese(f.Advice, at("advice")...)
	}
	if f.Where != nil {
		b.japanese(f.Where, at("where")...)
	}
	for _, id := range f.Services {
		if _, offered := b.services[id]; offered {
			m.Services = append(m.Services, queue.ServiceID(id))
		} else if !slices.ContainsFunc(b.doc.Services, func(v serviceFile) bool { return v.ID == id }) {
			b.blame(fmt.Sprintf("unknown service %q", id), at("services")...)
		}
	}
	if len(f.Services) == 0 && f.Advice == nil {
		b.blame("neither a service nor advice where to go", at("advice")...)
	}
	m.Instead = b.insteadOf(f, m)
	for _, id := range f.With {
		i := slices.IndexFunc(b.doc.Matters, func(o matterFile) bool { return o.ID == id })
		switch {
		case i < 0 || id == f.ID:
			b.blame(fmt.Sprintf("unknown matter %q", id), at("with")...)
		case !b.doc.Matters[i].Remove:
			m.With = append(m.With, id)
		}
	}
	return m
}

// insteadOf checks and returns the ways not to come for a matter.
func (b *builder) insteadOf(f matterFile, m Matter) []Instead {
	if f.Instead == nil && len(m.Services) > 0 {
		return b.services[string(m.Services[0])].Instead
	}
	b.instead(f.Instead, "matters", f.ID, "instead")
	return f.Instead
}
