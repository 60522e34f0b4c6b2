package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Plan is what a seed expands to: the kind of world, and every fault that will
// strike it. It is printed with a failure, and the shrinker makes it smaller.
type Plan struct {
	Seed     uint64
	Offices  int
	Servers  int
	Replicas int  // of the store: data nodes beside the primary
	Kiosks   int  // per office
	Counters int  // per office
	Tickets  int  // per office
	Range    int  // numbers in a kiosk's offline range
	Morning  bool // the world goes on to the next morning
	CheckIn  bool // tickets from home wait for their holders
	Faults   []Fault
}

// Fault is one thing that goes wrong: what, when, for how long, and to which of
// its targets.
type Fault struct {
	Number int
	Kind   FaultKind
	At     time.Duration // since the world began
	For    time.Duration
	Target int // chosen among what there is, modulo its count
	Size   int // its strength, by kind
}

// FaultKind names what goes wrong.
type FaultKind string

// The faults.
const (
	LinkBad      FaultKind = "link-bad"      // loss, duplicates, delay between one machine and the others
	LinkCut      FaultKind = "link-cut"      // a machine is cut off, both ways
	LinkOneWay   FaultKind = "link-one-way"  // a machine is not heard
	LinkDeaf     FaultKind = "link-deaf"     // a kiosk's next press is heard, and its answer is not
	NetBad       FaultKind = "net-bad"       // all links are bad
	ServerKill   FaultKind = "server-kill"   // killed at any point, started again
	ServerPause  FaultKind = "server-pause"  // cut off from the store, clients still reach it
	ServersOlder FaultKind = "servers-older" // all servers are killed and the store has an older file
	StoreLoading FaultKind = "store-loading" // refuses
	StoreSlow    FaultKind = "store-slow"
	StoreUnclear FaultKind = "store-unclear" // answers are lost
	StoreTail    FaultKind = "store-tail"    // forgets its newest records
	StoreEmpty   FaultKind = "store-empty"   // everything is gone
	StoreOlder   FaultKind = "store-older"   // an older file is put back
	StorePromote FaultKind = "store-promote" // another data node becomes the primary
	StoreSplit   FaultKind = "store-split"   // two primaries for a while
	StoreBroken  FaultKind = "store-broken"  // replication stands still
	KioskKill    FaultKind = "kiosk-kill"
	KioskDisk    FaultKind = "kiosk-disk"   // a new disk
	KioskTorn    FaultKind = "kiosk-torn"   // one of the two files is gone
	KioskClone   FaultKind = "kiosk-clone"  // a copy of its disk runs elsewhere
	KioskSilent  FaultKind = "kiosk-silent" // cut off for hours
	KioskNight   FaultKind = "kiosk-night"  // cut off until the next morning
	ClockOff     FaultKind = "clock-off"    // a clock jumps
	ClockDead    FaultKind = "clock-dead"   // after a boot a clock says 2000
	PaperOut     FaultKind = "paper-out"
	PrinterGone  FaultKind = "printer-gone" // unplugged, perhaps in the middle of a ticket
	PrinterMute  FaultKind = "printer-mute" // never says what became of a ticket

	KioskTwin     FaultKind = "kiosk-twin"     // a copy of its disk works beside it
	KioskRevoked  FaultKind = "kiosk-revoked"  // the servers take nothing from it; perhaps another machine takes its place
	ServersForget FaultKind = "servers-forget" // they know no machine: a backup from before the machines were enrolled
	ConsoleCut    FaultKind = "console-cut"    // a clerk's console reaches no server, or hears none
)

// FaultKinds lists every fault.
var FaultKinds = []FaultKind{
	LinkBad, LinkCut, LinkOneWay, LinkDeaf, NetBad, ServerKill, ServerPause, ServersOlder, StoreLoading, StoreSlow, StoreUnclear,
	StoreTail, StoreEmpty, StoreOlder, StorePromote, StoreSplit, StoreBroken, KioskKill, KioskDisk, KioskTorn, KioskClone,
	KioskSilent, KioskNight, ClockOff, ClockDead, PaperOut, PrinterGone, PrinterMute, KioskTwin, KioskRevoked, ServersForget,
	ConsoleCut,
}

// The hours of a world. It begins at eight in the morning; a day's work is done
// by noon, since quiet hours find nothing.
const (
	doorsOpen  = 30 * time.Minute
	faultsFrom = 40 * time.Minute
	doorsClose = 3*time.Hour + 45*time.Minute
	dayChanges = 19 * time.Hour // at three in the morning
	dayOver    = 4*time.Hour + 15*time.Minute
	nextOpen   = 24*time.Hour + doorsOpen
	nextClose  = nextOpen + 45*time.Minute
)

// Expand draws the world of a seed. Which kinds of faults happen at all is drawn
// too, so that rare mixes occur: a world with everything always hides what
// needs one thing alone.
func Expand(seed uint64, faults string) Plan {
	c := chanceFor(seed, "plan")
	p := Plan{
		Seed: seed, Offices: 1, Servers: c.between(2, 3), Replicas: pick(c, []int{0, 0, 1, 2}), Kiosks: c.between(2, 3),
		Counters: c.between(4, 8), Tickets: c.between(80, 160), Range: pick(c, []int{3, 30, 120}), Morning: c.in(0.4),
	}
	if c.in(0.2) {
		p.Tickets = c.between(280, 320) // a full day; the others are quicker to judge
	}
	if c.in(0.15) {
		p.Offices, p.Tickets = 2, p.Tickets/2
	}
	p.CheckIn = chanceFor(seed, "check-in").in(0.7)
	p.Faults = drawFaults(chanceFor(seed, "faults"), &p, wanted(faults))
	return p
}

// wanted reads a list of kinds; "all" and "none" stand for themselves.
func wanted(faults string) func(FaultKind) bool {
	names := strings.Split(faults, ",")
	return func(k FaultKind) bool {
		return faults == "all" || faults == "" || slices.Contains(names, string(k))
	}
}

// unknownFault returns the first name of a list that is no kind of fault, or "".
func unknownFault(faults string) string {
	for _, name := range strings.Split(faults, ",") {
		if !slices.Contains(FaultKinds, FaultKind(name)) && name != "" && name != "all" && name != "none" {
			return name
		}
	}
	return ""
}

func drawFaults(c chance, p *Plan, want func(FaultKind) bool) []Fault {
	var list []Fault
	for _, kind := range FaultKinds {
		here, count := c.in(0.35) || kind == KioskNight, c.between(1, 4)
		for range count {
			f := Fault{Kind: kind, At: c.span(faultsFrom, doorsClose-20*time.Minute), For: lasting(c, kind), Target: c.IntN(1000), Size: c.IntN(1000)}
			if here && want(kind) && p.survives(kind) {
				list = append(list, f)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Fault) int { return int(a.At - b.At) })
	for i := range list {
		list[i].Number = i
	}
	return list
}

// survives is the limit of what a world must bear, as code: faults that need
// what the world does not have are left out. That a kiosk never loses its disk
// together with unsent records, and the store never its history together with
// all journals, is held where those faults strike.
func (p *Plan) survives(kind FaultKind) bool {
	switch kind {
	case StorePromote, StoreSplit, StoreBroken:
		return p.Replicas > 0
	case KioskNight:
		return p.Morning
	}
	return true
}

func lasting(c chance, kind FaultKind) time.Duration {
	switch kind {
	case KioskSilent:
		return c.span(15*time.Minute, 2*time.Hour)
	case ServerKill, KioskKill, ServersOlder:
		return c.span(500*time.Millisecond, time.Minute)
	case KioskRevoked:
		return c.span(2*time.Minute, 40*time.Minute)
	case StoreSplit:
		return c.span(20*time.Second, 3*time.Minute)
	case ConsoleCut:
		return c.span(30*time.Second, 12*time.Minute)
	case LinkOneWay, LinkDeaf:
		return c.span(10*time.Second, 8*time.Minute)
	case PaperOut, PrinterGone, PrinterMute:
		return c.span(time.Minute, 15*time.Minute)
	}
	return c.span(2*time.Second, 4*time.Minute)
}

// String tells the plan in a few lines.
func (p Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: offices %d, servers %d, data nodes %d, kiosks %d, counters %d, tickets %d, range %d, next morning %v, check-in %v\n",
		p.Seed, p.Offices, p.Servers, p.Replicas+1, p.Kiosks, p.Counters, p.Tickets, p.Range, p.Morning, p.CheckIn)
	b.WriteString("limits: a kiosk's disk is lost only when it owes nothing; the servers' journals outlive what the store forgets\n")
	for _, f := range p.Faults {
		fmt.Fprintf(&b, "fault %d: %s at %s for %s, target %d, size %d\n",
			f.Number, f.Kind, clockText(f.At), f.For.Round(time.Millisecond), f.Target, f.Size)
	}
	return b.String()
}

func clockText(at time.Duration) string {
	return worldBegins.Add(at).Format(time.TimeOnly)
}
