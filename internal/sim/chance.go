package sim

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// chance is one concern's own stream of random numbers: one more draw by the
// network does not move what the residents do.
type chance struct{ *rand.Rand }

// chanceFor returns the generator of a concern under a seed.
func chanceFor(seed uint64, concern string) chance {
	h := fnv.New64a()
	h.Write([]byte(concern))
	return chance{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// in reports true with probability p.
func (c chance) in(p float64) bool { return p > 0 && c.Float64() < p }

// between returns a number in [low, high].
func (c chance) between(low, high int) int { return low + c.IntN(high-low+1) }

// span returns a duration in [low, high].
func (c chance) span(low, high time.Duration) time.Duration {
	return low + time.Duration(c.Int64N(int64(high-low)+1))
}

// tail returns a long-tailed duration with a mean, never more than eight times it.
func (c chance) tail(mean time.Duration) time.Duration {
	return min(time.Duration(c.ExpFloat64()*float64(mean)), 8*mean)
}

// bytes returns 16 random bytes, as the real programs draw them for ids.
func (c chance) bytes() (b [16]byte) {
	binary.BigEndian.PutUint64(b[:8], c.Uint64())
	binary.BigEndian.PutUint64(b[8:], c.Uint64())
	return b
}

// pick returns one element of a list that is not empty.
func pick[T any](c chance, list []T) T { return list[c.IntN(len(list))] }
