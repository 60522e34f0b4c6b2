package notifytest

import (
	"encoding/base64"
	"io"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// Mailed is a message that a mail server took.
type Mailed struct {
	From, To string
	Header   netmail.Header
	Body     string
}

// MailServer is a real mail server that keeps what it takes.
type MailServer struct {
	Addr string // host:port, also while it is down
	t    testing.TB

	mu     sync.Mutex
	server *smtp.Server
	door   net.Listener
	taken  []Mailed
	refuse func(to string) error
	after  func() error
}

// NewMailServer returns one that is up.
func NewMailServer(t testing.TB) *MailServer {
	s := &MailServer{t: t, Addr: "127.0.0.1:0"}
	s.Up()
	t.Cleanup(s.Down)
	return s
}

// Up begins to listen, at the same address as before.
func (s *MailServer) Up() {
	s.t.Helper()
	l, err := net.Listen("tcp", s.Addr)
	if err != nil {
		s.t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{s: s}, nil }))
	server.Domain = "mail.test"
	s.mu.Lock()
	s.Addr, s.server, s.door = l.Addr().String(), server, l
	s.mu.Unlock()
	go func() { _ = server.Serve(l) }()
}

// Down ends it with all connections. The door is shut here: a server that has not begun
// to serve yet knows of none.
func (s *MailServer) Down() {
	s.mu.Lock()
	server, door := s.server, s.door
	s.server = nil
	s.mu.Unlock()
	if server != nil {
		_ = door.Close()
		_ = server.Close()
	}
}

// Refuse makes it answer RCPT with an error; nil ends that.
func (s *MailServer) Refuse(why func(to string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = why
}

// After is asked what to answer for a message that was taken.
func (s *MailServer) After(answer func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = answer
}

// Taken returns the messages that it has.
func (s *MailServer) Taken() []Mailed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mailed(nil), s.taken...)
}

// session is one connection of a client.
type session struct {
	s        *MailServer
	from, to string
}

// Mail takes the sender.
func (c *session) Mail(from string, _ *smtp.MailOptions) error { c.from = from; return nil }

// Rcpt takes the recipient, or refuses it.
func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.s.mu.Lock()
	refuse := c.s.refuse
	c.s.mu.Unlock()
	if refuse != nil {
		if err := refuse(to); err != nil {
			return err
		}
	}
	c.to = to
	return nil
}

// Data takes the message.
func (c *session) Data(r io.Reader) error {
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	if strings.EqualFold(m.Header.Get("Content-Transfer-Encoding"), "base64") {
		if raw, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(string(raw), "\r\n", "")); err != nil {
			return err
		}
	}
	c.s.mu.Lock()
	c.s.taken = append(c.s.taken, Mailed{c.from, c.to, m.Header, string(raw)})
	after := c.s.after
	c.s.mu.Unlock()
	if after != nil {
		return after()
	}
	return nil
}

// Reset forgets the message.
func (c *session) Reset() { c.from, c.to = "", "" }

// Logout ends the connection.
func (c *session) Logout() error { return nil }
