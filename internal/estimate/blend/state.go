package blend

import (
	"encoding/json"
	"errors"
	"math"
)

// Blend is the memory of the second stage for one place. The zero value knows
// nothing and answers with the virtual queue. It is written to JSON whole; what
// is read back writes the same JSON again.
type Blend struct{ memory }

type memory struct {
	Scale   average           `json:"scale"` // waits of the whole place
	Zeros   int               `json:"zeros"` // newest calls in a row that came without any wait
	Classes map[string]*class `json:"classes"`
	Linear  [regimes]linear   `json:"linear"`
	Whole   tiling            `json:"whole"` // estimates the wait
	Rest    tiling            `json:"rest"`  // estimates what the virtual queue leaves over
	Votes   [regimes]votes    `json:"votes"`
	Spans   spans             `json:"spans"`
}

// class is what is remembered of one class.
type class struct {
	Waits average        `json:"waits"`
	Peak  float64        `json:"peak"`  // longest wait, slowly forgotten
	Same  []average      `json:"same"`  // by length of the line
	Slots [slots]average `json:"slots"` // by half hour of the day
	Spans halves         `json:"spans"`
}

const slots = 48

const (
	peakFade    = 0.999
	classesMost = 256 // more are answered, but not told apart
)

// The usual wait of a place is taken to be one visit at first, or so many
// seconds, as if that many had waited so.
const (
	scaleFirst = 10
	scaleGuess = 300
)

// How many outcomes a running mean remembers.
const (
	scaleKept = 2000
	classKept = 500
	lineKept  = 60
)

// average is a running mean that forgets.
type average struct{ n, mean float64 }

func (a *average) add(x, kept float64) {
	a.n = min(a.n+1, kept)
	a.mean += (x - a.mean) / a.n
}

// MarshalJSON writes the count and the mean as a pair.
func (a average) MarshalJSON() ([]byte, error) { return json.Marshal([2]float64{a.n, a.mean}) }

// UnmarshalJSON reads them.
func (a *average) UnmarshalJSON(data []byte) error {
	var pair [2]float64
	if err := json.Unmarshal(data, &pair); err != nil {
		return err
	}
	a.n, a.mean = pair[0], pair[1]
	return nil
}

// MarshalJSON writes all that is remembered.
func (b Blend) MarshalJSON() ([]byte, error) { return json.Marshal(&b.memory) }

var errDamaged = errors.New("blend: a number is out of bounds")

// UnmarshalJSON reads it. Numbers that no outcome can have led to are an error.
func (b *Blend) UnmarshalJSON(data []byte) error {
	var m memory
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	if !m.sound() {
		return errDamaged
	}
	b.memory = m
	return nil
}

// sound tells whether all numbers are within the bounds that learning keeps.
func (m *memory) sound() bool {
	ok := m.Scale.sound()
	for _, c := range m.Classes {
		ok = ok && c != nil && c.Waits.sound() && usable(c.Peak) && len(c.Same) <= lengths+1 && c.Spans.sound()
		if !ok {
			return false
		}
		for i := range c.Same {
			ok = ok && c.Same[i].sound()
		}
		for i := range c.Slots {
			ok = ok && c.Slots[i].sound()
		}
	}
	for r := range regimes {
		ok = ok && m.Linear[r].sound() && m.Votes[r].sound()
	}
	return ok && m.Spans.sound()
}

func (a average) sound() bool {
	return a.n >= 0 && a.n <= scaleKept && a.mean >= 0 && a.mean <= longest
}

// within tells whether x is a number between -limit and limit.
func within(x, limit float64) bool { return math.Abs(x) <= limit }

// begin makes the first state: everybody starts at the virtual queue.
func (b *Blend) begin() {
	if b.Classes != nil {
		return
	}
	b.Classes = map[string]*class{}
	for r := range b.Linear {
		for l := range levels {
			b.Linear[r].W[l][l] = 1
		}
	}
}

// remember keeps the plain means.
func (b *Blend) remember(name string, f *Features, wait float64) {
	if b.Scale.n == 0 {
		b.Scale = average{n: scaleFirst, mean: or(f.Mean, scaleGuess)}
	}
	b.Scale.add(wait, scaleKept)
	b.Zeros = min(b.Zeros+1, 1000)
	if wait > 0 {
		b.Zeros = 0
	}
	c := b.classOf(name)
	c.Waits.add(wait, classKept)
	c.Peak = max(peakFade*c.Peak, wait)
	k := length(f)
	for len(c.Same) <= k {
		c.Same = append(c.Same, average{})
	}
	c.Same[k].add(wait, lineKept)
	c.Slots[slot(f)].add(wait, lineKept)
}

func (b *Blend) classOf(name string) *class {
	c := b.Classes[name]
	if c == nil {
		c = &class{}
		if len(b.Classes) < classesMost {
			b.Classes[name] = c
		}
	}
	return c
}

func slot(f *Features) int { return max(0, min(f.Slot, slots-1)) }

const lengths = 40

// length tells lines of different length apart: nobody and a free counter,
// nobody in the place, then by the number ahead, from ten on coarser.
func length(f *Features) int {
	n := max(f.Ahead, 0)
	switch {
	case n == 0 && f.Waiting <= 0 && f.Idle > 0:
		return 0
	case n == 0 && f.Waiting <= 0:
		return 1
	case n < 10:
		return 2 + n
	default:
		return min(12+int(4*math.Log2(float64(n)/10)), lengths)
	}
}
