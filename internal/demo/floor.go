package demo

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"machi/internal/queue"
)

// floor is one office with its pretend people.
type floor struct {
	office   string
	client   *client
	clock    *clock
	services map[string]service
	names    []string  // of the services, in order
	weights  []float64 // how many come for each
	counters []string
	machines []machine
	busy     float64 // arrivals a minute
	group    sync.WaitGroup
}

// service is what the demo knows of a service.
type service struct {
	expected   time.Duration
	processing bool
}

// machine is a ticket machine that residents press.
type machine interface {
	Press(ctx context.Context, service string) error
}

// clock is the demo's time: as fast as the rehearsal clock.
type clock struct{ speed float64 }

func (c *clock) sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(time.Duration(float64(d) / c.speed))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func newFloor(id queue.OfficeID, settings queue.Settings, api *client, clock *clock) *floor {
	f := &floor{office: string(id), client: api, clock: clock, services: map[string]service{}}
	for _, v := range settings.Services {
		f.services[string(v.ID)] = service{v.Expected, v.HasStage(queue.StageProcessing)}
		f.names = append(f.names, string(v.ID))
		// Short matters bring most people: a certificate is asked for far more
		// often than a long family matter.
		f.weights = append(f.weights, 1/max(2, v.Expected.Minutes()))
	}
	for _, c := range settings.Counters {
		f.counters = append(f.counters, string(c.ID))
	}
	f.busy = f.load()
	return f
}

// leaveFree leaves a counter to the newcomer.
func (f *floor) leaveFree(counter string) {
	f.counters = slices.DeleteFunc(f.counters, func(c string) bool { return c == counter })
}

// load is how many people a minute keep all counters a little more than busy.
func (f *floor) load() float64 {
	mean, total := 0.0, 0.0
	for i, name := range f.names {
		mean += f.weights[i] * f.services[name].expected.Minutes()
		total += f.weights[i]
	}
	if total == 0 || mean == 0 {
		return 0
	}
	return 1.05 * float64(len(f.counters)) / (mean/total + 1)
}

// run fills the lobby at once, so that there is something to see, and then lets
// people come and clerks work until the context ends.
func (f *floor) run(ctx context.Context, seed uint64) {
	for i, counter := range f.counters {
		c := &clerk{floor: f, counter: counter, rand: rand.New(rand.NewPCG(seed, uint64(i)+1))}
		f.group.Go(func() { c.run(ctx) })
	}
	arrivals := rand.New(rand.NewPCG(seed, 0))
	for range 2 * len(f.counters) {
		f.atDesk(ctx, arrivals, f.pick(arrivals))
	}
	for ctx.Err() == nil && f.busy > 0 {
		f.clock.sleep(ctx, time.Duration(arrivals.ExpFloat64()/f.busy*float64(time.Minute)))
		f.arrive(ctx, arrivals)
	}
	f.group.Wait()
}

// arrive is one resident taking a ticket: at a machine where the office has one.
func (f *floor) arrive(ctx context.Context, r *rand.Rand) {
	service := f.pick(r)
	if len(f.machines) > 0 && f.machines[r.IntN(len(f.machines))].Press(ctx, service) == nil {
		return
	}
	f.atDesk(ctx, r, service)
}

// atDesk is a ticket that staff at the entrance give.
func (f *floor) atDesk(ctx context.Context, r *rand.Rand, service string) {
	body := map[string]any{"service": service, "channel": "reception", "language": "ja", "priority": r.Float64() < 0.08}
	_, _ = f.client.post(ctx, f.office+"/tickets", body, nil) // closed: nobody comes
}

func (f *floor) pick(r *rand.Rand) string {
	total := 0.0
	for _, w := range f.weights {
		total += w
	}
	at := r.Float64() * total
	for i, w := range f.weights {
		if at -= w; at <= 0 {
			return f.names[i]
		}
	}
	return f.names[len(f.names)-1]
}

func (f *floor) anyService(r *rand.Rand) string { return f.names[r.IntN(len(f.names))] }

// later does something after a while, unless the demo ends first.
func (f *floor) later(ctx context.Context, after time.Duration, do func()) {
	f.group.Go(func() {
		f.clock.sleep(ctx, after)
		if ctx.Err() == nil {
			do()
		}
	})
}
