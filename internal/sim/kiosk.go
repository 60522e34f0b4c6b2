package sim

import (
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"machi/internal/estimate/follow"
	"machi/internal/planted"
	"machi/internal/queue"
	"machi/internal/replica"
)

// kiosk is a ticket machine around the real [replica.Agent]: two files, a
// printer, a screen, a link. It does what the real shell does.
type kiosk struct {
	node
	chance   chance
	branch   *branch
	id       queue.KioskID
	store    string
	agent    *replica.Agent
	plan     *queue.Settings // the stored plan; on disk
	files    [2]*disk[replica.Mark]
	printer  printer
	server   int
	sessions int
	open     map[queue.CommandID]*touch // presses whose end is not yet seen
	newDisk  bool                       // its store was not yet bound
	alarms   map[string]int
	apart    time.Duration // since when nobody answered; -1: somebody does
	clone    *kiosk        // of which this machine runs a copied disk
	fork     int64         // how long the original's chain was when it was copied
	disks    *int          // that machines of this name have had
	deaf     bool          // hears nothing from its next question on
	jumped   bool          // its wall clock was wrong once: nobody can tell by how much now
	desk                   // the people who stand before it
	guard                  // what the servers think of it
	waits    map[queue.Date]*follow.Office
}

// touch is one press as the visitor sees it.
type touch struct {
	at   time.Duration
	seen bool // a ticket or a refusal
}

func newKiosk(b *branch, i int) *kiosk {
	k := &kiosk{
		node: node{world: b.world, name: fmt.Sprintf("%s/%s", b.id, kioskID(i))}, branch: b, id: kioskID(i), server: i,
		open: map[queue.CommandID]*touch{}, alarms: map[string]int{}, files: [2]*disk[replica.Mark]{{}, {}},
		disks: new(int), desk: newDesk(), guard: guard{told: -1},
	}
	k.chance = chanceFor(b.world.plan.Seed, "kiosk/"+k.name)
	k.printer.world = b.world
	k.clock.drift = (k.chance.Float64() - 0.5) * 4e-4
	k.clock.offset = k.chance.span(-20*time.Second, 20*time.Second)
	k.formatDisk()
	k.start()
	return k
}

// formatDisk begins an empty store: another identity.
func (k *kiosk) formatDisk() {
	random := k.chance.bytes()
	*k.disks++
	k.told = -1
	k.store, k.newDisk = hex.EncodeToString(random[:]), true
	k.files = [2]*disk[replica.Mark]{{}, {}}
}

func (k *kiosk) now() replica.Now {
	mono := k.clock.monotonic(k.world.now)
	return replica.Now{Wall: k.wall(), Monotonic: mono, Timer: mono, Boot: fmt.Sprintf("%s-boot%d", k.name, k.clock.boots)}
}

// start boots the machine; what the better of its files holds is what it knows.
func (k *kiosk) start() {
	if k.up {
		return
	}
	k.boot()
	marks := k.files[0].lines()
	if other := k.files[1].lines(); len(other) > len(marks) {
		marks = other
	}
	for _, f := range k.files {
		if len(f.lines()) < len(marks) {
			if len(f.lines()) == 0 {
				k.world.rare.reached(rareRebuilt)
			}
			*f = disk[replica.Mark]{synced: slices.Clone(marks)}
		}
	}
	agent, err := replica.New(replica.Options{
		Identity: replica.Identity{Office: k.branch.id, Kiosk: k.id, Store: k.store}, Plan: k.plan, Marks: marks, Offline: k.clone != nil,
	})
	if err != nil {
		k.world.audit.fail("%s does not start from its own marks: %v", k.name, err)
		return
	}
	k.agent = agent
	k.apart = -1
	k.world.story.tell(k.name, "starts with %d marks", len(marks))
	k.step(replica.Start{})
	k.tick()
}

// tick tells the agent that time passes; seldom at night.
func (k *kiosk) tick() {
	pause := 400 * time.Millisecond
	if k.world.asleep() {
		pause = 5 * time.Second
	}
	k.after(pause, func() {
		k.step(replica.Tick{})
		k.tick()
	})
}

// kill cuts the power: of what was not synced each file keeps what it likes.
func (k *kiosk) kill() {
	if !k.up {
		return
	}
	k.crash()
	k.dark()
	for _, f := range k.files {
		f.crash(k.chance.IntN(2))
	}
	// The visitors at the machine see it go dark: that is their answer.
	for _, t := range k.open {
		if !t.seen {
			t.seen = true
			k.world.audit.presses.refused++
		}
	}
	k.world.story.tell(k.name, "loses power")
}

// press is a visitor who begins at the start screen.
func (k *kiosk) press(w wish) {
	k.sessions++
	k.tap(w)
}

// tap is a finger on a button; a nervous one taps again in the same session.
func (k *kiosk) tap(w wish) { k.touch(w, false) }

// touch is a press, of a visitor or of staff for one.
func (k *kiosk) touch(w wish, desk bool) {
	if !k.up {
		return
	}
	random := k.chance.bytes()
	id := queue.CommandID(hex.EncodeToString(random[:]))
	secret := k.chance.bytes()
	k.open[id] = &touch{at: k.world.now}
	k.world.audit.presses.made++
	k.step(replica.Touch{
		Session: fmt.Sprint(k.sessions), Command: id, Secret: hex.EncodeToString(secret[:]),
		Service: w.service, Priority: w.priority, Desk: desk,
	})
}

// step feeds the agent and carries out what it wants.
func (k *kiosk) step(in replica.Input) {
	if !k.up {
		return
	}
	for _, out := range k.agent.Step(k.now(), in) {
		k.carryOut(out)
	}
	k.watch()
}

// watch notes since when the machine is alone.
func (k *kiosk) watch() {
	switch online := k.agent.Online(); {
	case online:
		k.apart = -1
	case k.apart < 0:
		k.apart = k.world.now
	}
}

func (k *kiosk) carryOut(out replica.Output) {
	switch out := out.(type) {
	case replica.SaveMark:
		k.save(out.Mark)
	case replica.AskServer:
		k.ask(out.Press)
	case replica.PrintTicket:
		k.print(out.Press)
	case replica.PressChanged:
		k.changed(out.Press)
	case replica.PullRecords:
		k.pull(out)
	case replica.BindStore:
		k.bind(out)
	case replica.FetchPlan:
		k.fetch(out)
	case replica.InquireCommands:
		k.inquire(out)
	case replica.PushBodies:
		k.push(out)
	case replica.ActDone:
		k.actDone(out)
	case replica.Alarm:
		k.alarms[out.Code]++
		k.world.story.tell(k.name, "alarm %s %s", out.Code, out.Detail)
		if out.Code == "store_copied" {
			k.copied()
		}
	}
}

// copied is what the machine's alarm about a copied store tells the auditor.
func (k *kiosk) copied() {
	if k.clone == nil {
		k.world.audit.fail("%s is told that its store was copied, but it is the original", k.name)
		return
	}
	k.world.rare.reached(rareClone)
}

// save writes a mark to both files, one after the other.
func (k *kiosk) save(m replica.Mark) {
	for _, f := range k.files {
		f.write(m)
	}
	if planted.On(planted.PrintFirst) {
		k.after(0, func() { k.step(replica.MarkSaved{}) })
		k.after(2*time.Second, func() { k.files[0].sync(); k.files[1].sync() })
		return
	}
	k.after(k.chance.span(2*time.Millisecond, 20*time.Millisecond), func() {
		k.files[0].sync()
		k.after(k.chance.span(time.Millisecond, 15*time.Millisecond), func() {
			k.files[1].sync()
			k.step(replica.MarkSaved{})
		})
	})
}

// changed is what the screen shows of a press.
func (k *kiosk) changed(p replica.Press) {
	t := k.open[p.Command]
	switch {
	case p.State == replica.Withdrawn || p.State == replica.Unknown && t != nil && t.seen:
		k.world.rare.reached(rareRestartedPress)
	case p.State == replica.Refused && t != nil && !t.seen:
		t.seen = true
		k.world.audit.refusal(k, p)
	}
	if p.State.Final() {
		k.world.story.tell(k.name, "press of %s is %s %s %s", p.Ticket, p.State, p.Number, p.Code)
	}
}

// print is the first byte of a ticket, and its number on the screen.
func (k *kiosk) print(p replica.Press) {
	t := k.open[p.Command]
	if k.clone == nil || p.Pool == queue.PoolServer {
		k.world.audit.ticket(k, p, t)
	}
	if k.clone != nil && p.Pool == queue.PoolServer {
		k.world.rare.reached(rareTwin)
	}
	k.printer.print(func(fate paperFate) {
		report := map[paperFate]replica.PaperReport{
			paperOut:     {Command: p.Command, Event: replica.PaperOut},
			paperNone:    {Command: p.Command, Event: replica.PaperFailed, Code: "paper_out"},
			paperUnknown: {Command: p.Command, Event: replica.PaperUnknown},
		}[fate]
		k.step(report)
	})
}

// holds reports whether a mark of a press that is being printed is safe on one of
// the files, with its number.
func (k *kiosk) holds(p replica.Press) bool {
	for _, f := range k.files {
		for i := len(f.synced) - 1; i >= 0 && i > len(f.synced)-50; i-- {
			kept := f.synced[i].Press
			if kept != nil && kept.Command == p.Command && kept.Number == p.Number && kept.State != replica.Pressed {
				return true
			}
		}
	}
	return false
}
