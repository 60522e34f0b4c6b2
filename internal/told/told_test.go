package told_test

import (
	"encoding/json"
	"os"
	"testing"
	"testing/quick"
	"time"

	"machi/internal/told"
)

func TestToldIsAsTheTableSays(t *testing.T) {
	raw, err := os.ReadFile("testdata/told.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name     string
		Estimate *struct {
			Low  int `json:"low_seconds"`
			High int `json:"high_seconds"`
		}
		Kind      told.Kind
		Low, High int
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			var s told.Span
			if e := c.Estimate; e != nil {
				s = told.Of(time.Duration(e.Low)*time.Second, time.Duration(e.High)*time.Second)
			}
			if got, want := s.Words(), (told.Words{Kind: c.Kind, Low: c.Low, High: c.High}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if open := c.Kind == told.OrMore; open != (s.Open() && s.Low > 0) {
				t.Errorf("open is %v of %+v", s.Open(), s)
			}
		})
	}
}

func TestRoundingGoesOutwardAndOnce(t *testing.T) {
	check := func(a, b uint16) bool {
		low, high := ends(a, b)
		s := told.Of(low, high)
		from, to := minutes(s.Low), minutes(s.High)
		return from <= low && to >= high && to-from >= 5*time.Minute && low-from < 10*time.Minute && to-high <= 15*time.Minute && told.Of(from, to) == s
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 3000}); err != nil {
		t.Error(err)
	}
}

// Nobody behind somebody else is told less.
func TestRoundingKeepsTheOrder(t *testing.T) {
	check := func(a, b, c, d uint16) bool {
		low, high := ends(a, b)
		less, more := told.Of(low, high), told.Of(low+time.Duration(c)*time.Second, high+time.Duration(c)*time.Second+time.Duration(d)*time.Second)
		return less.Low <= more.Low && less.High <= more.High
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 3000}); err != nil {
		t.Error(err)
	}
}

func TestNextIsHonestAndSteady(t *testing.T) {
	five := 5 * time.Minute
	check := func(start, startHigh uint16, steps [24][2]uint16) bool {
		shown := told.Of(ends(start, startHigh))
		for _, s := range steps {
			low, high := ends(s[0], s[1])
			exact, next := told.Of(low, high), shown.Next(low, high)
			switch {
			case next.Low >= next.High, minutes(next.Low) > low: // never later than it may come
				return false
			case minutes(next.High) < high-five: // never more than five minutes short
				return false
			case next.High > shown.High && high-minutes(shown.High) < five: // never raised for less
				return false
			case exact.High < shown.High && next.High != exact.High: // lowered at once
				return false
			case next.Next(low, high) != next: // nothing new, nothing moves
				return false
			}
			shown = next
		}
		return true
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

// A range that trembles by less than five minutes moves what is shown at most twice
// (up, then down by a step), and after that never again.
func TestATremblingRangeDoesNotFlicker(t *testing.T) {
	check := func(start, startHigh, a, b uint16, trembles [40]uint16) bool {
		shown := told.Of(ends(start, startHigh))
		low, high := ends(a, b)
		moved, up := 0, 0
		for i, n := range trembles {
			by := time.Duration(n%300) * time.Second
			next := shown.Next(low+by, high+by)
			if next.High != shown.High {
				moved++
			}
			if next.High > shown.High && i > 0 {
				up++
			}
			shown = next
		}
		return moved <= 2 && up <= 1
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 3000}); err != nil {
		t.Error(err)
	}
}

func TestNextByExample(t *testing.T) {
	m := func(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }
	for _, c := range []struct {
		name      string
		shown     told.Span
		low, high time.Duration
		want      told.Span
	}{
		{"nothing was known", told.Span{}, m(12), m(31), told.Span{Low: 10, High: 35}},
		{"a little longer stays", told.Span{Low: 10, High: 35}, m(15), m(39), told.Span{Low: 10, High: 35}},
		{"five minutes longer is said", told.Span{Low: 10, High: 35}, m(16), m(40.1), told.Span{Low: 10, High: 45}},
		{"much longer is said at both ends", told.Span{Low: 10, High: 35}, m(21), m(52), told.Span{Low: 20, High: 55}},
		{"a step shorter is said at once", told.Span{Low: 10, High: 35}, m(8), m(30), told.Span{Low: 5, High: 30}},
		{"less than a step shorter stays", told.Span{Low: 10, High: 35}, m(10), m(30.1), told.Span{Low: 10, High: 35}},
		{"above an hour the step is ten", told.Span{Low: 60, High: 90}, m(66), m(94), told.Span{Low: 60, High: 90}},
		{"above an hour it is raised too", told.Span{Low: 60, High: 90}, m(76), m(96), told.Span{Low: 70, High: 100}},
		{"the ends never meet", told.Span{Low: 10, High: 20}, m(24), m(24.5), told.Span{Low: 15, High: 20}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.shown.Next(c.low, c.high); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// ends makes an ordered range of up to five hours out of any two numbers.
func ends(a, b uint16) (low, high time.Duration) {
	low, high = time.Duration(a%9000)*time.Second, time.Duration(b%9000)*time.Second
	return low, low + high
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
