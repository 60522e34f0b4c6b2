package blend_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"machi/internal/estimate/blend"
)

// odd are values that no clock gives.
var odd = []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 0, 1e-300, 1, 60, 3600, 1e6, 1e18, math.MaxFloat64}

func anyTime(r *rand.Rand) float64 {
	if r.IntN(3) == 0 {
		return odd[r.IntN(len(odd))]
	}
	return r.ExpFloat64() * 600
}

func anyCount(r *rand.Rand) int {
	return []int{math.MinInt, -1, 0, 1, 2, 3, 5, 20, 1000, math.MaxInt}[r.IntN(10)]
}

func anyFeatures(r *rand.Rand) blend.Features {
	return blend.Features{
		VQ10: anyTime(r), VQ50: anyTime(r), VQ90: anyTime(r), QL: anyTime(r), HOL: anyTime(r), LES: anyTime(r),
		Mean: anyTime(r), LineHOL: anyTime(r), LESAny: anyTime(r), SinceCall: anyTime(r), IdleAge: anyTime(r),
		SinceOpen: anyTime(r), Ahead: anyCount(r), Waiting: anyCount(r), Open: anyCount(r), Idle: anyCount(r),
		Busy: anyCount(r), Active: anyCount(r), Fresh1: anyCount(r), Fresh3: anyCount(r), Fresh10: anyCount(r),
		Calls15: anyCount(r), Slot: anyCount(r),
	}
}

func checkOrder(t *testing.T, s blend.Said) {
	t.Helper()
	low := 0.0
	for _, q := range s.Q {
		if !(q >= low) || math.IsInf(q, 0) {
			t.Fatalf("said %v", s.Q)
		}
		low = q
	}
}

// ordinary is a ticket of a place where the virtual queue says a third too
// little and knows the spread badly.
func ordinary(r *rand.Rand, drift float64) (f blend.Features, wait float64) {
	ahead := r.IntN(12)
	line := float64(ahead+1) * 90
	f = blend.Features{
		VQ10: line * 0.6, VQ50: line * 0.67, VQ90: line * 0.75, QL: line, HOL: line * r.Float64(), LES: line * 0.8,
		Mean: 300, LineHOL: line, LESAny: line, SinceCall: 30, IdleAge: math.NaN(), SinceOpen: 3600,
		Ahead: ahead, Waiting: ahead, Open: 3, Busy: 3, Active: 3, Calls15: 9, Slot: 20,
	}
	return f, line * drift * math.Exp(0.3*r.NormFloat64())
}

func TestWhateverItIsAskedAndTaughtItAnswersInOrder(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		var b blend.Blend
		classes := []string{"", "a", "b/later", strings.Repeat("x", 300)}
		for range 400 {
			class, f := classes[r.IntN(len(classes))], anyFeatures(r)
			said, _ := b.Predict(class, f)
			checkOrder(t, said)
			switch r.IntN(4) {
			case 0:
				b.Left(class, f, said, anyTime(r))
			case 1:
				b.Learn(class, f, blend.Said{}, anyTime(r))
			default:
				b.Learn(class, f, said, anyTime(r))
			}
		}
		reread(t, &b)
	}
}

func TestAtFirstItSaysWhatTheVirtualQueueSays(t *testing.T) {
	var b blend.Blend
	said, ok := b.Predict("a", blend.Features{VQ10: 60, VQ50: 300, VQ90: 900, QL: 200, Open: 1})
	if !ok || math.Abs(said.Q[1]-300) > 1e-9 || said.Q[0] > 60 || said.Q[2] < 900 || said.Q[2] > 960 {
		t.Errorf("said %v, %v", said.Q, ok)
	}
}

func TestAPlaceNobodyKnowsIsUnknown(t *testing.T) {
	var b blend.Blend
	nan := math.NaN()
	said, ok := b.Predict("a", blend.Features{VQ10: nan, VQ50: nan, VQ90: nan, QL: 100, HOL: 60, Ahead: 2, Waiting: 2})
	checkOrder(t, said)
	if ok {
		t.Errorf("said %v of a place without counters", said.Q)
	}
}

func TestAskingChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	b := taught(r, 300)
	before, _ := json.Marshal(b)
	for range 100 {
		b.Predict("new", anyFeatures(r))
	}
	if after, _ := json.Marshal(b); string(after) != string(before) {
		t.Error("asking has changed what is remembered")
	}
}

func taught(r *rand.Rand, n int) *blend.Blend {
	b := new(blend.Blend)
	for i := range n {
		class := string(rune('a' + i%8))
		f, wait := ordinary(r, 1)
		f.Slot = i % 48
		said, _ := b.Predict(class, f)
		b.Learn(class, f, said, wait)
	}
	return b
}

// reread writes it and reads it again.
func reread(t *testing.T, b *blend.Blend) *blend.Blend {
	t.Helper()
	data, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	again := new(blend.Blend)
	if err := json.Unmarshal(data, again); err != nil {
		t.Fatalf("its own memory is refused: %v", err)
	}
	if twice, _ := json.Marshal(again); string(twice) != string(data) {
		t.Error("read and written again it is another")
	}
	return again
}

func TestWhatIsReadGoesOnAsWhatWasRead(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	b := taught(r, 3000)
	one, two := reread(t, b), reread(t, b)
	for range 100 {
		f, _ := ordinary(r, 1)
		s0, _ := b.Predict("a", f)
		if s1, _ := one.Predict("a", f); math.Abs(s0.Q[1]-s1.Q[1]) > 0.01*s0.Q[1]+1 {
			t.Fatalf("%v became %v by writing", s0.Q, s1.Q)
		}
	}
	for range 300 {
		f, wait := ordinary(r, 2)
		s1, _ := one.Predict("a", f)
		s2, _ := two.Predict("a", f)
		if s1 != s2 {
			t.Fatalf("%v and %v", s1.Q, s2.Q)
		}
		one.Learn("a", f, s1, wait)
		two.Learn("a", f, s2, wait)
	}
}

func TestItsMemoryStaysSmall(t *testing.T) {
	data, _ := json.Marshal(taught(rand.New(rand.NewPCG(4, 1)), 6000))
	if len(data) > 40<<10 {
		t.Errorf("%d bytes for eight classes", len(data))
	}
}

func TestNoFloodOfClassesFillsTheMemory(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 1))
	b := taught(r, 300)
	f, wait := ordinary(r, 1)
	for i := range 2000 {
		class := "flood" + string(rune(0x4e00+i))
		said, _ := b.Predict(class, f)
		checkOrder(t, said)
		b.Learn(class, f, said, wait)
	}
	if data, _ := json.Marshal(b); len(data) > 250<<10 {
		t.Errorf("%d bytes", len(data))
	}
}

func TestDamagedMemoryIsRefused(t *testing.T) {
	data, _ := json.Marshal(taught(rand.New(rand.NewPCG(5, 1)), 100))
	good := string(data)
	for name, bad := range map[string]string{
		"cut":            good[:len(good)/2],
		"not an object":  `[]`,
		"tiles cut":      strings.Replace(good, `"whole":"`, `"whole":"AAAA`, 1),
		"not base64":     strings.Replace(good, `"rest":"`, `"rest":"!`, 1),
		"huge weight":    strings.Replace(good, `"w":[[`, `"w":[[1e300,`, 1),
		"negative count": `{"scale":[-5,3]}`,
		"huge mean":      `{"scale":[5,1e300]}`,
		"missing class":  `{"classes":{"a":null}}`,
		"huge span":      `{"spans":{"hall":[[99,0]]}}`,
	} {
		if err := json.Unmarshal([]byte(bad), new(blend.Blend)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// play asks and teaches, each outcome so many tickets late, and returns the
// shares covered and above the top in each stretch.
func play(b *blend.Blend, n, late, stretch int, next func(i int) (blend.Features, float64)) (covered, above []float64, off float64) {
	type open struct {
		f    blend.Features
		said blend.Said
		wait float64
	}
	var line []open
	for i := range n {
		f, wait := next(i)
		said, _ := b.Predict("a", f)
		line = append(line, open{f, said, wait})
		if i%stretch == 0 {
			covered, above = append(covered, 0), append(above, 0)
		}
		k := len(covered) - 1
		if wait > said.Q[2] {
			above[k] += 1 / float64(stretch)
		} else if wait >= said.Q[0] {
			covered[k] += 1 / float64(stretch)
		}
		if i >= n/2 {
			off += math.Abs(wait-said.Q[1]) / float64(n-n/2)
		}
		if len(line) > late {
			o := line[0]
			line = line[1:]
			b.Learn("a", o.f, o.said, o.wait)
		}
	}
	return covered, above, off
}

func TestTheRangeKeepsItsPromiseWhileThePlaceDrifts(t *testing.T) {
	const fortnight = 2000
	for name, drift := range map[string]func(i int) float64{
		"as ever": func(int) float64 { return 1 },
		"slower":  func(i int) float64 { return 1 + float64(i)/30000 },
		"in waves": func(i int) float64 {
			return 1 + 0.2*math.Sin(float64(i)/600)
		},
		"wild days": func(i int) float64 { return []float64{1, 1, 1, 1.8, 0.8}[i/100%5] },
	} {
		r := rand.New(rand.NewPCG(6, 1))
		covered, above, _ := play(new(blend.Blend), 8*fortnight, 20, fortnight, func(i int) (blend.Features, float64) {
			return ordinary(r, drift(i))
		})
		for k := 2; k < len(covered); k++ {
			if covered[k] < 0.77 || covered[k] > 0.83 || above[k] < 0.07 || above[k] > 0.13 {
				t.Errorf("%s, fortnight %d: %.3f covered, %.3f above", name, k, covered[k], above[k])
			}
		}
	}
}

func TestWhoeverIsRightIsBelieved(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	_, _, off := play(new(blend.Blend), 3000, 10, 1000, func(int) (blend.Features, float64) {
		f, _ := ordinary(r, 1)
		return f, f.HOL
	})
	if off > 30 {
		t.Errorf("off by %.0f s, where waits are HOL and some five minutes", off)
	}
}

func TestWhatOnlyIdleCountersTellIsLearned(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	_, _, off := play(new(blend.Blend), 4000, 5, 1000, func(int) (blend.Features, float64) {
		f := blend.Features{VQ10: 0, VQ50: 60, VQ90: 200, QL: 60, Mean: 200, Open: 5, Busy: 4, Active: 5, Calls15: 20, Slot: 20, IdleAge: 50}
		if r.IntN(2) == 0 {
			f.Fresh1, f.Fresh3, f.Fresh10 = 1, 1, 1
			return f, 0
		}
		f.Fresh10 = 1
		return f, 90
	})
	if off > 10 {
		t.Errorf("off by %.0f s", off)
	}
}

func TestWhoLeavesLaterThanToldWidensTheRange(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 1))
	b := taught(r, 500)
	f, _ := ordinary(r, 1)
	before, _ := b.Predict("a", f)
	for range 100 {
		said, _ := b.Predict("a", f)
		b.Left("a", f, said, said.Q[2]-1) // says nothing
	}
	if same, _ := b.Predict("a", f); same != before {
		t.Error("who left within the range has moved it")
	}
	for range 100 {
		said, _ := b.Predict("a", f)
		b.Left("a", f, said, said.Q[2]+60)
	}
	if after, _ := b.Predict("a", f); after.Q[2] <= before.Q[2] {
		t.Errorf("top %.0f, before %.0f", after.Q[2], before.Q[2])
	}
}

func TestTheEightyPercentPointLiesBetween(t *testing.T) {
	if x := blend.P80(100, 200); x <= 150 || x >= 166 {
		t.Errorf("%v", x)
	}
	if x := blend.P80(0, 0); x != 0 {
		t.Errorf("%v", x)
	}
}

func BenchmarkPredict(b *testing.B) {
	r := rand.New(rand.NewPCG(10, 1))
	l := taught(r, 1000)
	f, _ := ordinary(r, 1)
	for b.Loop() {
		l.Predict("a", f)
	}
}
