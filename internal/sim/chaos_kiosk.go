package sim

import (
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
)

func hexOf(b [16]byte) string { return hex.EncodeToString(b[:]) }

// badKiosk lets a fault strike a ticket machine.
func (w *world) badKiosk(f Fault, k *kiosk) func() {
	switch f.Kind {
	case KioskKill:
		k.kill()
		return k.start
	case KioskDisk:
		return k.loseDisk()
	case KioskTorn:
		if !k.up {
			return nil // the other file may be gone already
		}
		k.kill()
		k.files[f.Size%2] = &disk[replica.Mark]{}
		return k.start
	case KioskClone:
		return k.copyDisk(f)
	case KioskTwin:
		return k.twin(f)
	case KioskRevoked:
		return k.revoke(f)
	case ServersForget:
		return w.forgetMachines()
	case LinkDeaf:
		k.deaf = true
		return func() {
			k.deaf = false
			w.around(&k.node, w.nodes(), nil, nil)
		}
	case KioskSilent, KioskNight:
		cut := &weather{cut: true}
		w.around(&k.node, w.nodes(), cut, cut)
		return func() { w.around(&k.node, w.nodes(), nil, nil) }
	case ClockOff:
		by := time.Duration(f.Size-500) * 20 * time.Second
		k.clock.offset += by
		k.jumped = true
		return func() { k.clock.offset -= by }
	case ClockDead:
		was := k.clock.offset
		k.kill()
		k.jumped = true
		k.clock.offset = -26 * 365 * 24 * time.Hour
		k.start()
		return func() { k.clock.offset = was }
	}
	return k.badPrinter(f)
}

func (k *kiosk) badPrinter(f Fault) func() {
	switch f.Kind {
	case PaperOut:
		k.printer.empty = true
		return func() { k.printer.empty = false }
	case PrinterGone:
		k.printer.gone = true
		return func() { k.printer.gone = false }
	case PrinterMute:
		k.printer.mute = true
		return func() { k.printer.mute = false }
	}
	panic("sim: a fault that nobody lets strike: " + string(f.Kind))
}

// loseDisk gives the machine a new disk. What only the old one knew would be lost
// for ever, so it is lost only when the machine owes nothing, and not more often
// than there are ranges for it: that much no design survives.
func (k *kiosk) loseDisk() func() {
	if !k.up || k.agent.Unsent() > 0 || k.agent.Busy() || *k.disks >= kioskSlots {
		return nil
	}
	k.kill()
	k.formatDisk()
	k.plan = nil
	return k.start
}

// copyDisk copies the disk into another machine, which comes to life when the
// original's chain has gone on: then the copy is found at its first contact.
func (k *kiosk) copyDisk(f Fault) func() {
	if !k.up || k.agent.Slot() < 0 || k.clone != nil {
		return nil
	}
	c := k.copyTo(f)
	today, _ := k.agent.Today(k.now())
	c.fork = today.Origin().Number
	return func() { c.wake() }
}

// copyTo makes another machine with a copy of the disk.
func (k *kiosk) copyTo(f Fault) *kiosk {
	c := &kiosk{
		node: node{world: k.world, name: fmt.Sprintf("%s-copy%d", k.name, f.Number)}, branch: k.branch, id: k.id, store: k.store,
		plan: k.plan, clone: k, server: k.server, open: map[queue.CommandID]*touch{}, alarms: map[string]int{}, disks: k.disks,
		chance: chanceFor(k.world.plan.Seed, fmt.Sprintf("copy/%d", f.Number)), desk: newDesk(), guard: guard{told: -1},
	}
	c.printer.world = k.world
	for i, file := range k.files {
		c.files[i] = &disk[replica.Mark]{synced: slices.Clone(file.lines())}
	}
	return c
}

// wake starts a copy and lets somebody try it, if the original has gone on.
func (k *kiosk) wake() {
	original := k.clone
	today, _ := original.agent.Today(original.now())
	if !original.up || original.store != k.store || today.Origin().Number <= k.fork || original.agent.Unsent() > 0 || k.world.now >= k.world.end() {
		return
	}
	k.start()
	k.press(wish{service: seals})
	k.after(time.Minute, k.kill)
}
