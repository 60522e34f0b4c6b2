package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"
)

// Options say which worlds are run.
type Options struct {
	First, Last uint64 // seeds, inclusive
	Faults      string // "all", "none", or kinds of faults with commas between
	Story       bool   // tell what happened
	Plan        bool   // print what each seed expands to
	Drop        []int  // numbers of faults that are left out, to make a failure smaller
	Tickets     int    // at most so many per office, for a quick look; 0: as drawn
	Workers     int    // worlds that run side by side; 0 is two
	Shrink      bool   // look for a smaller plan that fails as well
}

// Outcome is what became of one seed.
type Outcome struct {
	Seed   uint64
	Breach string // empty: all promises were kept
	At     time.Duration
	Log    string // hash of the final logs
	Plan   Plan
	Story  string
	Rare   map[string]int
	Papers int
	Events int // things that happened
}

// Report is what became of all seeds.
type Report struct {
	Options  Options
	Failures []Outcome
	Rare     map[string]int
	Log      string // hash over all seeds' hashes
	Papers   int
	Events   int
	Stories  []string
}

// Run runs the worlds of the seeds and reports. Every twentieth seed runs twice
// and must give the same log.
func Run(o Options) Report {
	outcomes := make([]Outcome, o.Last-o.First+1)
	var group sync.WaitGroup
	next := make(chan int)
	for range max(1, workers(o)) {
		group.Go(func() {
			for i := range next {
				outcomes[i] = runSeed(o, o.First+uint64(i))
			}
		})
	}
	for i := range outcomes {
		next <- i
	}
	close(next)
	group.Wait()
	return collect(o, outcomes)
}

func workers(o Options) int {
	if o.Workers == 0 {
		return 2
	}
	return o.Workers
}

// plan returns what a seed expands to under the options.
func (o Options) plan(seed uint64) Plan {
	p := Expand(seed, o.Faults).without(o.Drop)
	if o.Tickets > 0 {
		p.Tickets = min(p.Tickets, o.Tickets)
	}
	return p
}

func runSeed(o Options, seed uint64) Outcome {
	p := o.plan(seed)
	got := runPlan(p, o.Story)
	if got.Breach == "" && seed%20 == 0 {
		if again := runPlan(p, false); again.Log != got.Log {
			got.Breach = fmt.Sprintf("the same seed gave two logs, %s and %s", got.Log, again.Log)
		}
	}
	if got.Breach != "" && o.Shrink {
		got.Plan = shrink(p)
		got.Story = runPlan(got.Plan, true).Story
	}
	return got
}

// runPlan runs one world. A panic in the code under test is a breach like others.
func runPlan(p Plan, tell bool) (got Outcome) {
	got = Outcome{Seed: p.Seed, Plan: p, Rare: map[string]int{}}
	var w *world
	defer func() {
		if bad := recover(); bad != nil {
			got.Breach = fmt.Sprintf("panic: %v\n%s", bad, debug.Stack())
		}
		if w != nil {
			got.Story = w.story.String()
		}
	}()
	w = newWorld(p, tell)
	w.run()
	for s, n := range w.rare {
		got.Rare[string(s)] = n
	}
	got.Breach, got.At, got.Log = w.audit.breach, w.audit.at, w.hash()
	got.Papers, got.Events = len(w.audit.papers), int(w.planned)
	return got
}

// without returns the plan less some faults; the others strike as before.
func (p Plan) without(numbers []int) Plan {
	var kept []Fault
	for _, f := range p.Faults {
		dropped := false
		for _, n := range numbers {
			dropped = dropped || n == f.Number
		}
		if !dropped {
			kept = append(kept, f)
		}
	}
	p.Faults = kept
	return p
}

// shrink leaves out one fault after another for as long as the world still fails.
func shrink(p Plan) Plan {
	for i := 0; i < len(p.Faults); {
		smaller := p.without([]int{p.Faults[i].Number})
		if runPlan(smaller, false).Breach != "" {
			p = smaller
		} else {
			i++
		}
	}
	return p
}

func collect(o Options, outcomes []Outcome) Report {
	r := Report{Options: o, Rare: map[string]int{}}
	h := sha256.New()
	for _, got := range outcomes {
		fmt.Fprintf(h, "%d %s\n", got.Seed, got.Log)
		for s, n := range got.Rare {
			r.Rare[s] += n
		}
		r.Papers, r.Events = r.Papers+got.Papers, r.Events+got.Events
		if got.Breach != "" {
			r.Failures = append(r.Failures, got)
		}
		if o.Story {
			r.Stories = append(r.Stories, got.Story)
		}
	}
	r.Log = hex.EncodeToString(h.Sum(nil))[:16]
	return r
}

// Summary is the line that says it all.
func (r Report) Summary() string {
	reached := 0
	for _, s := range rareStates {
		if r.Rare[string(s)] > 0 {
			reached++
		}
	}
	return fmt.Sprintf("seeds=%d-%d violations=%d rare=%d/%d log=%s",
		r.Options.First, r.Options.Last, len(r.Failures), reached, len(rareStates), r.Log)
}

// Missing lists the rare states that no seed reached.
func (r Report) Missing() []string {
	all := rare{}
	for s, n := range r.Rare {
		all[rareState(s)] = n
	}
	return all.missing()
}

// wideRun is how many seeds must reach every rare state between them.
const wideRun = 300

// Main runs the worlds and prints what an operator wants to read. It returns the
// exit code: 1 when a promise was broken, or when a wide run did not reach every
// rare state and so proves too little.
func Main(o Options, out io.Writer) int {
	defer debug.SetGCPercent(debug.SetGCPercent(200)) // worlds are garbage soon and wholly
	if o.Last < o.First {
		fmt.Fprintf(out, "seeds %d-%d: the last comes before the first\n", o.First, o.Last)
		return 2
	}
	if unknown := unknownFault(o.Faults); unknown != "" {
		fmt.Fprintf(out, "fault %q is not known; there are %v\n", unknown, FaultKinds)
		return 2
	}
	if o.Plan || o.Story {
		for seed := o.First; seed <= o.Last; seed++ {
			fmt.Fprint(out, o.plan(seed))
		}
	}
	r := Run(o)
	for _, s := range r.Stories {
		fmt.Fprintln(out, s)
	}
	for _, f := range r.Failures {
		printFailure(out, o, f)
	}
	missing := r.Missing()
	wide := o.Last-o.First+1 >= wideRun && (o.Faults == "all" || o.Faults == "")
	for _, s := range missing {
		if wide {
			fmt.Fprintln(out, "not reached:", s)
		}
	}
	fmt.Fprintln(out, r.Summary())
	if len(r.Failures) > 0 || wide && len(missing) > 0 {
		return 1
	}
	return 0
}

func printFailure(out io.Writer, o Options, f Outcome) {
	faults := o.Faults
	if faults == "" {
		faults = "all"
	}
	fmt.Fprintf(out, "seed %d at %s: %s\n", f.Seed, clockText(f.At), f.Breach)
	if o.Shrink {
		fmt.Fprintf(out, "the smallest plan that fails:\n%s%s\n", f.Plan, f.Story)
	}
	fmt.Fprintf(out, "repeat: machi simulate --seeds %d-%d --faults %s --story\n", f.Seed, f.Seed, faults)
}
