package outlook

import (
	"math"
	"slices"
	"time"
)

// Play plays an Input. What is beyond the limits is left out; an Input without
// services or spells gives a Result of a hall in which nobody is called.
func Play(in Input) Result {
	n := futures(&in)
	h := newHall(&in, n)
	t := newTally(h, n)
	for f := range n {
		h.play(f)
		t.add(f)
	}
	r := t.result()
	r.Cut = h.cut
	return r
}

// mostVisits bounds the visits of all futures together.
const mostVisits = 400_000

// futures is how many are played: fewer where very many come.
func futures(in *Input) int {
	n := in.Futures
	if n <= 0 {
		n = DefaultFutures
	}
	expected := 1.0
	for _, s := range in.Services {
		expected += float64(len(s.Known))
		for _, mean := range s.Mean {
			expected += mean
		}
	}
	return max(1, min(n, MostFutures, max(16, int(mostVisits/expected))))
}

// tally gathers what the futures come to.
type tally struct {
	hall    *hall
	futures int
	cells   []cell // by service, then half hour
	runs    []Run
	waits   []float64 // of one future
	left    []float64
	slots   [Slots][]float64
}

// cell is a half hour of a service.
type cell struct {
	waits, visits     []float32 // seconds; of all futures
	came, queue       []float64 // by future
	left, absent, met int
}

func newTally(h *hall, futures int) *tally {
	t := &tally{hall: h, futures: futures, cells: make([]cell, len(h.services)*Slots)}
	all := make([]float64, 2*futures*len(t.cells))
	for i := range t.cells {
		t.cells[i].came, all = all[:futures:futures], all[futures:]
		t.cells[i].queue, all = all[:futures:futures], all[futures:]
	}
	return t
}

// add takes in the future that the hall has just played.
//
//go:norace
func (t *tally) add(f int) {
	h := t.hall
	run := Run{Over: seconds(h.over), Busy: h.busy / 3600}
	t.waits, t.left = t.waits[:0], t.left[:0]
	for i := range t.slots {
		t.slots[i] = t.slots[i][:0]
	}
	met := 0
	for i := range h.visits {
		v := &h.visits[i]
		if v.began {
			continue
		}
		run.Came++
		slot := slotOf(max(v.came, h.from))
		c := &t.cells[int(v.service)*Slots+slot]
		c.came[f]++
		t.queues(f, v)
		switch {
		case math.IsNaN(v.called):
			if v.leaves < never {
				c.left++
			}
			continue
		case v.absent:
			c.absent++
		}
		wait := v.called - v.came
		c.waits = append(c.waits, float32(wait))
		t.waits = append(t.waits, wait)
		t.slots[slot] = append(t.slots[slot], wait)
		if target := h.services[v.service].target; target <= 0 || wait <= target {
			c.met++
			met++
		}
		if !math.IsNaN(v.done) {
			c.visits = append(c.visits, float32(v.done-v.came))
			t.left = append(t.left, v.done-v.came)
		}
	}
	t.close(&run, met)
	t.runs = append(t.runs, run)
}

// close fills in the figures of a future that need all of its waits.
func (t *tally) close(run *Run, met int) {
	run.Within = 1
	if n := len(t.waits); n > 0 {
		run.Within = float64(met) / float64(n)
	}
	slices.Sort(t.waits)
	slices.Sort(t.left)
	run.Median, run.P80, run.Worst = seconds(quantile(t.waits, 0.5)), seconds(quantile(t.waits, 0.8)), seconds(quantile(t.waits, 1))
	run.Finish = seconds(quantile(t.left, 0.5))
	for slot, waits := range t.slots {
		slices.Sort(waits)
		run.Peak[slot] = float32(quantile(waits, 0.8))
	}
	for i := range t.hall.seats {
		for _, p := range t.hall.seats[i].spells {
			run.Open += max(0, min(p.to, max(t.hall.over, t.hall.close))-p.from) / 3600
		}
	}
}

// queues counts a visit at the end of every half hour in which it waits.
//
//go:norace
func (t *tally) queues(f int, v *visit) {
	until := v.leaves
	if !math.IsNaN(v.called) {
		until = v.called
	}
	first := slotOf(max(v.came, t.hall.from))
	for slot := first; slot < Slots && float64(slot+1)*SlotLength.Seconds() < until; slot++ {
		t.cells[int(v.service)*Slots+slot].queue[f]++
	}
}

func (t *tally) result() Result {
	r := Result{Futures: t.futures, Runs: t.runs}
	for i := range t.hall.services {
		s := ServiceResult{ID: t.hall.services[i].ID}
		for slot := range Slots {
			s.Slots[slot] = t.figures(t.cells[i*Slots+slot : i*Slots+slot+1])
		}
		s.Day = t.dayFigures(i, i+1)
		r.Services = append(r.Services, s)
	}
	for slot := range Slots {
		var cells []cell
		for i := range t.hall.services {
			if c := t.cells[i*Slots+slot]; !c.empty() {
				cells = append(cells, c)
			}
		}
		r.All.Slots[slot] = t.figures(cells)
	}
	r.All.Day = t.dayFigures(0, len(t.hall.services))
	for _, run := range t.runs {
		if run.Kept(t.hall.share) {
			r.Kept += 1 / float64(t.futures)
		}
	}
	return r
}

func (c *cell) empty() bool {
	return len(c.waits) == 0 && c.left == 0 && !slices.ContainsFunc(c.queue, positive) && !slices.ContainsFunc(c.came, positive)
}

func positive(x float64) bool { return x > 0 }

// dayFigures are of the whole day of some services.
func (t *tally) dayFigures(from, to int) Figures {
	var cells []cell
	for _, c := range t.cells[from*Slots : to*Slots] {
		if !c.empty() {
			cells = append(cells, c)
		}
	}
	all := t.figures(cells)
	most := make([]float64, t.futures)
	for f := range most {
		for slot := range Slots {
			sum := 0.0
			for i := from; i < to; i++ {
				sum += t.cells[i*Slots+slot].queue[f]
			}
			most[f] = max(most[f], sum)
		}
	}
	all.Queue = rangeOf(most)
	return all
}

// figures adds cells up.
func (t *tally) figures(cells []cell) Figures {
	if len(cells) == 0 {
		return Figures{Within: 1}
	}
	var waits, visits []float32
	came, queue := make([]float64, t.futures), make([]float64, t.futures)
	out := Figures{Within: 1}
	met := 0
	for i := range cells {
		c := &cells[i]
		waits, visits = append(waits, c.waits...), append(visits, c.visits...)
		met += c.met
		out.Left += float64(c.left) / float64(t.futures)
		out.Absent += float64(c.absent) / float64(t.futures)
		for f := range came {
			came[f] += c.came[f]
			queue[f] += c.queue[f]
		}
	}
	out.N = len(waits)
	if out.N > 0 {
		out.Within = float64(met) / float64(out.N)
	}
	out.Wait, out.Finished = waitOf(waits), waitOf(visits)
	out.Arrivals, out.Queue = rangeOf(came), rangeOf(queue)
	return out
}

func waitOf(all []float32) Wait {
	slices.Sort(all)
	return Wait{seconds(quantile(all, 0.5)), seconds(quantile(all, 0.8)), seconds(quantile(all, 0.9))}
}

func rangeOf(all []float64) Range {
	slices.Sort(all)
	return Range{quantile(all, 0.1), quantile(all, 0.5), quantile(all, 0.9)}
}

// quantile is the smallest value that a share p of the values does not exceed; 0 of none.
func quantile[T float32 | float64](sorted []T, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[min(max(0, int(math.Ceil(p*float64(len(sorted))))-1), len(sorted)-1)])
}

func slotOf(at float64) int { return min(max(0, int(at/SlotLength.Seconds())), Slots-1) }

// seconds is a duration to the whole second.
func seconds(s float64) time.Duration { return time.Duration(math.Round(s)) * time.Second }
