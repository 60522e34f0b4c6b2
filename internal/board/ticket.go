package board

import (
	"time"

	"machi/internal/estimate"
	"machi/internal/queue"
)

// TicketStatus is what the holder of a ticket sees, and nobody else.
type TicketStatus struct {
	Office        queue.OfficeID  `json:"office"`
	OfficeName    Text            `json:"office_name"`
	Number        queue.Number    `json:"number"`
	Former        []queue.Number  `json:"former,omitempty"`
	Service       queue.ServiceID `json:"service"`
	ServiceName   Text            `json:"service_name"`
	State         queue.Status    `json:"state"`
	Stage         queue.Stage     `json:"stage"`
	Ahead         int             `json:"ahead"`
	UntilCalled   *Estimate       `json:"until_called"`
	UntilFinished *Estimate       `json:"until_finished"`
	Counter       queue.CounterID `json:"counter,omitempty"` // when called
	IssuedAt      time.Time       `json:"issued_at"`
	CalledAt      time.Time       `json:"called_at,omitzero"`
	Calls         int             `json:"calls,omitempty"`
	// Announced says that it can be fetched at the delivery counter now, though
	// several others can as well.
	Announced   bool `json:"announced,omitempty"`
	CanWithdraw bool `json:"can_withdraw"`
	// CanLater says that the holder may ask for more time once more.
	CanLater bool `json:"can_later"`
	// NotBefore is until when the ticket is not called, because its holder asked so.
	NotBefore time.Time `json:"not_before,omitzero"`
	// Away says that the ticket is not called before its holder has checked in at
	// the office, with this page's code or the six digits.
	Away        bool   `json:"away,omitempty"`
	CheckInCode string `json:"check_in_code,omitempty"`
	// Told is what was said when the ticket was taken; nil where nothing was.
	Told  *Told     `json:"told,omitempty"`
	AsOf  time.Time `json:"as_of"`
	Seq   uint64    `json:"seq"`
	Epoch string    `json:"epoch"`
}

// Told is a range that somebody was told, in seconds as it was shown.
type Told struct {
	At   time.Time `json:"at"`
	Low  int       `json:"low_seconds"`
	High int       `json:"high_seconds"`
	// Called is how long after At the number was called for the first time; nil
	// where it was not yet.
	Called *int `json:"called_after_seconds,omitempty"`
}

// toldOf returns what the ticket's holder was told.
func toldOf(t *queue.Ticket) *Told {
	if t.Quote == nil || t.Quote.High <= 0 {
		return nil
	}
	low, high := estimate.Range{Known: true, Low: t.Quote.Low, P50: t.Quote.P50, High: t.Quote.High}.Shown()
	told := &Told{At: t.IssuedAt, Low: int(low / time.Second), High: int(high / time.Second)}
	if !t.FirstCall.IsZero() {
		after := int(max(0, t.FirstCall.Sub(t.IssuedAt)) / time.Second)
		told.Called = &after
	}
	return told
}

// Ticket returns the holder's view of a ticket of a state.
func Ticket(info Info, s *queue.State, t *queue.Ticket, est estimate.Office) TicketStatus {
	wait := est.Tickets[t.ID]
	status := TicketStatus{
		Office: info.ID, OfficeName: info.Name, Number: t.Number, Former: t.Former,
		Service: t.Line.Service, ServiceName: info.Services[t.Line.Service].Name,
		State: t.Status, Stage: t.Line.Stage, Ahead: wait.Ahead,
		IssuedAt: t.IssuedAt, AsOf: est.At,
		CanWithdraw: t.Status == queue.Waiting || t.Status == queue.Held || t.Status == queue.NoShow || t.Status == queue.Processing,
	}
	status.Told = toldOf(t)
	status.CanLater = t.Status == queue.Waiting && t.MayAskLater()
	if t.Status == queue.Waiting && est.At.Before(t.NotBefore) {
		status.NotBefore = t.NotBefore
	}
	if t.Away && !t.Status.Final() {
		status.Away, status.CheckInCode = true, queue.CheckInCode(t.Secret)
	}
	if t.Status == queue.Waiting || t.Status == queue.Processing {
		status.UntilCalled = Wire(wait.Called, est.At)
	}
	if !t.Status.Final() {
		status.UntilFinished = Wire(wait.Finished, est.At)
	}
	if counter, ok := announcedTo(s, t); ok {
		status.Announced, status.UntilCalled, status.CanLater = true, nil, false
		status.Counter, status.CalledAt, status.Calls = counter, t.AnnouncedAt, t.Calls
	}
	if t.Status.AtCounter() {
		status.Counter, status.CalledAt, status.Calls = t.Counter, t.CalledAt, t.Calls
	}
	return status
}
