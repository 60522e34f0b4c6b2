package api

import (
	"regexp"
	"time"

	"machi/internal/queue"
)

// The bodies of commands. Every field is optional in JSON; what a command needs,
// the domain asks for.
type (
	issueBody struct {
		Service     queue.ServiceID   `json:"service"`
		Channel     queue.Channel     `json:"channel"`
		Language    string            `json:"language,omitempty"`
		Priority    bool              `json:"priority,omitempty"`
		Further     []queue.ServiceID `json:"further,omitempty"`
		Ticket      queue.TicketID    `json:"ticket,omitempty"`
		SecretHash  string            `json:"secret_hash,omitempty"`
		Quote       *quoteBody        `json:"quote,omitempty"`
		Appointment string            `json:"appointment,omitempty"`
		Desk        bool              `json:"desk,omitempty"`
	}
	quoteBody struct {
		Ahead int `json:"ahead"`
		Low   int `json:"low_seconds"`
		P50   int `json:"p50_seconds"`
		High  int `json:"high_seconds"`
	}
	openBody struct {
		Services []queue.ServiceID `json:"services,omitempty"`
		Staff    string            `json:"staff,omitempty"`
		TakeOver bool              `json:"take_over,omitempty"`
	}
	emptyBody  struct{}
	reasonBody struct {
		Reason string `json:"reason,omitempty"`
	}
	callBody struct {
		Service queue.ServiceID `json:"service,omitempty"`
	}
	finishBody struct {
		Counter    queue.CounterID       `json:"counter,omitempty"`
		Processing bool                  `json:"processing,omitempty"`
		Outcome    string                `json:"outcome,omitempty"`
		Quantity   int                   `json:"quantity,omitempty"`
		Unmeasured bool                  `json:"unmeasured,omitempty"`
		Served     []queue.ServedService `json:"served,omitempty"`
		ClickedAt  string                `json:"clicked_at,omitempty"`
	}
	finishNextBody struct {
		Number     queue.Number          `json:"number,omitempty"`
		Service    queue.ServiceID       `json:"service,omitempty"`
		Processing bool                  `json:"processing,omitempty"`
		Outcome    string                `json:"outcome,omitempty"`
		Quantity   int                   `json:"quantity,omitempty"`
		Unmeasured bool                  `json:"unmeasured,omitempty"`
		Served     []queue.ServedService `json:"served,omitempty"`
	}
	quickBody struct {
		Service  queue.ServiceID `json:"service"`
		Quantity int             `json:"quantity,omitempty"`
	}
	undoBody struct {
		Command queue.CommandID `json:"command,omitempty"`
	}
	counterBody struct {
		Counter queue.CounterID `json:"counter,omitempty"`
	}
	restoreBody struct {
		Place queue.Place `json:"place,omitempty"`
		Back  int         `json:"back,omitempty"`
	}
	// clickBody is a command that a console without link keeps: with the moment of
	// the click.
	clickBody struct {
		Counter   queue.CounterID `json:"counter,omitempty"`
		ClickedAt string          `json:"clicked_at,omitempty"`
	}
	holdBody struct {
		Counter   queue.CounterID `json:"counter,omitempty"`
		Reason    string          `json:"reason,omitempty"`
		Room      string          `json:"room,omitempty"`
		ClickedAt string          `json:"clicked_at,omitempty"`
	}
	noteBody struct {
		Text      string `json:"text,omitempty"`
		ClickedAt string `json:"clicked_at,omitempty"`
	}
	serveBody struct {
		Counter    queue.CounterID `json:"counter"`
		Processing bool            `json:"processing,omitempty"`
		StartedAt  string          `json:"started_at,omitempty"`
		ClickedAt  string          `json:"clicked_at,omitempty"`
	}
	announceBody struct {
		Numbers []queue.Number `json:"numbers"`
	}
	mergeBody struct {
		Into queue.Number `json:"into"`
	}
	skipBody struct {
		Number queue.Number `json:"number"`
	}
	transferBody struct {
		Counter queue.CounterID `json:"counter,omitempty"`
		Service queue.ServiceID `json:"service,omitempty"`
		To      queue.CounterID `json:"to,omitempty"`
		Office  queue.OfficeID  `json:"office,omitempty"`
		Note    string          `json:"note,omitempty"`
	}
	serviceBody struct {
		Service queue.ServiceID `json:"service"`
	}
	priorityBody struct {
		Priority *bool `json:"priority"`
	}
	deferBody struct {
		ForSeconds int `json:"for_seconds"`
	}
	textBody struct {
		Text string `json:"text,omitempty"`
	}
	stateBody struct {
		State   string `json:"state"`
		Message string `json:"message,omitempty"`
	}
)

// languageTag is the shape of a BCP 47 tag, short enough for a slip of paper.
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$`)

// hexHash is a SHA-256 in hexadecimal.
var hexHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// ticketID is issuer, hyphen, serial.
var ticketID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._]{0,62}-[0-9]{1,12}$`)

// check finds faults that the domain cannot know: it does not read texts.
func (b issueBody) check() error {
	switch {
	case b.Service == "":
		return problem(string(queue.MissingField), "service")
	case b.Channel == "":
		return problem(string(queue.MissingField), "channel")
	case b.Language != "" && !languageTag.MatchString(b.Language):
		return problem(codeBadValue, "language")
	case b.SecretHash != "" && !hexHash.MatchString(b.SecretHash):
		return problem(codeBadValue, "secret_hash")
	case b.Ticket != "" && !ticketID.MatchString(string(b.Ticket)):
		return problem(codeBadValue, "ticket")
	case b.Quote != nil && !b.Quote.sane():
		return problem(codeBadValue, "quote")
	}
	_, err := b.slot()
	return err
}

func (q quoteBody) sane() bool {
	const most = 24 * 60 * 60
	return q.Ahead >= 0 && q.Ahead < 100_000 && 0 <= q.Low && q.Low <= q.P50 && q.P50 <= q.High && q.High <= most
}

func (q quoteBody) quote() *queue.Quote {
	return &queue.Quote{Ahead: q.Ahead, Low: seconds(q.Low), P50: seconds(q.P50), High: seconds(q.High)}
}

func (b issueBody) slot() (time.Time, error) { return momentOf("appointment", b.Appointment) }

// momentOf reads a field with a moment; an empty one is the zero time.
func momentOf(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, problemf(codeBadValue, field, "a moment is written like 2026-04-01T08:30:00+09:00")
	}
	return at.In(queue.JST), nil
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
