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
	// CanBack says that the holder may say "I am back": after asking for more time, or
	// when the ticket was set aside or its call missed.
	CanBack bool `json:"can_back"`
	// NotBefore is until when the ticket is not called, because its holder asked so.
	NotBefore time.Time `json:"not_before,omitzero"`
	// Away says that the ticket is not called before its holder has checked in at
	// the office, with this page's code or the six digits.
	Away        bool   `json:"away,omitempty"`
	CheckInCode string `json:"check_in_code,omitempty"`
	// KeepUntil is until when a ticket that is away keeps its place.
	KeepUntil time.Time `json:"keep_until,omitzero"`
	// ComeBackBy is when to be back at the latest by what is known now, for a holder
	// who would have time to leave; zero: there is none, or nobody knows.
	ComeBackBy time.Time `json:"come_back_by,omitzero"`
	// WaitWhere says where to wait for the call, once it may come.
	WaitWhere Text `json:"wait_where,omitempty"`
	// Direction and Place tell the way to the counter from in front of the wall.
	Direction string `json:"direction,omitempty"` // left, right, straight, back, up, down
	Place     Text   `json:"place,omitempty"`     // such as a floor
	// Next is what comes after this; nil: nothing.
	Next *Next `json:"next,omitempty"`
	// Satisfaction is "open" while the holder of a finished visit may say how it was,
	// "given" once it was said.
	Satisfaction string `json:"satisfaction,omitempty"`
	// Told is what was said when the ticket was taken; nil where nothing was.
	Told  *Told     `json:"told,omitempty"`
	AsOf  time.Time `json:"as_of"`
	Seq   uint64    `json:"seq"`
	Epoch string    `json:"epoch"`
}

// Next is what comes after what a ticket waits for, or has come already.
type Next struct {
	// Delivery says that documents are handed over later, under the same number.
	Delivery bool `json:"delivery,omitempty"`
	// Services are those of the visit that still come, Received those that were done.
	Services []NamedService `json:"services,omitempty"`
	Received []NamedService `json:"received,omitempty"`
}

// NamedService is a service with its name.
type NamedService struct {
	ID   queue.ServiceID `json:"id"`
	Name Text            `json:"name"`
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
		status.Away, status.CheckInCode, status.KeepUntil = true, queue.CheckInCode(t.Secret), t.KeepUntil
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
	way := info.Counters[status.Counter]
	status.Direction, status.Place = way.Direction, way.Place
	status.ComeBackBy, status.WaitWhere = comeBackBy(status, wait.Called), info.WaitArea
	status.CanBack = t.Status == queue.Held || t.Status == queue.NoShow || !status.NotBefore.IsZero()
	status.Next = nextOf(info, s, t)
	return status
}
