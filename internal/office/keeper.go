package office

import (
	"context"
	"log/slog"
	"time"

	"machi/internal/eventlog"
)

// keeper is the goroutine around one core: it does what the core wants done and
// tells it what came of it. All its fields belong to that goroutine.
type keeper struct {
	run   *run
	core  *Core
	log   eventlog.Log
	calls map[*Job]*call // jobs that the core has not answered
	asked bool           // the store has answered, or failed, once
	stats Stats          // as they were last counted
}

// work serves the core until the context ends; then it does what still waits.
func (k *keeper) work(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	k.pump(ctx, Second{})
	for ctx.Err() == nil {
		select {
		case c := <-k.run.jobs:
			k.bring(ctx, c)
		case r := <-k.run.rung:
			k.hear(ctx, r)
		case <-ticker.C:
			k.pump(ctx, Second{})
		case <-ctx.Done():
		}
	}
	select {
	case c := <-k.run.jobs:
		k.bring(ctx, c)
	default:
	}
}

// hear reads on where the log may be longer. The listener is freed even by a panic.
func (k *keeper) hear(ctx context.Context, r rung) {
	defer close(r.done)
	k.pump(ctx, Rung{r.after})
}

// bring submits a job together with all others that wait by now.
func (k *keeper) bring(ctx context.Context, first *call) {
	var jobs []*Job
	for c, more := first, true; more; {
		if c.cancel {
			k.takeBack(ctx, c.job, &jobs)
		} else {
			k.calls[c.job] = c
			jobs = append(jobs, c.job)
		}
		select {
		case c = <-k.run.jobs:
		default:
			more = false
		}
	}
	k.pump(ctx, Submit{jobs})
}

// takeBack drops a job that was not decided yet.
func (k *keeper) takeBack(ctx context.Context, j *Job, waiting *[]*Job) {
	for i, w := range *waiting {
		if w == j {
			*waiting = append((*waiting)[:i:i], (*waiting)[i+1:]...)
			delete(k.calls, j)
			return
		}
	}
	k.pump(ctx, Cancel{j})
	delete(k.calls, j)
}

// pump tells the core one thing and does what follows, until nothing is under way.
func (k *keeper) pump(ctx context.Context, in Input) {
	for in != nil {
		outputs := k.core.Step(k.run.ward.o.Now(), in)
		in = nil
		for _, o := range outputs {
			if next := k.perform(ctx, o); next != nil {
				in = next
			}
		}
	}
	k.run.publish(k.core)
	k.count()
	if !k.asked {
		k.asked = true
		k.run.firstSeen()
	}
}

// perform does what the core wants done. What is wanted of the store and the
// journal is answered by an input.
func (k *keeper) perform(ctx context.Context, o Output) Input {
	// A call that has begun is finished, also while the server stops: an append that
	// is cut short leaves its outcome unclear.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), k.run.ward.o.Patience)
	defer cancel()
	switch o := o.(type) {
	case Answer:
		k.answer(o)
	case Notice:
		k.report(o)
	case AskHead:
		head, err := k.log.Head(ctx)
		return HeadSeen{head, err}
	case Read:
		records, err := k.log.Read(ctx, o.After, o.Limit)
		return Followed{records, err}
	case Append:
		return Appended{k.append(ctx, o)}
	case Keep:
		return Kept{k.keep(o)}
	case BringSettings:
		s, err := k.run.ward.settingsFor(ctx, k.run.room.id, k.run.date)
		return Settings{s, err}
	}
	return nil
}

func (k *keeper) append(ctx context.Context, o Append) error {
	now := k.run.ward.o.Now
	began := now()
	err := k.log.Append(ctx, o.After, o.Records)
	k.run.ward.metrics.append.Observe(now().Sub(began).Seconds())
	return err
}

func (k *keeper) keep(o Keep) error {
	if k.run.ward.o.Journal == nil {
		return nil
	}
	return k.run.ward.o.Journal.Add(k.run.stream, o.Records...)
}

// answer shows the day first, so that whoever gets the answer finds its effect.
func (k *keeper) answer(a Answer) {
	k.run.publish(k.core)
	if c, ok := k.calls[a.Job]; ok {
		delete(k.calls, a.Job)
		c.answer <- a
	}
}

// abandon answers the jobs that a core left behind, which only a panic does.
func (k *keeper) abandon() {
	for j, c := range k.calls {
		c.answer <- Answer{Job: j, Err: unavailable(InDoubt, nil)}
	}
}

func (k *keeper) report(n Notice) {
	level := slog.LevelInfo
	if n.Err != nil {
		level = slog.LevelError
	}
	var attrs []slog.Attr
	if n.Records > 0 {
		attrs = append(attrs, slog.Int("records", n.Records))
	}
	if n.Err != nil {
		attrs = append(attrs, slog.Any("error", n.Err))
	}
	k.run.logger.LogAttrs(context.Background(), level, n.What, attrs...)
}

// count passes on what the core met since the last time.
func (k *keeper) count() {
	now := k.core.Stats()
	k.run.ward.metrics.met(k.run, k.stats, now, k.core)
	k.stats = now
}
