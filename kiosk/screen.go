package kiosk

import (
	"context"
	"time"

	"machi/internal/estimate"
	"machi/internal/queue"
	"machi/internal/replica"
)

// Screen is all that the touch pages show, as of one moment.
type Screen struct {
	Office    Words           `json:"office"`
	Ward      string          `json:"ward"`
	Kiosk     queue.KioskID   `json:"kiosk"`
	At        time.Time       `json:"at,omitzero"` // absent when the time is not known
	Ready     bool            `json:"ready"`       // has a plan: numbers can be given
	Online    bool            `json:"online"`
	Unsent    int             `json:"unsent"`
	Slot      int             `json:"slot"` // -1: no own range yet
	Rehearsal bool            `json:"rehearsal"`
	Message   string          `json:"message,omitempty"` // of the office, when it is paused or closed
	Alarms    []string        `json:"alarms"`            // codes, for staff
	Purposes  []Purpose       `json:"purposes"`
	Services  []ScreenService `json:"services"`
}

// ScreenService is one button.
type ScreenService struct {
	ID        queue.ServiceID `json:"id"`
	Name      Words           `json:"name"`
	Purpose   string          `json:"purpose"`
	Bring     []Words         `json:"bring,omitempty"`
	Series    queue.SeriesID  `json:"series"`
	Accepting bool            `json:"accepting"`
	Code      string          `json:"code,omitempty"` // why not
	Message   string          `json:"message,omitempty"`
	Waiting   int             `json:"waiting"`
	Quote     *Quote          `json:"quote,omitempty"`
}

// Screen returns what the pages show now.
func (k *Kiosk) Screen(ctx context.Context) (Screen, error) {
	var s Screen
	err := k.question(ctx, func(context.Context) { s = k.screen() })
	return s, err
}

// screen is run by the loop.
func (k *Kiosk) screen() Screen {
	plan := k.currentPlan()
	today, reading := k.agent.Today(k.watch.now())
	s := Screen{
		Office: plan.Office.Name, Ward: k.o.Ward, Kiosk: k.o.Kiosk, Ready: len(plan.Settings.Services) > 0,
		Online: k.agent.Online() && k.client != nil, Unsent: k.agent.Unsent(), Slot: k.agent.Slot(), Rehearsal: k.Rehearsal(),
		Purposes: plan.Purposes, Services: []ScreenService{}, Alarms: k.troubles(),
	}
	if !reading.Guessed {
		s.At = reading.At
	}
	state := today.State()
	if !state.Opened() {
		return s
	}
	if state.Office().State != queue.Accepting {
		s.Message = state.Office().Message
	}
	waits := estimate.Estimate(state, reading.At)
	for _, v := range state.Settings().Services {
		s.Services = append(s.Services, button(plan, state, v, reading, waits.Services[v.ID]))
	}
	return s
}

func button(plan *Plan, state *queue.State, v queue.ServiceSettings, reading replica.Reading, wait estimate.Wait) ScreenService {
	words := plan.Service(v.ID)
	b := ScreenService{
		ID: v.ID, Name: words.Name, Purpose: words.Purpose, Bring: words.Bring, Series: v.Series,
		Waiting: len(state.Line(queue.Line{Service: v.ID, Stage: queue.StageReception})),
		Quote:   told(wait),
	}
	code, ok := state.Accepts(v.ID, reading.At)
	// A clock that nobody believes must not close a door.
	b.Accepting = ok || reading.Guessed && code == queue.OutsideHours
	if !b.Accepting {
		b.Code, b.Message = string(code), state.ServiceStatus(v.ID).Message
	}
	return b
}

// troubles lists what staff should see to.
func (k *Kiosk) troubles() []string {
	k.mu.Lock()
	list := append([]string{}, k.alarms...)
	k.mu.Unlock()
	list = append(list, k.spool.troubles()...)
	for name := range k.store.Health() {
		list = append(list, "file:"+name)
	}
	return list
}
