package server

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"machi/internal/notify"
	"machi/internal/notify/line"
	"machi/internal/notify/mail"
	"machi/internal/notify/webpush"
	"machi/internal/queue"
	"machi/internal/told"
)

// Tell says in which ways residents can be told that their turn is near. What is empty
// is off.
type Tell struct {
	// PushSubject is an https URL where a push service finds who is behind this server.
	PushSubject string
	PushHosts   []string // push services beside those of the known browsers
	Mail        mail.Options
	Line        line.Options
	LineAddURL  string // where residents add the LINE account
	// Lease is how long the claim of a server that went away is respected; zero means a
	// minute.
	Lease time.Duration
}

// openTell opens what tells residents. Whom to tell is sealed with keys in a folder that
// no backup may hold.
func (s *Server) openTell() error {
	o := notify.Options{
		Store: s.store, Dir: filepath.Join(s.options.Data, "vault"), Server: s.identity.file.Server, Run: randomHex(8),
		Now: s.now, Standing: s.standing, Senders: map[notify.Channel]notify.Sender{}, PublicURL: s.options.PublicURL,
		Lease: s.options.Tell.Lease, Logger: s.options.Logger, Registerer: s.registry,
	}
	for _, open := range []func(*notify.Options) error{s.openPush, s.openMail, s.openLine} {
		if err := open(&o); err != nil {
			return err
		}
	}
	s.tell = notify.New(o)
	return nil
}

func (s *Server) openPush(o *notify.Options) error {
	if s.options.Tell.PushSubject == "" {
		return nil
	}
	key, err := webpush.Derive(s.secretKey())
	if err != nil {
		return err
	}
	push, err := webpush.New(webpush.Options{Key: key, Subject: s.options.Tell.PushSubject, Hosts: s.options.Tell.PushHosts})
	if err != nil {
		return err
	}
	o.Senders[notify.Push], o.CheckPush = push, push.Check
	o.Channels.Push = &notify.PushChannel{Key: push.Public()}
	return nil
}

func (s *Server) openMail(o *notify.Options) error {
	if s.options.Tell.Mail.Server == "" {
		return nil
	}
	if s.options.PublicURL == "" {
		return errors.New("mail: messages hold links, so the server's public address is needed (public-url)")
	}
	sender, err := mail.New(s.options.Tell.Mail)
	if err != nil {
		return err
	}
	o.Senders[notify.Mail], o.Channels.Mail = sender, true
	return nil
}

func (s *Server) openLine(o *notify.Options) error {
	t := s.options.Tell
	if t.Line.Secret == "" && t.Line.Token == "" {
		return nil
	}
	if !strings.HasPrefix(t.LineAddURL, "https://") {
		return fmt.Errorf("line: residents need an https address to add the account (line-add-url)")
	}
	account, err := line.New(t.Line)
	if err != nil {
		return err
	}
	o.Senders[notify.Line], o.Parse, o.Reply = account, account.Parse, account.Reply
	o.Channels.Line = &notify.LineChannel{AddURL: t.LineAddURL}
	return nil
}

// standing returns how a ticket stands, as its own page shows it.
func (s *Server) standing(office queue.OfficeID, ticket string) (notify.Standing, bool) {
	snapshot, t, ok := s.hub.TicketAt(office, ticket)
	if !ok || snapshot.View.Doubt {
		return notify.Standing{}, false
	}
	status := snapshot.Ticket(t)
	out := notify.Standing{
		Office: status.Office, Name: status.OfficeName, Number: status.Number, Status: status.State, Stage: status.Stage,
		Ahead: status.Ahead, Called: status.Announced || status.State == queue.Called, Counter: status.Counter,
	}
	if e := status.UntilCalled; e != nil {
		out.Span = told.Of(time.Duration(e.Low)*time.Second, time.Duration(e.High)*time.Second)
	}
	return out, true
}
