package board

import (
	"slices"
	"time"

	"machi/internal/estimate"
	"machi/internal/queue"
)

const (
	// backBefore is how long before the earliest call a holder should be back.
	backBefore = 5 * time.Minute
	// worthLeaving is the least time away that is worth to be told.
	worthLeaving = 10 * time.Minute
	// clockStep is what a time of day is rounded down to, so that it stands still
	// while the estimate trembles.
	clockStep = 5 * time.Minute
)

// comeBackBy returns when a holder should be back at the latest, from the low end of
// what is known: nobody is told a time after which they may already have been called.
func comeBackBy(t TicketStatus, called estimate.Range) time.Time {
	away := t.State == queue.Waiting || t.State == queue.Processing
	if !away || t.Away || t.Announced || !called.Known {
		return time.Time{}
	}
	shown, _ := called.Shown()
	low := min(called.Low, shown+clockStep) // what is shown beside it is not contradicted
	by := t.AsOf.Add(low - backBefore).Truncate(clockStep)
	if by.Sub(t.AsOf) < worthLeaving {
		return time.Time{}
	}
	return by
}

// nextOf returns what a ticket's visit still has before it, and what it has behind it.
func nextOf(info Info, s *queue.State, t *queue.Ticket) *Next {
	var next Next
	service, _ := s.Settings().Service(t.Line.Service)
	if !t.Status.Final() {
		next.Delivery = t.Line.Stage != queue.StageDelivery && service.HasStage(queue.StageDelivery) &&
			(t.Status == queue.Processing || service.HasStage(queue.StageProcessing))
		for _, id := range t.Further {
			next.Services = append(next.Services, NamedService{id, info.Services[id].Name})
		}
	}
	for _, v := range t.Visited {
		received := NamedService{v.Line.Service, info.Services[v.Line.Service].Name}
		if !slices.ContainsFunc(next.Received, func(n NamedService) bool { return n.ID == received.ID }) {
			next.Received = append(next.Received, received)
		}
	}
	if !next.Delivery && next.Services == nil && next.Received == nil {
		return nil
	}
	return &next
}
