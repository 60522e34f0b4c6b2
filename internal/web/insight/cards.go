package insight

import (
	"html/template"
	"time"

	"machi/internal/chart"
	"machi/internal/measure"
)

// card is a figure that stands large, with what it is made of.
type card struct {
	ID     string // of its definition, and of its title's text
	Value  string // empty: too few to say
	Lines  []string
	Before string // compared with the time before; empty: not compared
	Sign   string // of the comparison: better, worse or empty
	Behind int    // visits
	Spark  template.HTML
}

// Few reports whether there is too little to say anything.
func (c card) Few() bool { return c.Value == "" }

// cards are the figures that stand above all others.
func (p historyPage) cards() []card {
	now, was := p.total, p.before
	return []card{
		p.lengthCard("visit", now.Visit, was.Visit, func(f measure.Figures) measure.Dist { return f.Visit }),
		p.lengthCard("called", now.UntilCalled, was.UntilCalled, func(f measure.Figures) measure.Dist { return f.UntilCalled }),
		p.shareCard("within15", share(now.Within15, now.UntilCalled.Count), share(was.Within15, was.UntilCalled.Count), now.UntilCalled.Count, true, func(f measure.Figures) float64 { return share(f.Within15, f.UntilCalled.Count) }),
		p.shareCard("within30", share(now.Within30, now.UntilCalled.Count), share(was.Within30, was.UntilCalled.Count), now.UntilCalled.Count, true, func(f measure.Figures) float64 { return share(f.Within30, f.UntilCalled.Count) }),
		p.arrivalsCard(),
		p.shareCard("lost", share(lost(now), now.Arrivals), share(lost(was), was.Arrivals), now.Arrivals, false, func(f measure.Figures) float64 { return share(lost(f), f.Arrivals) }, p.lostLines(now)...),
		p.toldCard(),
		p.savedCard(),
	}
}

// lost counts the visits that ended without a service.
func lost(f measure.Figures) int { return f.NoShow + f.Left + f.Unseen }

// share is a part of a whole as charts take it.
func share(part, whole int) float64 {
	if s, ok := measure.Share(part, whole); ok {
		return s
	}
	return chart.None
}

func (p historyPage) lengthCard(id string, now, was measure.Dist, of func(measure.Figures) measure.Dist) card {
	c := card{ID: id, Behind: now.Count}
	if now.Count < enough {
		return c
	}
	c.Value = p.Length(now.P50)
	c.Lines = []string{p.T("insight.ninth", "t", p.Length(now.P90)), p.T("insight.longest", "t", p.Length(now.Max))}
	c.Spark = p.spark(func(f measure.Figures) float64 { return middle(of(f)) })
	if p.compares && was.Count >= enough {
		diff := now.P50 - was.P50
		c.Before, c.Sign = p.compared(p.Length(was.P50), diff.Minutes(), 0.5, "shorter", "longer", p.Length(abs(diff))), sign(-diff.Minutes(), 0.5)
	}
	return c
}

func abs(d time.Duration) time.Duration { return max(d, -d) }

// middle is the median of what enough visits show.
func middle(d measure.Dist) float64 {
	if d.Count < fewest {
		return chart.None
	}
	return inMinutes(d.P50)
}

// fewest is how many visits a point of a chart must be made of.
const fewest = 5

func ninth(d measure.Dist) float64 {
	if d.Count < enough {
		return chart.None
	}
	return inMinutes(d.P90)
}

// compared says how a figure stands to that of the time before: less, more or the same.
func (p historyPage) compared(was string, diff, same float64, less, more, by string) string {
	switch {
	case diff <= -same:
		return p.T("insight.before."+less, "was", was, "by", by)
	case diff >= same:
		return p.T("insight.before."+more, "was", was, "by", by)
	}
	return p.T("insight.before.same", "was", was)
}

// sign says whether a change is one for the better.
func sign(good, same float64) string {
	switch {
	case good >= same:
		return "better"
	case good <= -same:
		return "worse"
	}
	return ""
}

func (p historyPage) spark(of func(measure.Figures) float64) template.HTML {
	var values []float64
	for _, part := range p.course {
		values = append(values, of(part.Figures))
	}
	if len(values) < 3 {
		return ""
	}
	return chart.Spark(values)
}

// shareCard shows a share; high says that more of it is better.
func (p historyPage) shareCard(id string, now, was float64, behind int, high bool, of func(measure.Figures) float64, lines ...string) card {
	c := card{ID: id, Behind: behind, Lines: lines}
	if behind < enough {
		return c
	}
	c.Value, c.Spark = p.Percent(now), p.spark(of)
	if p.compares && was == was { // not unknown
		diff := 100 * (now - was)
		good := diff
		if !high {
			good = -diff
		}
		c.Before, c.Sign = p.compared(p.Percent(was), diff, 0.5, "lower", "higher", p.points(diff)), sign(good, 0.5)
	}
	return c
}

// points says a difference of shares.
func (p historyPage) points(diff float64) string {
	return p.T("insight.points", "n", p.number(max(diff, -diff)))
}

func (p historyPage) lostLines(f measure.Figures) []string {
	say := func(id string, n int) string {
		return p.T("insight.lost.part", "what", p.T("insight.name."+id), "n", p.Count(n))
	}
	return []string{say("noshow", f.NoShow), say("left", f.Left), say("unseen", f.Unseen)}
}

func (p historyPage) arrivalsCard() card {
	now, was := p.total.Arrivals, p.before.Arrivals
	c := card{ID: "arrivals", Value: p.Count(now), Behind: now}
	opened := 0
	for _, r := range p.dates {
		if open(r) {
			opened++
		}
	}
	if opened > 0 {
		c.Lines = []string{p.T("insight.perday", "n", p.number(float64(now)/float64(opened)), "days", opened)}
	}
	c.Spark = p.spark(func(f measure.Figures) float64 { return float64(f.Arrivals) })
	if p.counts() {
		diff := 100 * (float64(now)/float64(was) - 1)
		c.Before = p.compared(p.Count(was), diff, 0.5, "fewer", "more", p.number(max(diff, -diff))+"%")
	}
	return c
}

// counts reports whether as many days are known of the time before, so that sums may be
// compared.
func (p historyPage) counts() bool {
	return p.compares && alike(p.total.Days, p.before.Days, 0.9)
}

func (p historyPage) toldCard() card {
	now, was := p.total.Told, p.before.Told
	kept := func(t measure.Told) float64 { return share(t.Kept, t.People) }
	c := p.shareCard("told", kept(now), kept(was), now.People, true, func(f measure.Figures) float64 { return kept(f.Told) })
	if now.People >= enough {
		c.Lines = []string{
			p.T("insight.told.late", "share", p.Percent(share(now.Late, now.People))),
			p.T("insight.told.error", "t", p.Length(p.total.ToldError.P50)),
		}
	}
	return c
}

func (p historyPage) savedCard() card {
	now := p.total.Saved()
	c := card{ID: "saved", Value: p.staffTime(now.Total()), Behind: p.total.Arrivals}
	c.Lines = []string{p.T("insight.saved.kiosk", "t", p.staffTime(now.Kiosk)), p.T("insight.saved.web", "t", p.staffTime(now.Web))}
	if p.total.Counted > 0 {
		c.Lines = append(c.Lines, p.T("insight.saved.diverted", "t", p.staffTime(now.Diverted)))
	}
	if p.counts() {
		was := p.before.Saved().Total()
		c.Before = p.T("insight.before.was", "was", p.staffTime(was))
	}
	return c
}
