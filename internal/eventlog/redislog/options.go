package redislog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Options say which Redis to use and how long to wait for it.
type Options struct {
	// URL is redis://[user:password@]host:port[/db], rediss:// for TLS or unix://.
	// With Sentinels its host is not used, only user, password and db.
	URL string
	// Sentinels are the addresses (host:port) that know where the master Master is;
	// empty for a Redis without Sentinel.
	Sentinels []string
	Master    string
	// Replicas is how many replicas must have confirmed an append before it counts
	// as safe: all that are configured. Zero for a single Redis.
	Replicas int

	// Timeout bounds one exchange with Redis; zero means 700 ms.
	Timeout time.Duration
	// LookFor bounds the search for an append whose outcome is unclear; zero means
	// 700 ms.
	LookFor time.Duration
	// ReplicaTimeout bounds the wait for Replicas; zero means 150 ms.
	ReplicaTimeout time.Duration
}

// poll is how often a waiting reader looks for itself: wake-ups can be lost.
const poll = 500 * time.Millisecond

func (o Options) withDefaults() (Options, error) {
	set := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	set(&o.Timeout, 700*time.Millisecond)
	set(&o.LookFor, 700*time.Millisecond)
	set(&o.ReplicaTimeout, 150*time.Millisecond)
	switch {
	case o.Timeout < 0 || o.LookFor < 0 || o.ReplicaTimeout < 0:
		return o, errors.New("redislog: a negative timeout")
	case o.Replicas < 0:
		return o, fmt.Errorf("redislog: %d replicas", o.Replicas)
	case o.ReplicaTimeout >= o.Timeout:
		return o, fmt.Errorf("redislog: waiting %v for replicas does not fit into %v", o.ReplicaTimeout, o.Timeout)
	case len(o.Sentinels) > 0 && o.Master == "":
		return o, errors.New("redislog: sentinels without the name of the master")
	}
	return o, nil
}

// dialer makes clients that differ only in how often they try again.
type dialer func(retries int) *redis.Client

func (o Options) dialer() (dialer, error) {
	base, err := redis.ParseURL(o.URL)
	if err != nil {
		// The cause may quote the URL, which may hold a password.
		return nil, errors.New("redislog: the URL is not of the form redis://[user:password@]host:port[/db]")
	}
	base.Protocol = 2
	base.DialTimeout = o.Timeout
	base.DialerRetries = 1
	base.ReadTimeout, base.WriteTimeout, base.PoolTimeout = o.Timeout, o.Timeout, o.Timeout
	base.ContextTimeoutEnabled = true
	base.PipelinePoolSize = -1
	base.DisableIdentity = true // CLIENT SETINFO is unknown before Redis 7.2
	base.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return func(retries int) *redis.Client {
		own := *base
		own.MaxRetries = retries
		if len(o.Sentinels) > 0 {
			return redis.NewFailoverClient(o.failover(own))
		}
		return redis.NewClient(&own)
	}, nil
}

func (o Options) failover(base redis.Options) *redis.FailoverOptions {
	return &redis.FailoverOptions{
		MasterName: o.Master, SentinelAddrs: o.Sentinels,
		Username: base.Username, Password: base.Password, DB: base.DB, TLSConfig: base.TLSConfig,
		Protocol: base.Protocol, MaxRetries: base.MaxRetries, DialTimeout: base.DialTimeout,
		DialerRetries: base.DialerRetries, ReadTimeout: base.ReadTimeout, WriteTimeout: base.WriteTimeout,
		PoolTimeout: base.PoolTimeout, ContextTimeoutEnabled: base.ContextTimeoutEnabled,
		PipelinePoolSize: base.PipelinePoolSize, DisableIdentity: base.DisableIdentity,
	}
}

// clientLog sends what go-redis would print to stderr to the program's logger.
type clientLog struct{}

// Printf logs at debug level: every failure also comes back as an error.
func (clientLog) Printf(ctx context.Context, format string, v ...any) {
	slog.DebugContext(ctx, "redis client", "message", fmt.Sprintf(format, v...))
}

var redirectLog = sync.OnceFunc(func() { redis.SetLogger(clientLog{}) })
