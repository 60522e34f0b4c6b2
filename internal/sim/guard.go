package sim

import (
	"fmt"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
)

// guard is what the servers think of a machine, and what it has heard of that.
type guard struct {
	outlaw string        // why they take nothing from it; empty: they do
	told   time.Duration // since when it knows; -1: it does not
	twins  bool          // a copy that works beside its original
}

// knowsAfter is how long a machine has to make safe what it was told.
const knowsAfter = time.Second

// heard tells the machine what an answer says of it. An answer to a question from
// before it was barred says nothing.
func (k *kiosk) heard(barred string, ok bool, asked time.Duration) {
	switch {
	case !ok && k.twins && k.outlaw == "":
		// What a real server finds at the start of a copy, by its hardware: two machines
		// that are both alone with one range are beyond any design.
		k.outlaw = replica.StoreCopied
		k.bar(k.outlaw)
	case barred != "":
		k.bar(barred)
	case ok && k.agent.Barred() != "" && asked > k.told:
		k.told = -1
		k.step(replica.Admitted{})
	}
}

func (k *kiosk) bar(code string) {
	if k.agent.Barred() != code || k.told < 0 {
		k.told = k.world.now
	}
	k.step(replica.Barred{Code: code})
}

// knows reports whether the machine knew at a moment that it is barred.
func (k *kiosk) knows(at time.Duration) bool { return k.told >= 0 && at > k.told+knowsAfter }

// revoke lets the servers take nothing from a machine for a while. Somebody may
// carry it to where no network is, and another machine may come in its place.
func (k *kiosk) revoke(f Fault) func() {
	w := k.world
	if !k.up || k.outlaw != "" {
		return nil
	}
	k.outlaw = "device_revoked"
	moved := false
	if f.Size%2 == 0 {
		w.after(30*time.Second, func() {
			if k.outlaw != "" && k.up {
				moved = true
				cut := &weather{cut: true}
				w.around(&k.node, w.nodes(), cut, cut)
				k.kill()
				k.start()
			}
		})
	}
	if f.Size%3 == 0 {
		w.after(time.Minute, func() { k.replace(f) })
	}
	return func() {
		k.outlaw = ""
		if moved {
			w.around(&k.node, w.nodes(), nil, nil)
		}
	}
}

// replace puts another machine into the place of a revoked one, which may go on
// printing where nobody reaches it: so its range must stay its own.
func (k *kiosk) replace(f Fault) {
	if k.outlaw == "" || *k.disks >= kioskSlots || k.world.now >= doorsClose {
		return
	}
	b := k.branch
	c := &kiosk{
		node: node{world: k.world, name: fmt.Sprintf("%s-new%d", k.name, f.Number)}, branch: b, id: k.id, server: k.server,
		open: map[queue.CommandID]*touch{}, alarms: map[string]int{}, disks: k.disks,
		chance: chanceFor(k.world.plan.Seed, fmt.Sprintf("new/%d", f.Number)), desk: newDesk(), guard: guard{told: -1},
	}
	c.printer.world = k.world
	c.formatDisk()
	c.start()
	c.report()
	b.kiosks = append(b.kiosks, c)
	k.world.rare.reached(rareReplaced)
}

// forgetMachines lets the servers know no machine, as after a restore of a backup
// from before they were enrolled; staff enrol them again.
func (w *world) forgetMachines() func() {
	var forgotten []*kiosk
	for _, b := range w.branches {
		for _, k := range b.kiosks {
			if k.outlaw == "" {
				k.outlaw = "device_unknown"
				forgotten = append(forgotten, k)
			}
		}
	}
	w.rare.reached(rareForgotten)
	return func() {
		for _, k := range forgotten {
			k.outlaw = ""
		}
	}
}

// twin starts a copy of the disk at once, beside the original. Nothing tells them
// apart but chance, as long as the servers answer both.
func (k *kiosk) twin(f Fault) func() {
	if !k.up || k.agent.Slot() < 0 || k.agent.Unsent() > 0 || k.agent.Busy() || k.outlaw != "" || k.agent.Barred() != "" {
		return nil
	}
	c := k.copyTo(f)
	c.twins = true
	c.start()
	c.offer()
	return c.kill
}

// offer lets people try a copy for as long as it works.
func (k *kiosk) offer() {
	k.after(k.chance.span(3*time.Second, 20*time.Second), func() {
		if k.agent.Online() && k.outlaw == "" {
			k.press(wish{service: pick(k.chance, service)})
		}
		k.offer()
	})
}
