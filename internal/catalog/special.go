package catalog

import (
	"cmp"
	"fmt"
	"slices"

	"machi/internal/calendar"
	"machi/internal/queue"
)

// SpecialDay is a day, or a run of days, on which something takes place that brings
// people or keeps them away: a campaign, a mailing, the season of a service.
type SpecialDay struct {
	ID string
	// Like is the id that all of a kind share: what earlier ones changed is learnt from
	// them. Where nobody says, it is the ID.
	Like     string
	From, To calendar.Day // both included
	Name     Text
	Services []queue.ServiceID // that it touches; empty: all
	// Percent is how many people come, of a hundred on another day; 0: not known, to be
	// learnt from earlier ones of its kind.
	Percent int
}

// specialFile is a special day as it is written, of the ward or of one office.
type specialFile struct {
	ID       string   `yaml:"id"`
	Like     string   `yaml:"like"`
	From     string   `yaml:"from"`
	To       string   `yaml:"to"` // empty: one day
	Name     Text     `yaml:"name"`
	Services []string `yaml:"services"`
	Percent  *int     `yaml:"percent"`
	Remove   bool     `yaml:"remove"`
}

func specialID(s specialFile) string { return s.ID }

func mergeSpecial(base, over []specialFile) []specialFile {
	return mergeList(base, over, specialID, func(_, o specialFile) specialFile { return o })
}

// The bounds of a special day.
const (
	longestSpecial = 400 // days
	minShare       = 10  // percent
	maxShare       = 500
)

// special reads the special days of the ward, or of an office. Services are looked for
// among all of the ward: an office need not offer each of them.
func (b *builder) special(list []specialFile, path ...string) []SpecialDay {
	var days []SpecialDay
	for _, f := range list {
		if f.Remove {
			continue
		}
		at := append(slices.Clone(path), f.ID)
		b.identifier(f.ID, append(at, "id")...)
		b.japanese(f.Name, append(at, "name")...)
		day := SpecialDay{ID: f.ID, Like: cmp.Or(f.Like, f.ID), Name: f.Name, Percent: value(f.Percent)}
		if f.Percent != nil && (day.Percent < minShare || day.Percent > maxShare) {
			b.blame(fmt.Sprintf("%d is not between %d and %d", day.Percent, minShare, maxShare), append(at, "percent")...)
		}
		day.From = b.day(f.From, append(at, "from")...)
		if day.To = day.From; f.To != "" {
			day.To = b.day(f.To, append(at, "to")...)
		}
		if last := day.From.Add(longestSpecial - 1); day.To.String() < day.From.String() || day.To.String() > last.String() {
			b.blame(fmt.Sprintf("%s is not one of the %d days from %s on", day.To, longestSpecial, day.From), append(at, "to")...)
		}
		for _, id := range f.Services {
			if _, ok := b.services[id]; !ok {
				b.blame(fmt.Sprintf("unknown service %q", id), append(at, "services")...)
			}
			day.Services = append(day.Services, queue.ServiceID(id))
		}
		days = append(days, day)
	}
	return days
}

func (b *builder) day(text string, path ...string) calendar.Day {
	d, err := calendar.ParseDay(text)
	if err != nil {
		b.blame(fmt.Sprintf("date %q: want YYYY-MM-DD", text), path...)
	}
	return d
}
