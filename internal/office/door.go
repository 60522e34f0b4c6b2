package office

import (
	"context"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Do decides a command on the newest state of today and answers when it is safe.
// The error is a *[queue.Refusal] where the rules say no, an *[Unavailable],
// [ErrUnknownOffice], [ErrKeyReused] or [ErrTooLate]. When ctx ends first the command may still
// happen; sending it again with the same id finds out.
func (w *Ward) Do(ctx context.Context, id queue.OfficeID, r Request) (Result, error) {
	began := w.o.Now()
	result, err := w.do(ctx, id, r)
	w.metrics.command(r.Command, result, err, w.o.Now().Sub(began))
	w.metrics.told.heed(id, result)
	return result, err
}

func (w *Ward) do(ctx context.Context, id queue.OfficeID, r Request) (Result, error) {
	command, err := w.named(r.Command)
	if err != nil {
		return Result{}, unavailable(StoreUnreachable, err)
	}
	r.Command = command
	reply, view, err := w.ask(ctx, id, "", &Job{Request: r})
	if err != nil {
		return Result{View: view}, err
	}
	return Result{Outcome: reply.Outcome, View: view, Repeated: reply.Repeated, Unconfirmed: reply.Unconfirmed}, nil
}

// named gives a new ticket its identity, unless its issuer did.
func (w *Ward) named(c queue.Command) (queue.Command, error) {
	var err error
	switch issue := c.(type) {
	case queue.IssueTicket:
		if issue.Ticket == "" {
			issue.Ticket, err = w.o.TicketID()
		}
		return issue, err
	case queue.QuickServe:
		if issue.Ticket == "" {
			issue.Ticket, err = w.o.TicketID()
		}
		return issue, err
	}
	return c, nil
}

// ask brings a job to a day ("" for today) and waits for its answer.
func (w *Ward) ask(ctx context.Context, id queue.OfficeID, date queue.Date, j *Job) (Reply, View, error) {
	d, err := w.open(ctx, id, date)
	if err != nil {
		return Reply{}, View{}, err
	}
	defer w.release(d)
	a := d.ask(ctx, j)
	return a.Reply, d.view(), a.Err
}

// open returns the running day of a date, "" for today.
func (w *Ward) open(ctx context.Context, id queue.OfficeID, date queue.Date) (*run, error) {
	select {
	case <-w.started:
	case <-ctx.Done():
		return nil, unavailable(StoreUnreachable, ctx.Err())
	}
	r, err := w.room(id)
	if err != nil {
		return nil, err
	}
	today := w.today(r)
	if date == "" {
		date = today
	}
	if err := checkDate(date, today); err != nil {
		return nil, err
	}
	d := w.use(r, date)
	if d == nil {
		return nil, unavailable(StoreUnreachable, eventlog.ErrClosed)
	}
	return d, nil
}

// checkDate refuses days that can have no records: a kiosk's clock may be ahead of
// the server's by the turn of one day.
func checkDate(date, today queue.Date) error {
	from, _, err := date.Bounds()
	if err != nil {
		return &queue.Refusal{Code: queue.OutOfRange, Field: "date", Have: err.Error()}
	}
	now, _, err := today.Bounds()
	if err != nil {
		return err
	}
	if from.After(now.Add(24*time.Hour)) || from.Before(now.Add(-oldest)) {
		return &queue.Refusal{Code: queue.OutOfRange, Field: "date", Have: string(today)}
	}
	return nil
}

// View returns the newest known state of today. It never asks the store.
func (w *Ward) View(id queue.OfficeID) (View, error) {
	r, err := w.room(id)
	if err != nil {
		return View{}, err
	}
	date := w.today(r)
	r.mu.Lock()
	d := r.runs[date]
	r.mu.Unlock()
	if d == nil {
		return View{Office: id, Date: date, State: queue.New(), Doubt: true}, nil
	}
	return d.view(), nil
}

// Wait blocks until the head of today's log differs from after, or ctx ends.
func (w *Ward) Wait(ctx context.Context, id queue.OfficeID, after eventlog.Head) error {
	r, err := w.room(id)
	if err != nil {
		return err
	}
	for {
		changed := r.change()
		if v, err := w.View(id); err != nil || v.Head != after {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ViewOf returns the newest known state of one day, which is opened if need be. It
// waits until the store has been asked once, or ctx ends; then the view is in doubt.
func (w *Ward) ViewOf(ctx context.Context, id queue.OfficeID, date queue.Date) (View, error) {
	d, err := w.open(ctx, id, date)
	if err != nil {
		return View{}, err
	}
	defer w.release(d)
	d.loaded(ctx)
	return d.view(), nil
}

// Origin returns how far an origin's chain has come in one day.
func (w *Ward) Origin(ctx context.Context, id queue.OfficeID, date queue.Date, name string) (day.Origin, error) {
	d, err := w.open(ctx, id, date)
	if err != nil {
		return day.Origin{}, err
	}
	defer w.release(d)
	d.loaded(ctx)
	return d.day().Origin(name), nil
}

// Push merges facts, such as what a kiosk did on its own, into one day: all of them
// in one append, or none. They are encoded bodies of one origin, in its order;
// those that are in already are skipped. Allow, if not nil, may refuse a fact, and
// its error is returned as it is. Push returns how far the origin has come, also
// together with [day.ErrGap] and [day.ErrFork]; other errors are [ErrBadPush], a
// *[queue.Refusal] of the date, [ErrUnknownOffice] and *[Unavailable].
func (w *Ward) Push(ctx context.Context, id queue.OfficeID, date queue.Date, bodies [][]byte, allow func(queue.Entry) error) (day.Origin, error) {
	if len(bodies) == 0 {
		return day.Origin{}, ErrBadPush
	}
	reply, _, err := w.ask(ctx, id, date, &Job{Facts: bodies, Allow: allow})
	w.metrics.push(len(bodies), err)
	return reply.Origin, err
}

// Records returns up to limit records of one day ("" for today) with numbers above
// after, and the head that they lead to when there are no more.
func (w *Ward) Records(ctx context.Context, id queue.OfficeID, date queue.Date, after int64, limit int) ([]eventlog.Record, eventlog.Head, error) {
	d, err := w.open(ctx, id, date)
	if err != nil {
		return nil, eventlog.Head{}, err
	}
	defer w.release(d)
	d.loaded(ctx)
	known := d.day()
	return known.Records(after, limit), known.Head(), nil
}
