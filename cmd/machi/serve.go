package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"machi/internal/queue"
	"machi/internal/server"
)

// serveCmd runs the central server. A flag wins over the environment, that over the
// file, that over the default.
type serveCmd struct {
	storeFlags
	ssoFlags
	tellFlags
	Listen          string          `help:"Address of the public listener." env:"MACHI_LISTEN" default:":8080"`
	AdminListen     string          `help:"Address of metrics and profiles; keep it on loopback. Empty: none." env:"MACHI_ADMIN_LISTEN" default:"127.0.0.1:9090"`
	Catalog         string          `help:"File of offices and services. Without one: the built-in catalogue." env:"MACHI_CATALOG" placeholder:"FILE" type:"path"`
	Clock           string          `help:"Rehearsal clock: begin at this moment (RFC 3339). Every page says so." env:"MACHI_CLOCK" placeholder:"TIME"`
	Speed           float64         `help:"How many times as fast the rehearsal clock runs." env:"MACHI_SPEED" default:"1"`
	PublicURL       string          `help:"What stands before the path of a ticket's page." env:"MACHI_PUBLIC_URL" placeholder:"URL"`
	Origins         []string        `help:"Origins of other pages that may open live connections." env:"MACHI_ORIGINS" placeholder:"ORIGIN"`
	Proxies         []string        `help:"Networks whose X-Forwarded-For is believed, such as 10.0.0.0/8." env:"MACHI_PROXIES" placeholder:"CIDR"`
	Secure          bool            `help:"People reach the server by TLS: cookies demand it." env:"MACHI_SECURE"`
	SecurityContact []string        `help:"To whom somebody turns who has found a weakness (security.txt): mailto:, tel: or https: addresses." env:"MACHI_SECURITY_CONTACT" placeholder:"ADDRESS"`
	SecurityPolicy  string          `help:"Address of the page that says how such reports are dealt with." env:"MACHI_SECURITY_POLICY" placeholder:"URL"`
	AccessContact   string          `help:"Whom a reader tells that a page stands in the way: a mailto:, tel: or https: address." env:"MACHI_ACCESS_CONTACT" placeholder:"ADDRESS"`
	SessionIdle     time.Duration   `help:"A session ends after so long without a press." env:"MACHI_SESSION_IDLE" default:"30m"`
	SecretKeyFile   string          `help:"File with the key of the tickets' secrets. Without one: the key kept with the tokens." env:"MACHI_SECRET_KEY_FILE" placeholder:"FILE" type:"path"`
	KeepDays        int             `help:"How many days back closed days are kept, 62 at least." env:"MACHI_KEEP_DAYS" default:"800"`
	MaxWatchers     int             `help:"Limit of live connections." env:"MACHI_MAX_WATCHERS" default:"50000"`
	Voice           string          `help:"Voice of the wall screens: clips:DIR, openjtalk:VOICE, espeak or none (the browsers' own)." env:"MACHI_VOICE" default:"none" placeholder:"KIND"`
	LogLevel        slog.Level      `help:"debug, info, warn or error." env:"MACHI_LOG_LEVEL" default:"info"`
	Config          kong.ConfigFlag `help:"YAML file of flags." env:"MACHI_CONFIG" placeholder:"FILE"`
}

// Run serves until a signal comes.
func (c *serveCmd) Run(ctx context.Context) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel})))
	options, err := c.serverOptions()
	if err != nil {
		return err
	}
	s, err := server.New(options)
	if err != nil {
		return err
	}
	fmt.Println("serving", s.Addr())
	if admin := s.AdminAddr(); admin != "" {
		fmt.Println("admin", admin)
	}
	if err := sayFirst(ctx, s); err != nil {
		return errors.Join(err, s.Close())
	}
	return s.Run(ctx)
}

// sayFirst prints the code by which the first administrator comes in, where nobody
// can manage accounts yet.
func sayFirst(ctx context.Context, s *server.Server) error {
	if !s.People().Empty() {
		return nil
	}
	code, until, err := s.People().NewFirstCode(ctx)
	if err != nil {
		return fmt.Errorf("first administrator: %w", err)
	}
	fmt.Printf("first administrator: code %s until %s at %s/staff/first\n", code, until.In(queue.JST).Format(time.TimeOnly), s.Addr())
	return nil
}

func (c *serveCmd) serverOptions() (server.Options, error) {
	url, err := c.url()
	if err != nil {
		return server.Options{}, err
	}
	key, err := secret("", c.SecretKeyFile)
	if err != nil {
		return server.Options{}, err
	}
	sso, err := c.sso()
	if err != nil {
		return server.Options{}, err
	}
	tell, err := c.tell()
	if err != nil {
		return server.Options{}, err
	}
	o := server.Options{
		Listen: c.Listen, AdminListen: c.AdminListen, Data: c.Data, Redis: url, RedisReplicas: c.RedisReplicas,
		Sentinels: c.RedisSentinels, RedisMaster: c.RedisMaster, AllowUnsafeRedis: c.AllowUnsafeRedis,
		Catalog: c.Catalog, Speed: c.Speed, PublicURL: c.PublicURL, AccessContact: c.AccessContact, Origins: c.Origins, Secure: c.Secure,
		SecretKey: []byte(key), SSO: sso, Tell: tell, SessionIdle: c.SessionIdle, MaxWatchers: c.MaxWatchers, Voice: c.Voice, KeepDays: c.KeepDays, Logger: slog.Default(),
	}
	if o.Clock, err = moment(c.Clock); err != nil {
		return o, err
	}
	if o.WebhookAllow, err = networks(c.WebhookAllow); err != nil {
		return o, err
	}
	if o.Proxies, err = networks(c.Proxies); err != nil {
		return o, err
	}
	if c.AccessContact != "" && !writable(c.AccessContact) {
		return o, fmt.Errorf("access contact %q: want an address with mailto:, tel: or https: before it", c.AccessContact)
	}
	o.Security, err = security(c.SecurityContact, c.SecurityPolicy)
	return o, err
}

// moment reads the beginning of a rehearsal; empty is none.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("clock %q: want a moment such as 2026-04-01T08:25:00+09:00", text)
	}
	return at, nil
}

func networks(list []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("network %q: %w", text, err)
		}
		all = append(all, p)
	}
	return all, nil
}

// writable reports whether an address is one that somebody can turn to.
func writable(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "mailto" || u.Scheme == "tel" || u.Scheme == "https") && !strings.ContainsAny(text, "\r\n")
}

// security reads to whom somebody turns who has found a weakness. What a reader could
// not use is refused here, not found out by whoever is in need of it.
func security(contacts []string, policy string) (server.SecurityContact, error) {
	for _, text := range contacts {
		if !writable(text) {
			return server.SecurityContact{}, fmt.Errorf("security contact %q: want an address with mailto:, tel: or https: before it", text)
		}
	}
	if u, err := url.Parse(policy); policy != "" && (err != nil || u.Scheme != "https") {
		return server.SecurityContact{}, fmt.Errorf("security policy %q: want an https address", policy)
	}
	return server.SecurityContact{Contacts: contacts, Policy: policy}, nil
}
