package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"machi/internal/notify"
)

// The ways to a mail server.
const (
	StartTLS = "starttls" // begin in the clear, and go on only encrypted
	TLS      = "tls"      // encrypted from the first byte
	Plain    = "none"     // inside a closed network only
)

// Options say which mail server carries messages. Server and From are required.
type Options struct {
	Server         string // host:port
	Security       string // StartTLS, TLS or Plain; empty means StartTLS
	User, Password string // empty: the server asks nobody
	From           string // such as 世田谷区 <no-reply@city.example.jp>
	TLS            *tls.Config
	Within         time.Duration // of one exchange; zero means 15 seconds
}

// Sender sends e-mail.
type Sender struct {
	o    Options
	from netmail.Address
	host string
	port int
}

// New returns a sender. It does not connect.
func New(o Options) (*Sender, error) {
	host, port, err := net.SplitHostPort(o.Server)
	if err != nil {
		return nil, errors.New("mail: the server is written as host:port")
	}
	s := &Sender{o: o, host: host}
	if s.port, err = strconv.Atoi(port); err != nil {
		return nil, errors.New("mail: the server is written as host:port")
	}
	from, err := netmail.ParseAddress(o.From)
	if err != nil {
		return nil, errors.New("mail: the sender is no address")
	}
	s.from = *from
	if o.Security == "" {
		s.o.Security = StartTLS
	}
	if o.Within == 0 {
		s.o.Within = 15 * time.Second
	}
	_, err = s.client()
	return s, err
}

func (s *Sender) client() (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithPort(s.port), gomail.WithTimeout(s.o.Within), gomail.WithoutNoop()}
	if s.o.TLS != nil {
		options = append(options, gomail.WithTLSConfig(s.o.TLS))
	}
	switch s.o.Security {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLS:
		options = append(options, gomail.WithSSL())
	case Plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		return nil, fmt.Errorf("mail: security %q: want starttls, tls or none", s.o.Security)
	}
	if s.o.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.o.User), gomail.WithPassword(s.o.Password))
	}
	c, err := gomail.NewClient(s.host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return c, nil
}

// MessageID returns the Message-ID of a notice, without its brackets: the same at every
// try, so that a mailbox can drop a twin.
func (s *Sender) MessageID(id string) string {
	_, domain, _ := strings.Cut(s.from.Address, "@")
	return id + ".machi@" + domain
}

// Send sends a notice.
func (s *Sender) Send(ctx context.Context, n notify.Notice) error {
	m, err := s.message(n)
	if err != nil {
		return &notify.Failure{Verdict: notify.Refused, Reason: "message"}
	}
	c, err := s.client()
	if err != nil {
		return &notify.Failure{Verdict: notify.Again, Reason: "settings"}
	}
	return failure(c.DialAndSendWithContext(ctx, m))
}

// message writes a notice as e-mail.
func (s *Sender) message(n notify.Notice) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64), gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&s.from)
	if err := m.To(n.Contact.Mail); err != nil {
		return nil, err
	}
	m.SetMessageIDWithValue(s.MessageID(n.ID))
	m.SetDate()
	m.Subject(n.Message.Title)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetGenHeader("Content-Language", n.Message.Lang)
	if strings.HasPrefix(n.Stop, "https://") {
		if err := m.SetListUnsubscribeOneClick(n.Stop); err != nil {
			return nil, err
		}
	}
	m.SetBodyString(gomail.TypeTextPlain, body(n))
	return m, nil
}

// body writes the text: what is to be told first, and why it came last.
func body(n notify.Notice) string {
	lang := n.Message.Lang
	parts := []string{n.Message.Title, n.Message.Body}
	if n.Staff {
		return strings.Join(parts, "\n\n") + "\n"
	}
	if n.Page != "" {
		parts = append(parts, notify.Say(lang, "mail.page")+"\n"+n.Page)
	}
	foot := notify.Say(lang, "mail.foot")
	if n.Stop != "" {
		foot += "\n" + notify.Say(lang, "mail.stop") + "\n" + n.Stop
	}
	return strings.Join(append(parts, "-- \n"+foot), "\n\n") + "\n"
}

// failure says what an error means, without its text. What failed before the last line
// of the message was not taken; what failed without a word after it may have been.
func failure(err error) error {
	if err == nil {
		return nil
	}
	var sending *gomail.SendError
	if !errors.As(err, &sending) {
		return &notify.Failure{Verdict: notify.Again, Reason: "unreachable"}
	}
	code := sending.ErrorCode()
	reason := "code " + strconv.Itoa(code)
	switch {
	case sending.Reason == gomail.ErrSMTPReset: // after it was taken
		return nil
	case sending.Reason == gomail.ErrSMTPDataClose && code == 0:
		return &notify.Failure{Verdict: notify.Unclear, Reason: "no answer"}
	case sending.Reason == gomail.ErrSMTPRcptTo && (code == 550 || code == 551 || code == 553):
		return &notify.Failure{Verdict: notify.Gone, Reason: reason}
	case code >= 500:
		return &notify.Failure{Verdict: notify.Refused, Reason: reason}
	}
	return &notify.Failure{Verdict: notify.Again, Reason: reason}
}
