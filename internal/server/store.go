package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/boltlog"
	"machi/internal/eventlog/redislog"
)

// StoreOptions name a store.
type StoreOptions struct {
	Data      string // folder of the bbolt file; used without Redis
	Redis     string
	Replicas  int
	Sentinels []string
	Master    string
	// Unsafe starts on a Redis that would lose confirmed records.
	Unsafe bool
	Logger *slog.Logger
}

// checkWithin bounds the question how Redis keeps its records.
const checkWithin = 10 * time.Second

// OpenStore opens the store that holds the logs. A Redis that would lose what it
// confirms is refused: the promise of every ticket hangs on it.
func OpenStore(ctx context.Context, o StoreOptions) (eventlog.Store, error) {
	if o.Redis == "" {
		return boltlog.Open(filepath.Join(o.Data, "machi.db"), boltlog.Options{MapBytes: 1 << 30})
	}
	s, err := redislog.Open(redislog.Options{URL: o.Redis, Replicas: o.Replicas, Sentinels: o.Sentinels, Master: o.Master})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	if err := checkDurability(ctx, s, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func checkDurability(ctx context.Context, s *redislog.Store, o StoreOptions) error {
	err := s.CheckDurability(ctx)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, redislog.ErrConfigDenied):
		o.Logger.Warn("Redis does not say how it keeps records: whoever runs it vouches for that", "error", err)
		return nil
	case errors.Is(err, redislog.ErrNotDurable) && o.Unsafe:
		o.Logger.Warn("this Redis may lose confirmed records; allowed by the operator", "error", err)
		return nil
	case errors.Is(err, redislog.ErrNotDurable):
		return err
	}
	return fmt.Errorf("ask Redis how it keeps records: %w", err)
}
