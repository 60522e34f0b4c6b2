package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"machi/internal/sim"
)

// simulateCmd runs the simulated world.
type simulateCmd struct {
	Seeds   seedRange `help:"Which worlds, such as 1-300 or 17." default:"1-20" placeholder:"A-B"`
	Faults  string    `help:"all, none, or kinds of faults with commas between." default:"all"`
	Story   bool      `help:"Tell what happened."`
	Plan    bool      `help:"Print what each seed expands to."`
	Shrink  bool      `help:"After a failure, look for a smaller plan that fails as well."`
	Drop    []int     `help:"Numbers of faults in the plan to leave out."`
	Tickets int       `help:"At most so many tickets per office; 0: as the seed says." default:"0"`
	Workers int       `help:"Worlds that run side by side." default:"2"`
}

// errBroken makes the exit code say what the lines above it said.
var errBroken = errors.New("a promise was broken, or too little was reached")

// seedRange is a range of seeds, inclusive.
type seedRange struct{ first, last uint64 }

// UnmarshalText reads "1-300" or "17".
func (r *seedRange) UnmarshalText(text []byte) error {
	first, last, is := strings.Cut(string(text), "-")
	if !is {
		last = first
	}
	var errA, errB error
	r.first, errA = strconv.ParseUint(first, 10, 64)
	r.last, errB = strconv.ParseUint(last, 10, 64)
	if errA != nil || errB != nil || r.last < r.first {
		return fmt.Errorf("seeds %q: want A-B", text)
	}
	return nil
}

// Run exits with 1 when a promise was broken.
func (c *simulateCmd) Run() error {
	code := sim.Main(sim.Options{
		First: c.Seeds.first, Last: c.Seeds.last, Faults: c.Faults, Story: c.Story, Plan: c.Plan, Drop: c.Drop,
		Tickets: c.Tickets, Workers: c.Workers, Shrink: c.Shrink,
	}, os.Stdout)
	if code != 0 {
		return errBroken
	}
	return nil
}
