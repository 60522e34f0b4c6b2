package server

import (
	"context"
	"fmt"
	"time"

	"machi/internal/board"
	"machi/internal/notify/webhook"
	"machi/internal/queue"
)

// webhooks are the endpoints that administrators set, and what goes to them.
type webhooks struct {
	*webhook.Book
	*webhook.Service
}

// Run follows the endpoints and sends until the context ends.
func (w webhooks) Run(ctx context.Context) error {
	following := make(chan struct{})
	go func() {
		defer close(following)
		_ = w.Book.Run(ctx)
	}()
	err := w.Service.Run(ctx)
	<-following
	return err
}

// openWebhooks opens the endpoints beside the tokens. What is sent lies with the days.
func (s *Server) openWebhooks() error {
	ctx, cancel := context.WithTimeout(context.Background(), checkWithin)
	defer cancel()
	log, err := s.beside.Open(webhook.Stream)
	if err != nil {
		return fmt.Errorf("webhooks: %w", err)
	}
	guard := &webhook.Guard{Allow: s.options.WebhookAllow}
	book, err := webhook.OpenBook(ctx, log, s.secretKey(), guard, time.Now)
	if err != nil {
		return fmt.Errorf("webhooks: %w", err)
	}
	s.webhooks = webhooks{book, webhook.New(webhook.Options{
		Book: book, Store: s.store, Server: s.identity.file.Server, Run: randomHex(8), Key: s.secretKey(), Source: s.options.PublicURL,
		Now: s.now, Scenes: s.scenes, Guard: guard, Logger: s.options.Logger, Registerer: s.registry,
	})}
	return nil
}

// scenes returns the offices, as far as programs of others may know them.
func (s *Server) scenes() []webhook.Scene {
	var list []webhook.Scene
	alerts := s.alertsOf()
	for _, id := range s.offices() {
		snapshot, err := s.hub.Snapshot(id)
		if err != nil || snapshot.View.Doubt {
			continue
		}
		scene := webhook.Scene{Office: id, At: s.now()}
		for _, t := range snapshot.View.State.Tickets() {
			turn := webhook.Turn{
				ID: t.ID, Number: t.Number, Service: t.Line.Service, Stage: t.Line.Stage,
				Waits: t.Status == queue.Waiting && t.Announced == "", Ahead: snapshot.Estimate.Tickets[t.ID].Ahead,
				Counter: t.Counter, CalledAt: t.CalledAt, Calls: t.Calls,
			}
			if snapshot.Info.Services[t.Line.Service].Private {
				turn.Service = ""
			}
			scene.Turns = append(scene.Turns, turn)
		}
		scene.Lines = lines(snapshot.Info, snapshot.Frame.Board)
		scene.Alerts = alerts[id]
		list = append(list, scene)
	}
	return list
}

// alertsOf returns the alerts of today, as far as programs of others may know them.
func (s *Server) alertsOf() map[queue.OfficeID][]webhook.Alert {
	all := map[queue.OfficeID][]webhook.Alert{}
	for _, a := range s.alerts.Today() {
		x := webhook.Alert{
			ID: a.ID, Kind: string(a.Kind), Urgent: a.Kind.Urgent(), Service: a.Service, Counter: a.Step.Counter, Kiosk: a.Kiosk,
			Waiting: a.Waiting, Step: a.Step.Do, Level: a.Level, Times: a.Times, Began: a.Raised, Ended: a.Ended, PassedOn: a.Told,
		}
		if info, ok := s.infos.of(a.Office); ok && info.Services[a.Service].Private {
			x.Service = ""
		}
		all[a.Office] = append(all[a.Office], x)
	}
	return all
}

func lines(info board.Info, o board.Office) []webhook.Line {
	var list []webhook.Line
	for _, v := range o.Services {
		if !info.Services[v.ID].Private {
			list = append(list, webhook.Line{Service: v.ID, Level: string(v.Level), Waiting: v.Waiting})
		}
	}
	return list
}
