package public

import (
	"cmp"
	"slices"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
)

// matterLink is a matter that a visitor may want to deal with next.
type matterLink struct {
	ID, Name string
	Bring    []string
}

// shownAfter bounds the matters that a finished visit is followed by.
const shownAfter = 4

// after lists what people who came for the same usually deal with as well, what comes
// along most often first. Only a finished visit is told.
func (p *Pages) after(v ui.View, t board.TicketStatus) []matterLink {
	if p.deps.Guide == nil || t.State != queue.Done {
		return nil
	}
	done := map[queue.ServiceID]bool{t.Service: true}
	if t.Next != nil {
		for _, r := range t.Next.Received {
			done[r.ID] = true
		}
	}
	times := map[string]int{}
	for _, w := range p.deps.Guide.Ways() {
		if len(w.Services) > 0 && done[w.Services[0]] {
			for _, with := range w.With {
				times[with.ID]++
			}
		}
	}
	var list []matterLink
	for _, w := range p.deps.Guide.Ways() { // in the guide's order where the count is the same
		if times[w.ID] == 0 || len(w.Services) > 0 && done[w.Services[0]] {
			continue
		}
		link := matterLink{ID: w.ID, Name: v.Name(board.Text(w.Name))}
		for _, b := range w.Bring {
			link.Bring = append(link.Bring, v.Name(board.Text(b)))
		}
		list = append(list, link)
	}
	slices.SortStableFunc(list, func(a, b matterLink) int { return cmp.Compare(times[b.ID], times[a.ID]) })
	return list[:min(shownAfter, len(list))]
}
