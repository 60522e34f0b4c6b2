package desk

import (
	"net/url"
	"slices"

	"machi/internal/board"
	"machi/internal/guide"
	"machi/internal/queue"
)

// Link is a page of the floor in the bar.
type Link struct {
	Href, Text string
	Here       bool
	Count      int
}

// links are the pages of an office's floor; here is the key of the one that is shown.
// What an office does not do, or the reader may not, is left out.
func (f frame) links(office queue.OfficeID, here string, counts map[string]int, without ...string) []Link {
	base := "/staff/" + url.PathEscape(string(office))
	if !f.Who.Clerk(office) {
		without = append(without, "desk.counters")
	}
	var list []Link
	for _, l := range []struct{ key, path string }{
		{"desk.title", "/desk"}, {"delivery.title", "/delivery"}, {"back.title", "/delivery?only=processing"}, {"desk.counters", ""},
	} {
		if !slices.Contains(without, l.key) {
			list = append(list, Link{base + l.path, f.T(l.key), l.key == here, counts[l.key]})
		}
	}
	return list
}

// Pages returns the pages of the floor.
func (p receptionPage) Pages() []Link {
	var without []string
	if !slices.ContainsFunc(p.Counters, func(c board.ConsoleCounter) bool { return slices.Contains(c.Stages, queue.StageDelivery) }) {
		without = append(without, "delivery.title")
	}
	if !slices.ContainsFunc(p.Services, func(s board.Service) bool { return slices.Contains(s.Stages, queue.StageProcessing) }) {
		without = append(without, "back.title")
	}
	return p.links(p.Office, "desk.title", nil, without...)
}

// Heading is what the page is.
func (p receptionPage) Heading() string { return p.T("desk.title") }

// At is the page's own path.
func (f frame) At() string { return f.at }

// Pages returns the pages of the floor, with how many cases each holds.
func (p deliveryPage) Pages() []Link {
	counts := map[string]int{"delivery.title": p.Counts.Ready + p.Counts.Announced, "back.title": p.Counts.Processing}
	return p.links(p.Office, p.heading(), counts)
}

func (p deliveryPage) heading() string {
	if p.Only != "" {
		return "back.title"
	}
	return "delivery.title"
}

// Heading is what the page is.
func (p deliveryPage) Heading() string { return p.T(p.heading()) }

// texts is a list of the guide's texts under a title.
type texts struct {
	P     frame
	Title string
	List  []guide.Text
}

// List returns texts of the guide under a title.
func (f frame) List(title string, list []guide.Text) texts { return texts{f, f.T(title), list} }

// ofMatter is a matter together with the page it stands on.
type ofMatter struct {
	P receptionPage
	guide.Matter
}

// OfMatter returns the chosen matter with the page.
func (p receptionPage) OfMatter() ofMatter { return ofMatter{p, *p.Matter} }

type matterRow struct {
	P receptionPage
	M guide.Matter
}

// OfMatterRow returns a found matter with the page.
func (p receptionPage) OfMatterRow(m guide.Matter) matterRow { return matterRow{p, m} }

// maxPlaces bounds the other offices that are offered.
const maxPlaces = 12

// Takers returns the other offices that offer a service, with how busy they are.
func (p receptionPage) Takers(id queue.ServiceID) []Elsewhere {
	var list []Elsewhere
	for _, o := range p.boards.Offices() {
		i := slices.IndexFunc(o.Services, func(s board.Service) bool { return s.ID == id })
		if o.ID != p.Office && i >= 0 && len(list) < maxPlaces {
			list = append(list, Elsewhere{o.ID, p.Name(o.Name), &o.Services[i]})
		}
	}
	return list
}

// Age is how old something is, as it is drawn: in words and in a tone.
type Age struct{ Tone, Span, Word string }

// WaitAge says how long somebody has waited.
func (p receptionPage) WaitAge(t board.ReceptionRow) Age {
	tone := p.Tone(t)
	return Age{tone, p.T("console.waited", "t", p.Waited(t.Arrival)), p.worded("age.wait.", tone)}
}

// worded returns the word of a tone; what is calm needs none.
func (f frame) worded(kind, tone string) string {
	if tone != "long" && tone != "late" {
		return ""
	}
	return f.T(kind + tone)
}

// AgeOf says how old a case is.
func (f frame) AgeOf(seconds int, tone string) Age {
	return Age{tone, f.Span(seconds), f.worded("age.", tone)}
}

// Act is a button of the delivery desk: where its form goes and what it says.
type Act struct {
	Action, Do, Text, Key, Kind, Nonce string
	Calls                              bool
	Fields                             []Field
}

// Field is a fixed field of a form.
type Field struct{ Name, Value string }

func (p deliveryPage) act(action, do, text string, fields ...Field) Act {
	return Act{Action: action, Do: do, Text: p.T(text), Nonce: p.Key(), Fields: fields}
}

// caseRow is a row of one of the delivery desk's lists.
type caseRow struct {
	P            deliveryPage
	R            board.DeliveryRow
	Prefix, Form string
	Tone         string
	Acts         []Act
}

// Processed is a row of the back office's list.
func (p deliveryPage) Processed(r board.DeliveryRow) caseRow {
	ready := p.act(p.Do("ready"), "ready-all", "back.ready", Field{numbersField, string(r.Number)})
	return caseRow{p, r, "p", "ready-form", p.CaseTone(r), []Act{ready}}
}

// Readied is a row of what can be handed over.
func (p deliveryPage) Readied(r board.DeliveryRow) caseRow {
	row := caseRow{P: p, R: r, Prefix: "r", Form: "announce-form", Tone: p.ReadyTone(r)}
	if p.Open() {
		hand := p.act(p.TicketDo(r.ConsoleTicket, "hand-over"), "hand-over", "delivery.hand", p.here())
		row.Acts = append(row.Acts, hand)
		if p.Current() == nil {
			call := p.act(p.TicketDo(r.ConsoleTicket, "call"), "call", "do.call", p.here())
			call.Calls = true
			row.Acts = append(row.Acts, call)
		}
	}
	return row
}

// Told is a row of what has been announced.
func (p deliveryPage) Told(r board.DeliveryRow) caseRow {
	row := caseRow{P: p, R: r, Prefix: "a", Form: "announce-form", Tone: p.ReadyTone(r)}
	theirs := func(c board.ConsoleCounter) bool { return c.ID == r.Announced && p.taken(c) }
	if !p.Clerk || slices.ContainsFunc(p.Counters, theirs) {
		return row
	}
	at := Field{"counter", string(r.Announced)}
	hand := p.act(p.TicketDo(r.ConsoleTicket, "hand-over"), "hand-over", "delivery.hand", at)
	hand.Kind = "primary"
	again := p.act(p.Do("counters/"+url.PathEscape(string(r.Announced))+"/announce"), "announce", "delivery.again", Field{numbersField, string(r.Number)})
	again.Calls = true
	row.Acts = []Act{hand, again}
	if p.Open() && p.Current() == nil {
		call := p.act(p.TicketDo(r.ConsoleTicket, "call"), "call", "delivery.callone", p.here())
		call.Calls = true
		row.Acts = append(row.Acts, call)
	}
	return row
}

func (p deliveryPage) here() Field { return Field{"counter", string(p.Console.Counter.ID)} }

// CounterActs returns what can be done at the chosen counter; the first is the one
// that the space bar stands for. Taking over has no key: whoever was about to press
// one meant something else.
func (p deliveryPage) CounterActs() []Act {
	acts := p.counterActs()
	if p.taken(p.Console.Counter) {
		return acts
	}
	acts[0].Kind, acts[0].Key = "primary", "Space"
	if p.Console.Undo != nil {
		undo := p.act(p.CounterDo("undo"), "undo", "do.undo", Field{"command", string(p.Console.Undo.Command)})
		undo.Key = "U"
		acts = append(acts, undo)
	}
	return acts
}

func (p deliveryPage) counterActs() []Act {
	current := p.Current()
	switch {
	case p.taken(p.Console.Counter):
		open := []Field{{"take_over", "true"}}
		for _, id := range p.Console.Counter.Services {
			open = append(open, Field{"services", string(id)})
		}
		return []Act{p.act(p.CounterDo("open"), "open", "do.take-over", open...)}
	case current != nil && current.State == queue.Called:
		recall := p.act(p.TicketDo(*current, "recall"), "recall", "do.recall", p.here())
		recall.Key, recall.Calls = "C", true
		missed := p.act(p.TicketDo(*current, "no-show"), "no-show", "do.no-show", p.here())
		missed.Key = "X"
		return []Act{p.act(p.TicketDo(*current, "serve"), "serve", "delivery.hand", p.here()), recall, missed}
	case current != nil:
		return []Act{p.act(p.TicketDo(*current, "finish"), "finish", "delivery.hand", p.here())}
	case p.Console.Counter.State == queue.CounterClosed:
		return []Act{p.act(p.CounterDo("open"), "open", "do.open")}
	case p.Console.Counter.State == queue.CounterPaused:
		return []Act{p.act(p.CounterDo("open"), "open", "do.resume-counter")}
	}
	next := p.act(p.CounterDo("call-next"), "call-next", "do.call-next")
	next.Calls = true
	return []Act{next, p.act(p.CounterDo("pause"), "pause", "do.pause", Field{"reason", p.T("reason.break")}), p.act(p.CounterDo("close"), "close", "do.close")}
}

// MissedActs returns what brings a number back that nobody came for.
func (p deliveryPage) MissedActs(t board.ConsoleTicket) []Act {
	return []Act{p.act(p.TicketDo(t, "restore"), "restore", "do.restore", Field{"place", string(queue.PlaceKeep)})}
}

// HeldActs returns what ends a hold.
func (p deliveryPage) HeldActs(t board.ConsoleTicket) []Act {
	return []Act{p.act(p.TicketDo(t, "resume"), "resume", "do.resume")}
}
