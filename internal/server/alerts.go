package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/alert"
	"machi/internal/alert/duty"
	"machi/internal/board"
	"machi/internal/notify"
	"machi/internal/notify/mail"
	"machi/internal/queue"
	"machi/internal/signs"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// openAlerts opens what managers are told of their offices.
func (s *Server) openAlerts() error {
	o := duty.Options{
		Store: s.store, Server: s.identity.file.Server, Run: randomHex(8), Now: s.now, Offices: s.offices,
		Scene: s.alertScene, Rules: s.alertRules, Write: s.alertLetter, Every: s.options.pace(5 * time.Second),
		Lease: s.options.Tell.Lease, Logger: s.options.Logger, Registerer: s.registry,
	}
	if s.options.Tell.Mail.Server != "" {
		sender, err := mail.New(s.options.Tell.Mail)
		if err != nil {
			return err
		}
		o.Mail = sender
	}
	s.aheads = aheads{hub: s.hub, now: s.now, usual: s.promises.usual, rest: s.restOfDay, forecast: s.forecasts.Forecast}
	s.presence = newPresence(s.store, s.options.Logger)
	s.alerts = duty.New(o)
	return nil
}

// alertRules returns the rules of an office by the catalogue in force.
func (s *Server) alertRules(id queue.OfficeID) alert.Rules {
	if o, ok := s.catalog().Office(id); ok {
		return o.Alerts
	}
	return alert.Usual()
}

// alertScene returns an office as alerts look at it; false: this server cannot say how
// it stands.
func (s *Server) alertScene(id queue.OfficeID) (alert.Scene, bool) {
	snapshot, err := s.hub.Snapshot(id)
	if err != nil || snapshot.View.Doubt || !snapshot.View.State.Opened() {
		return alert.Scene{}, false
	}
	machines, _ := snapshot.Machines()
	scene := alert.SceneOf(snapshot.View.State, snapshot.Estimate, machines)
	scene.At = s.now().In(queue.JST)
	for _, m := range machines {
		if m.State == board.MachineSilent && !s.presence.sure("kiosk", id, string(m.ID)) || m.State != board.MachineSilent && m.Heard.IsZero() {
			scene.Unsure = append(scene.Unsure, string(m.ID))
		}
	}
	scene.Screens = s.wallsOf(id)
	for _, v := range scene.Screens {
		if v.Silent && !s.presence.sure("screen", id, v.ID) || v.Heard.IsZero() && !v.Silent {
			scene.Unsure = append(scene.Unsure, v.ID)
		}
	}
	if ahead, ok := s.aheads.Ahead(id); ok {
		scene.Expected = ahead.List
	}
	return scene, true
}

// alertLetter words a letter about an alert: Japanese first, then English.
func (s *Server) alertLetter(a alert.Alert) notify.Message {
	say := func(lang ui.Lang) (title, body string) {
		v := ui.View{Texts: ui.StaffTexts, Lang: lang}
		info, _ := s.infos.of(a.Office)
		w := page.WordsOf(v, a, func(id queue.ServiceID) board.Text { return info.Services[id].Name })
		title = v.T("alert.mail.title", "office", info.Name.In(string(lang)), "what", w.What)
		lines := []string{w.Where, w.Facts, v.T("alert.mail.do", "do", w.Do), v.T("alert.mail.since", "t", ui.HourMinute(a.Raised), "n", int(s.now().Sub(a.Raised)/time.Minute))}
		return title, strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n")
	}
	title, body := say(ui.Japanese)
	english, more := say(ui.English)
	body += "\n\n" + english + "\n" + more
	if s.options.PublicURL != "" {
		body += "\n\n" + s.options.PublicURL + "/manager/alerts"
	}
	return notify.Message{Title: title, Body: body, Lang: string(ui.Japanese)}
}

// countAlerts counts what waits for whoever asks for a managers' page.
func (s *Server) countAlerts(c echo.Context) int {
	who, ok := s.identify(c)
	if !ok {
		return 0
	}
	return s.alerts.Waiting(func(id queue.OfficeID) bool { return who.At(id) == "manager" || who.At(id) == "admin" })
}

// lives are the newest views of offices in full.
type lives struct {
	views
	server *Server
}

// Live returns what a manager sees of an office; false: nothing can be shown.
func (l lives) Live(id queue.OfficeID) (board.Live, bool) {
	s, err := l.hub.Snapshot(id)
	if err != nil {
		return board.Live{}, false
	}
	return s.Live(), true
}

// Screens lists the registered wall screens of an office.
func (l lives) Screens(id queue.OfficeID) []alert.ScreenState { return l.server.wallsOf(id) }

// runAlerts looks at the offices until the context ends.
func (s *Server) runAlerts(ctx context.Context) {
	following := make(chan struct{})
	go func() {
		defer close(following)
		s.presence.run(ctx, s.heard)
	}()
	_ = s.alerts.Run(ctx)
	<-following
}

// heard lists the machines and screens that this server heard of lately, and those that
// it should have heard.
func (s *Server) heard() (here, missing []string) {
	for _, id := range s.offices() {
		snapshot, err := s.hub.Snapshot(id)
		if err != nil {
			continue
		}
		machines, _ := snapshot.Machines()
		for _, m := range machines {
			switch name := presenceOf("kiosk", id, string(m.ID)); {
			case m.State == board.MachineSilent:
				missing = append(missing, name)
			case !m.Heard.IsZero():
				here = append(here, name)
			}
		}
		for _, v := range s.signs.Roll.Standings(s.screensOf(id)) {
			switch name := presenceOf("screen", id, v.ID); {
			case v.Silent:
				missing = append(missing, name)
			case !v.Never:
				here = append(here, name)
			}
		}
	}
	return here, missing
}

// wallsOf lists how the registered screens of an office are.
func (s *Server) wallsOf(id queue.OfficeID) (list []alert.ScreenState) {
	for _, v := range s.signs.Roll.Standings(s.screensOf(id)) {
		list = append(list, alert.ScreenState{ID: v.ID, Name: v.Name, Silent: v.Silent, Stale: v.Alive.Stale, Heard: v.Alive.Heard})
	}
	return list
}

// screensOf lists the registered screens of an office.
func (s *Server) screensOf(id queue.OfficeID) []signs.Screen {
	return slices.DeleteFunc(s.signs.Book.Screens(), func(v signs.Screen) bool { return v.Office != id })
}

// presenceOf names a machine or a screen among all: no id holds a slash.
func presenceOf(kind string, office queue.OfficeID, id string) string {
	return fmt.Sprintf("%s/%s/%s", kind, office, id)
}
