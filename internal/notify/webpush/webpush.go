package webpush

import (
	"context"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	push "github.com/SherClockHolmes/webpush-go"

	"machi/internal/notify"
	"machi/internal/notify/outward"
)

// Hosts are the push services of the browsers; a leading *. stands for any name below.
var Hosts = []string{
	"fcm.googleapis.com", "*.push.services.mozilla.com", "*.push.apple.com", "*.notify.windows.com",
}

// Options say who pushes. Key and Subject are required.
type Options struct {
	Key *ecdh.PrivateKey // P-256
	// Subject is an https URL where a push service finds who is behind this. Apple's
	// refuses others, and the library would make an address of e-mail of them.
	Subject string
	// Hosts are more push services, as in [Hosts], or whole origins such as
	// http://127.0.0.1:9000 to test with.
	Hosts  []string
	Client *http.Client // nil: [outward.Client]
}

// Sender pushes to browsers.
type Sender struct {
	o               Options
	public, private string
}

// New returns a sender.
func New(o Options) (*Sender, error) {
	u, err := url.Parse(o.Subject)
	switch {
	case err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil:
		return nil, errors.New("web push: the subject must be an https URL")
	case o.Key == nil || o.Key.Curve() != ecdh.P256():
		return nil, errors.New("web push: the key must be one of P-256")
	}
	if o.Client == nil {
		o.Client = outward.Client()
	}
	encode := base64.RawURLEncoding.EncodeToString
	return &Sender{o, encode(o.Key.PublicKey().Bytes()), encode(o.Key.Bytes())}, nil
}

// Derive makes the key of an installation from its secret: the same on all servers and
// after every start, so that browsers' subscriptions stay good.
func Derive(secret []byte) (*ecdh.PrivateKey, error) {
	for i := range 100 { // one in 2^32 numbers is not a key
		raw, err := hkdf.Key(sha256.New, secret, nil, fmt.Sprint("machi vapid ", i), 32)
		if err != nil {
			return nil, fmt.Errorf("web push key: %w", err)
		}
		if key, err := ecdh.P256().NewPrivateKey(raw); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("web push key: none can be derived")
}

// Public returns the key that browsers subscribe with.
func (s *Sender) Public() string { return s.public }

// The limits of a subscription.
const (
	maxEndpoint = 1024
	authBytes   = 16
)

// Check returns a [*notify.FieldError] for a subscription that cannot be pushed to.
func (s *Sender) Check(b notify.Subscription) error {
	u, err := url.Parse(b.Endpoint)
	if err != nil || len(b.Endpoint) > maxEndpoint || u.User != nil || !s.allowed(u) {
		return &notify.FieldError{Field: "push.endpoint", Text: "not the address of a known push service"}
	}
	point, err := decode(b.Keys.P256dh)
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(point)
	}
	if err != nil {
		return &notify.FieldError{Field: "push.keys.p256dh", Text: "not a public key of P-256"}
	}
	if auth, err := decode(b.Keys.Auth); err != nil || len(auth) != authBytes {
		return &notify.FieldError{Field: "push.keys.auth", Text: "want 16 bytes"}
	}
	return nil
}

func decode(text string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(text))
}

// allowed reports whether a URL belongs to a known push service.
func (s *Sender) allowed(u *url.URL) bool {
	for _, origin := range s.o.Hosts {
		if origin == u.Scheme+"://"+u.Host {
			return true
		}
	}
	if u.Scheme != "https" || u.Port() != "" && u.Port() != "443" {
		return false
	}
	for _, list := range [][]string{Hosts, s.o.Hosts} {
		for _, host := range list {
			tail, wild := strings.CutPrefix(host, "*")
			if u.Hostname() == host || wild && strings.HasSuffix(u.Hostname(), tail) {
				return true
			}
		}
	}
	return false
}

// Send pushes a notice. Until it was fetched, a later try of it takes its place.
func (s *Sender) Send(ctx context.Context, n notify.Notice) error {
	b := n.Contact.Push
	if b == nil || s.Check(*b) != nil {
		return &notify.Failure{Verdict: notify.Refused, Reason: "subscription"}
	}
	payload, err := json.Marshal(n.Message)
	if err != nil {
		return &notify.Failure{Verdict: notify.Refused, Reason: "payload"}
	}
	ctx, try := outward.Watch(ctx)
	answer, err := push.SendNotificationWithContext(ctx, payload, &push.Subscription{
		Endpoint: b.Endpoint, Keys: push.Keys{Auth: b.Keys.Auth, P256dh: b.Keys.P256dh},
	}, &push.Options{
		HTTPClient: s.o.Client, Subscriber: s.o.Subject, Topic: Topic(n.ID), TTL: int(n.For / time.Second), Urgency: push.UrgencyHigh,
		VAPIDPublicKey: s.public, VAPIDPrivateKey: s.private, RecordSize: 3072,
	})
	if errors.Is(err, push.ErrMaxPadExceeded) {
		return &notify.Failure{Verdict: notify.Refused, Reason: "too long"}
	}
	if err != nil {
		return try.Failed()
	}
	defer outward.Drain(answer.Body)
	if f := outward.Answered(answer.StatusCode, answer.Header, time.Now()); f != nil {
		return f
	}
	return nil
}

// Topic returns the topic of a notice: at most 32 characters of base64url (RFC 8030).
func Topic(id string) string {
	sum := sha256.Sum256([]byte("topic " + id))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}
