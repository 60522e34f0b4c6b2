package sim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"machi/internal/eventlog"
	"machi/internal/planted"
)

const (
	storeDeadline = 700 * time.Millisecond
	waitDeadline  = 150 * time.Millisecond // for the data nodes to confirm
	storePage     = 200
)

var errRefused = errors.New("sim: the store refuses")

// redis models the log store as servers meet it: data nodes with histories that
// lag, nodes that are promoted, restarted from older files or emptied, and
// answers that are lost. Its contract is that of [eventlog.Log], and what it may
// do to a history is what real nodes were seen to do.
type redis struct {
	world   *world
	chance  chance
	nodes   []*dataNode
	primary map[*node]int // which data node a server holds for the primary
	newest  int           // the newest primary
	slow    time.Duration
	loading bool
	unclear float64 // share of appends whose answer is lost
	saved   map[string][]stored
	lag     time.Duration
	broken  bool // replication stands still
}

type dataNode struct {
	node
	streams map[string][]stored
}

// stored is a record with its head, which is computed once.
type stored struct {
	record eventlog.Record
	head   eventlog.Head
}

func headOf(list []stored) eventlog.Head {
	if len(list) == 0 {
		return eventlog.Head{}
	}
	return list[len(list)-1].head
}

func newRedis(w *world, replicas int) *redis {
	r := &redis{world: w, chance: chanceFor(w.plan.Seed, "store"), primary: map[*node]int{}, lag: 3 * time.Millisecond}
	for i := range replicas + 1 {
		n := &dataNode{node: node{world: w, name: fmt.Sprintf("store%d", i+1)}, streams: map[string][]stored{}}
		n.boot()
		r.nodes = append(r.nodes, n)
	}
	return r
}

func (r *redis) primaryOf(server *node) *dataNode {
	if i, ok := r.primary[server]; ok {
		return r.nodes[i]
	}
	return r.nodes[r.newest]
}

type headAnswer struct {
	head eventlog.Head
	err  error
}

// head asks where a stream stands.
func (r *redis) head(server *node, stream string, done func(eventlog.Head, error)) {
	target := r.primaryOf(server)
	exchange(r.world.net, server, &target.node, storeDeadline, func(answer func(headAnswer)) {
		r.busy(target, func() {
			if r.loading {
				answer(headAnswer{err: errRefused})
				return
			}
			answer(headAnswer{head: headOf(target.streams[stream])})
		})
	}, func(a headAnswer, ok bool) {
		if !ok {
			a.err = errRefused
		}
		done(a.head, a.err)
	})
}

type pageAnswer struct {
	records []eventlog.Record
	err     error
}

// read asks for up to a page of records above a number.
func (r *redis) read(server *node, stream string, after int64, limit int, done func([]eventlog.Record, error)) {
	target := r.primaryOf(server)
	exchange(r.world.net, server, &target.node, storeDeadline, func(answer func(pageAnswer)) {
		r.busy(target, func() {
			if r.loading {
				answer(pageAnswer{err: errRefused})
				return
			}
			answer(pageAnswer{records: page(target.streams[stream], after, limit)})
		})
	}, func(a pageAnswer, ok bool) {
		if !ok {
			a.err = errRefused
		}
		done(a.records, a.err)
	})
}

func page(list []stored, after int64, limit int) []eventlog.Record {
	var out []eventlog.Record
	for i := max(0, after); i < int64(len(list)) && len(out) < limit; i++ {
		out = append(out, list[i].record)
	}
	return out
}

// append adds records after a head. The error is one of the contract's, or one
// that certainly appended nothing.
func (r *redis) append(server *node, stream string, after eventlog.Head, records []eventlog.Record, done func(error)) {
	target := r.primaryOf(server)
	calls := 1
	if planted.On(planted.ClientRetries) {
		calls = 2 // the client sends again by itself whatever was not answered at once
	}
	appended := false
	serve := func(answer func(error)) {
		r.busy(target, func() {
			err := r.commit(target, stream, after, records, &appended)
			if err == nil {
				r.replicate(target, stream, answer)
				return
			}
			answer(err)
		})
	}
	var try func(left int)
	try = func(left int) {
		exchange(r.world.net, server, &target.node, storeDeadline, serve, func(err error, ok bool) {
			switch {
			case !ok && left > 1:
				try(left - 1)
				return
			case !ok:
				r.world.rare.unclear(appended)
				err = eventlog.ErrUnclear
			case errors.Is(err, eventlog.ErrConflict) && appended && calls > 1:
				r.world.audit.fail("an append that was made was answered with a conflict: the client sent it twice")
			}
			done(err)
		})
	}
	try(calls)
}

// busy lets a slow data node take its time.
func (r *redis) busy(target *dataNode, do func()) {
	if r.slow == 0 {
		do()
		return
	}
	target.after(r.chance.tail(r.slow), do)
}

// commit is the script that compares and adds.
func (r *redis) commit(target *dataNode, stream string, after eventlog.Head, records []eventlog.Record, appended *bool) error {
	if r.loading || !target.up {
		return errRefused
	}
	list := target.streams[stream]
	head := headOf(list)
	switch {
	case *appended:
		return eventlog.ErrConflict // a copy of the message
	case planted.On(planted.LocalLock):
		records = rechain(head, records)
	case planted.On(planted.PlainAdd) && len(records) > 0 && records[0].Number > head.Number:
	case head != after:
		return eventlog.ErrConflict
	}
	for _, rec := range records {
		list = append(list, stored{rec, rec.Head()})
	}
	target.streams[stream] = list
	*appended = true
	r.world.audit.appended(target, stream)
	r.ring(target, stream, head.Number)
	return nil
}

// ring tells the servers that a log may be longer; it is only a hint.
func (r *redis) ring(target *dataNode, stream string, after int64) {
	for _, s := range r.world.servers {
		if r.primaryOf(&s.node) == target {
			r.world.net.send(&target.node, &s.node, func() { s.rung(stream, after) })
		}
	}
}

// rechain is what a writer does that trusts a lock of its own process: it hangs
// what it decided on an old state behind whatever the log holds now.
func rechain(head eventlog.Head, records []eventlog.Record) []eventlog.Record {
	out := slices.Clone(records)
	for i := range out {
		out[i].Number, out[i].Prev = head.Number+1, head.Hash
		if head.Number > 0 {
			out[i].Incarnation = head.Incarnation
		}
		head = out[i].Head()
	}
	return out
}

// replicate copies a history to the other nodes and answers when all have it, or
// that they did not in time. An answer may be lost here.
func (r *redis) replicate(from *dataNode, stream string, answer func(error)) {
	lost := r.chance.in(r.unclear)
	reply := func(err error) {
		if !lost {
			answer(err)
		}
	}
	waiting := len(r.nodes) - 1
	if waiting == 0 {
		reply(nil)
		return
	}
	settled := false
	settle := func(err error) {
		if !settled {
			settled = true
			reply(err)
		}
	}
	for _, to := range r.nodes {
		if to == from {
			continue
		}
		r.world.after(r.chance.tail(r.lag), func() {
			if r.sync(from, to, stream) {
				if waiting--; waiting == 0 {
					settle(nil)
				}
			}
		})
	}
	r.world.after(waitDeadline, func() {
		if planted.On(planted.WaitIgnored) {
			settle(nil)
			return
		}
		if !settled {
			r.world.rare.reached(rareWaitShort)
		}
		settle(eventlog.ErrUnsafe)
	})
}

// sync gives a data node the history of the primary it follows.
func (r *redis) sync(from, to *dataNode, stream string) bool {
	if r.broken || !from.up || !to.up || r.nodes[r.newest] != from || r.loading {
		return false
	}
	list := from.streams[stream]
	to.streams[stream] = list[:len(list):len(list)]
	return true
}

// promote makes another data node the primary. Servers that are cut off with the
// old one hold on to it until they notice.
func (r *redis) promote(to int, stale []*node) {
	for _, server := range stale {
		r.primary[server] = r.newest
	}
	r.newest = to
}

// notice lets every server see the newest primary, and every node follow it.
func (r *redis) notice() {
	clear(r.primary)
	r.broken = false
	from := r.nodes[r.newest]
	for _, to := range r.nodes {
		if to != from && to.up {
			to.streams = map[string][]stored{}
			for stream, list := range from.streams {
				to.streams[stream] = list[:len(list):len(list)]
			}
		}
	}
}

// save keeps a copy of the primary's file, as a backup or an older AOF.
func (r *redis) save() {
	r.saved = map[string][]stored{}
	for stream, list := range r.nodes[r.newest].streams {
		r.saved[stream] = list[:len(list):len(list)]
	}
}

// forget cuts the newest records of every stream, or all of them.
func (r *redis) forget(tail int) {
	for _, n := range r.nodes {
		for stream, list := range n.streams {
			keep := max(0, len(list)-tail)
			n.streams[stream] = list[:keep:keep]
		}
	}
}

// restore starts all nodes from the saved file.
func (r *redis) restore() {
	for _, n := range r.nodes {
		n.streams = map[string][]stored{}
		for stream, list := range r.saved {
			n.streams[stream] = list
		}
	}
}

// history returns the newest primary's stream.
func (r *redis) history(stream string) []eventlog.Record {
	return page(r.nodes[r.newest].streams[stream], 0, 1<<30)
}
