package duty

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"machi/internal/notify"
	"machi/internal/notify/outbox"
	"machi/internal/queue"
)

// mostTry is after how many tries a letter is given up.
const mostTry = 6

// send sends the letters that are due, each aside.
func (k *Keeper) send(ctx context.Context, d *day) error {
	if k.o.Mail == nil {
		return nil
	}
	var over []outbox.Outcome
	for _, i := range d.box.Open() {
		if why := k.moot(d, i); why != "" {
			k.letters.WithLabelValues("dropped").Inc()
			over = append(over, outbox.Outcome{ID: i.ID, State: outbox.Dropped, Reason: why})
			continue
		}
		got, err := d.box.Claim(ctx, []string{i.ID})
		if err != nil {
			return err
		}
		for _, i := range got {
			k.sending.Go(func() { k.settle(d, k.try(d, i)) })
		}
	}
	if len(over) == 0 {
		return nil
	}
	return d.box.Settle(ctx, over...)
}

// moot says why a letter need not be sent any more; empty: it must be.
func (k *Keeper) moot(d *day, i outbox.Item[letter]) string {
	a, ok := d.get(i.Data.Alert)
	switch {
	case !ok || !a.Waits(k.o.Now()):
		return "over"
	case k.address(a.Office, i.Data) == "":
		return "no address"
	case i.Tries >= mostTry:
		return "given up"
	}
	return ""
}

// try sends one letter once.
func (k *Keeper) try(d *day, i outbox.Item[letter]) outbox.Outcome {
	ctx, cancel := context.WithTimeout(context.Background(), k.o.Within)
	defer cancel()
	a, _ := d.get(i.Data.Alert)
	n := notify.Notice{
		ID: "alert-" + i.ID, Contact: notify.Contact{Mail: k.address(a.Office, i.Data)}, Message: k.o.Write(a), For: time.Hour, Staff: true,
	}
	err := k.o.Mail.Send(ctx, n)
	var f *notify.Failure
	if err != nil && !errors.As(err, &f) {
		f = &notify.Failure{Verdict: notify.Again, Reason: "error"}
	}
	switch {
	case f == nil:
		k.letters.WithLabelValues("sent").Inc()
		return outbox.Outcome{ID: i.ID, State: outbox.Sent}
	case f.Verdict == notify.Refused, f.Verdict == notify.Gone:
		k.letters.WithLabelValues("failed").Inc()
		k.o.Logger.Warn("a letter about an alert was not taken", "office", a.Office, "reason", f.Reason)
		return outbox.Outcome{ID: i.ID, State: outbox.Failed, Reason: f.Reason}
	}
	k.letters.WithLabelValues("again").Inc()
	return outbox.Outcome{
		ID: i.ID, State: outbox.Waiting, Unclear: f.Verdict == notify.Unclear, Reason: f.Reason, Wait: notify.Pause(i.Tries, f.After, rand.Float64()),
	}
}

// settle writes down what became of a try; what cannot be written within a while is
// taken over by whoever looks next.
func (k *Keeper) settle(d *day, o outbox.Outcome) {
	for wait := 100 * time.Millisecond; wait < 20*time.Second; wait *= 2 {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		err := d.box.Settle(ctx, o)
		cancel()
		if err == nil {
			return
		}
		select {
		case <-k.base.Done():
			return
		case <-time.After(wait):
		}
	}
}

// address returns whom a letter is for, by the rules in force; empty: nobody any more.
func (k *Keeper) address(office queue.OfficeID, l letter) string {
	steps := k.o.Rules(office).Steps
	if l.Level >= len(steps) || l.Place >= len(steps[l.Level].Mail) {
		return ""
	}
	return steps[l.Level].Mail[l.Place]
}
