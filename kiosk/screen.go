package kiosk

import (
	"context"
	"encoding/json"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
)

// Screen is all that the touch pages show, as of one moment.
type Screen struct {
	OfficeID  queue.OfficeID  `json:"office_id"`
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
	Barred    string          `json:"barred,omitempty"`  // why the server lets the machine give no numbers
	Printer   string          `json:"printer"`           // words of the printer's status
	Paper     string          `json:"paper"`
	CheckIn   bool            `json:"check_in"` // tickets from home are to check in here
	Voice     bool            `json:"voice"`    // the machine can speak
	Desk      bool            `json:"desk"`     // a PIN is set: staff may sign in
	Version   string          `json:"version"`
	Purposes  []Purpose       `json:"purposes"`
	Services  []ScreenService `json:"services"`
}

// ScreenService is one button.
type ScreenService struct {
	ID        queue.ServiceID `json:"id"`
	Name      Words           `json:"name"`
	Kana      string          `json:"kana,omitempty"`
	Purpose   string          `json:"purpose"`
	Bring     []Words         `json:"bring,omitempty"`
	Series    queue.SeriesID  `json:"series"`
	Accepting bool            `json:"accepting"`
	Code      string          `json:"code,omitempty"` // why not
	Message   string          `json:"message,omitempty"`
	Opens     time.Time       `json:"opens,omitzero"`  // when tickets are given from, today
	Closes    time.Time       `json:"closes,omitzero"` // and until when
	Waiting   int             `json:"waiting"`
	Quote     *Quote          `json:"quote,omitempty"`
	Instead   []ScreenInstead `json:"instead,omitempty"`
}

// Screen returns what the pages show now.
func (k *Kiosk) Screen(ctx context.Context) (Screen, error) {
	return ask(ctx, k, func(context.Context) Screen { return k.screen() })
}

const (
	// screenWait is how long a question for a newer screen waits, screenEvery how
	// often it looks.
	screenWait  = 20 * time.Second
	screenEvery = 500 * time.Millisecond
)

// newScreen returns a screen that is not the one of an etag, as soon as there is
// one, or after a while the same.
func (k *Kiosk) newScreen(ctx context.Context, etag string) (Screen, error) {
	s, err := k.Screen(ctx)
	if err != nil || etag == "" || s.etag() != etag {
		return s, err
	}
	end, look := time.NewTimer(screenWait), time.NewTicker(screenEvery)
	defer end.Stop()
	defer look.Stop()
	for s.etag() == etag {
		select {
		case <-look.C:
		case <-end.C:
			return s, nil
		case <-ctx.Done():
			return s, ctx.Err()
		}
		if s, err = k.Screen(ctx); err != nil {
			return s, err
		}
	}
	return s, nil
}

// etag names what is shown, seconds apart.
func (s Screen) etag() string {
	s.At = s.At.Truncate(time.Minute)
	raw, err := json.Marshal(s)
	if err != nil {
		return "" // texts and numbers can always be encoded
	}
	return hashOf(string(raw))[:16]
}

// screen is run by the loop.
func (k *Kiosk) screen() Screen {
	plan := k.currentPlan()
	today, reading := k.agent.Today(k.watch.now())
	paper := k.spool.words()
	s := Screen{
		OfficeID: k.o.Office, Barred: k.agent.Barred(), Printer: paper.Printer, Paper: paper.Paper, Voice: k.o.Voice != nil,
		CheckIn: today.State().Settings().Rule.CheckIn, Desk: plan.PIN != "", Version: Version(),
		Office: plan.Office.Name, Ward: k.o.Ward, Kiosk: k.o.Kiosk, Ready: k.agent.Planned() && len(plan.Settings.Services) > 0,
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
	waits, known := k.waits()
	for _, v := range state.Settings().Services {
		b := button(plan, state, v, reading)
		b.Instead = k.instead(plan, v.ID)
		if wait, ok := waits.Services[v.ID]; ok && known {
			b.Quote = told(wait)
		}
		s.Services = append(s.Services, b)
	}
	return s
}

func button(plan *Plan, state *queue.State, v queue.ServiceSettings, reading replica.Reading) ScreenService {
	words := plan.Service(v.ID)
	b := ScreenService{
		ID: v.ID, Name: words.Name, Purpose: words.Purpose, Bring: words.Bring, Series: v.Series,
		Waiting: len(state.Line(queue.Line{Service: v.ID, Stage: queue.StageReception})),
		Kana:    words.Kana, Opens: v.Opens, Closes: v.Closes,
	}
	if !v.Opens.IsZero() {
		b.Opens = v.Opens.Add(-v.Early)
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
