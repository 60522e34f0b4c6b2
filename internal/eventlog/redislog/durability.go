package redislog

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

var (
	// ErrNotDurable says that Redis is set up so that it loses or drops what it
	// confirmed.
	ErrNotDurable = errors.New("redislog: this Redis does not keep what it confirms")
	// ErrConfigDenied says that Redis does not let us ask how it is set up: whoever
	// runs it has to vouch for the settings.
	ErrConfigDenied = errors.New("redislog: not permitted to ask Redis for its settings (CONFIG GET)")
)

// needed are the settings without which a confirmed record can be lost.
var needed = []struct{ name, value, why string }{
	{"appendonly", "yes", "without the append-only file a restart loses the day"},
	{"appendfsync", "always", "with any other value a power cut loses what was confirmed in the last second or more"},
	{"maxmemory-policy", "noeviction", "with any other value Redis may throw a day away when memory is short"},
}

// CheckDurability asks Redis for the settings that decide whether confirmed
// records survive. It returns [ErrNotDurable] naming every wrong setting,
// [ErrConfigDenied] if it may not ask, or the failure to reach Redis.
func (s *Store) CheckDurability(ctx context.Context) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	var wrong []error
	for _, n := range needed {
		got, err := s.reads.ConfigGet(ctx, n.name).Result()
		switch {
		case err != nil && (denied(err) || redis.HasErrorPrefix(err, "ERR")):
			return fmt.Errorf("%w: %w", ErrConfigDenied, err)
		case err != nil:
			return s.explain(ctx, err)
		case got[n.name] != n.value:
			wrong = append(wrong, fmt.Errorf("%w: set %s to %s, it is %q: %s", ErrNotDurable, n.name, n.value, got[n.name], n.why))
		}
	}
	return errors.Join(wrong...)
}
