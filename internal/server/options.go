package server

import (
	"cmp"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"machi/internal/api"
)

// Options say what a server runs on. Data is required; the zero value of everything
// else is good.
type Options struct {
	// Listen is the address of the public listener; empty means 127.0.0.1:0.
	Listen string
	// AdminListen is the address of metrics and profiles, which ask nobody who they
	// are; empty means none.
	AdminListen string
	// Data is the folder that belongs to this server alone.
	Data string

	// Redis is the URL of the Redis that holds the logs of all servers; empty means
	// a bbolt file in Data.
	Redis string
	// RedisReplicas is how many replicas must confirm a number before it is given.
	RedisReplicas int
	// Sentinels and RedisMaster find the master where Redis fails over.
	Sentinels   []string
	RedisMaster string
	// AllowUnsafeRedis starts although Redis would lose confirmed records in a power
	// cut. It is for trying things out.
	AllowUnsafeRedis bool

	// AwaitOthers is how long a server that finds an empty Redis, though it has served
	// before, waits for others that put back what they know; zero means 3 seconds.
	AwaitOthers time.Duration

	// Catalog is the file of offices and services; empty means the built-in one.
	Catalog string
	// Clock, if set, is when a rehearsal begins: every page says that it is one.
	Clock time.Time
	// Speed is how many times as fast the rehearsal's clock runs; zero means once.
	Speed float64
	// Now, if set, is read for the rehearsal's clock, and Clock is when it began. Tests
	// bring one that several servers share and that waits for them. It must not go back.
	Now func() time.Time

	// PublicURL stands before the path of a ticket's page, such as https://machi.example.
	PublicURL string
	// Origins are the origins of other pages that may open live connections.
	Origins []string
	// Proxies are the networks whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// Security says to whom somebody turns who has found a weakness; zero: nobody.
	Security SecurityContact
	// AccessContact is whom a reader tells that a page stands in the way: a mailto:, tel:
	// or https: address; empty: the offices.
	AccessContact string
	// Secure says that people reach the server by TLS.
	Secure bool
	// SecretKey derives status secrets. Servers that share a Redis share it; empty
	// means the one that is kept with the tokens.
	SecretKey []byte
	// SessionIdle ends the session of somebody who does nothing; zero means 30 minutes.
	SessionIdle time.Duration
	// OptionalTOTP lets managers in without an authenticator. It is for demonstrations.
	OptionalTOTP bool
	// SSO is the city's own sign-in service.
	SSO SSO
	// Tell says in which ways residents can be told.
	Tell Tell
	// WebhookAllow are networks of one's own that webhooks may reach.
	WebhookAllow []netip.Prefix
	// KeepDays is how many days back closed days are kept; zero means 800.
	KeepDays int
	// LearnDays is from how many closed days estimates learn anew; zero means 120.
	LearnDays int
	// MaxWatchers bounds the live connections; zero means 50,000.
	MaxWatchers int
	// Voice speaks for the wall screens: clips:DIR, openjtalk:VOICE or espeak; empty or
	// none: the browsers' own voices.
	Voice  string
	Logger *slog.Logger
}

// SecurityContact says to whom somebody turns who has found a weakness.
type SecurityContact = api.SecurityContact

// Rehearsal reports whether the clock is not the wall's.
func (o Options) Rehearsal() bool { return !o.Clock.IsZero() }

func (o Options) withDefaults() (Options, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.AwaitOthers = cmp.Or(o.AwaitOthers, 3*time.Second)
	switch {
	case o.Data == "":
		return o, errors.New("server: the data folder is missing")
	case o.Speed < 0 || o.Speed > 10_000:
		return o, errors.New("server: the speed must lie between 0 and 10000")
	case o.Now != nil && !o.Rehearsal():
		return o, errors.New("server: a clock of one's own is a rehearsal's, and must say when it began")
	case o.Speed != 1 && !o.Rehearsal():
		return o, errors.New("server: a speed needs a rehearsal clock")
	case o.KeepDays < 0 || o.KeepDays > 0 && o.KeepDays < 62:
		return o, errors.New("server: closed days must be kept for 62 days at least, as long as late records may come")
	case o.Redis == "" && o.RedisReplicas > 0:
		return o, errors.New("server: replicas without Redis")
	case len(o.SecretKey) > 0 && len(o.SecretKey) < 16:
		return o, errors.New("server: the secret key is shorter than 16 bytes")
	}
	return o, nil
}

// clock returns the clock of the offices. A rehearsal's begins when the server does,
// unless it brings its own.
func (o Options) clock() func() time.Time {
	if !o.Rehearsal() {
		return time.Now
	}
	if o.Now != nil {
		return o.Now
	}
	began := time.Now()
	return func() time.Time {
		return o.Clock.Add(time.Duration(float64(time.Since(began)) * o.Speed))
	}
}

// pace shortens a time by the speed of the rehearsal, but not below what a machine
// can keep up with.
func (o Options) pace(d time.Duration) time.Duration {
	return max(250*time.Millisecond, time.Duration(float64(d)/o.Speed))
}
