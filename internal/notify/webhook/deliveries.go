package webhook

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"machi/internal/ledger"
	"machi/internal/notify/outbox"
)

// Delivery is an event on its way to an endpoint.
type Delivery struct {
	ID      string    `json:"id"`
	Message string    `json:"message"` // the webhook-id
	Type    string    `json:"type"`
	At      time.Time `json:"at"`
	// State is pending, sent or dead.
	State  string `json:"state"`
	Tries  int    `json:"tries"`
	Reason string `json:"reason,omitempty"` // what the newest try met
	Event  Event  `json:"event"`
}

// shown bounds the deliveries that are listed.
const shown = 100

// Deliveries returns the newest deliveries of an endpoint, the newest first; dead ones
// also of the day before.
func (s *Service) Deliveries(ctx context.Context, endpoint string) ([]Delivery, error) {
	if _, known := s.o.Book.find(endpoint); !known {
		return nil, ErrUnknown
	}
	today, err := s.today(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	before := s.before
	s.mu.Unlock()
	var list []Delivery
	for _, b := range []*box{before, today} {
		for _, i := range b.Items() {
			if i.Data.Endpoint == endpoint && (b == today || i.State == outbox.Failed) {
				list = append(list, deliveryOf(i))
			}
		}
	}
	slices.Reverse(list)
	return list[:min(len(list), shown)], nil
}

func deliveryOf(i outbox.Item[happening]) Delivery {
	d := Delivery{ID: i.ID, Message: i.Data.Name, Type: i.Data.Event.Type, At: i.Added, State: "pending", Tries: i.Tries, Reason: i.Reason, Event: i.Data.Event}
	switch i.State {
	case outbox.Sent:
		d.State, d.Reason = "sent", ""
	case outbox.Failed, outbox.Dropped:
		d.State = "dead"
	}
	return d
}

// Retry sends a dead delivery once more, under its old webhook-id.
func (s *Service) Retry(ctx context.Context, endpoint, id string) error {
	b, err := s.today(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	before := s.before
	s.mu.Unlock()
	return b.Write(ctx, func() ([]entry, error) {
		dead, ok := b.Get(id)
		if !ok {
			dead, ok = before.Get(id)
		}
		switch {
		case !ok || dead.Data.Endpoint != endpoint:
			return nil, ErrUnknown
		case dead.State != outbox.Failed:
			return nil, ledger.ErrDone
		}
		first, _, _ := strings.Cut(id, "~")
		for n := 1; ; n++ {
			again, there := b.Get(first + "~" + strconv.Itoa(n))
			if !there {
				return []entry{outbox.Add(first+"~"+strconv.Itoa(n), dead.Data)}, nil
			}
			if !again.State.Final() {
				return nil, ledger.ErrDone
			}
		}
	})
}

// Try sends an event to an endpoint that says nothing, so that its owner sees one.
func (s *Service) Try(ctx context.Context, endpoint string) error {
	k, known := s.o.Book.find(endpoint)
	if !known {
		return ErrUnknown
	}
	b, err := s.today(ctx)
	if err != nil {
		return err
	}
	h := s.maker.happening(k.Endpoint, Test, s.o.Now(), Data{Office: k.Office}, random())
	return b.Write(ctx, func() ([]entry, error) { return []entry{outbox.Add(h.Event.ID, h)}, nil })
}
