package practice

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Lesson is one thing to try. It is done once the pupil has caused an event of
// one of its kinds.
type Lesson struct {
	ID    string `json:"id"`
	Done  bool   `json:"done"`
	kinds []string
}

// course is what there is to learn, in the order of a morning.
var course = []Lesson{
	{ID: "open", kinds: kinds(queue.CounterOpened{})},
	{ID: "call", kinds: kinds(queue.TicketCalled{})},
	{ID: "start", kinds: kinds(queue.ServiceStarted{})},
	{ID: "finish", kinds: kinds(queue.ServiceFinished{})},
	{ID: "recall", kinds: kinds(queue.TicketRecalled{})},
	{ID: "no-show", kinds: kinds(queue.TicketMissed{})},
	{ID: "restore", kinds: kinds(queue.TicketRestored{})},
	{ID: "hold", kinds: kinds(queue.TicketHeld{})},
	{ID: "resume", kinds: kinds(queue.TicketResumed{})},
	{ID: "transfer", kinds: kinds(queue.TicketTransferred{})},
	{ID: "note", kinds: kinds(queue.NoteAdded{})},
	{ID: "undo", kinds: kinds(queue.ActionUndone{})},
	{ID: "help", kinds: kinds(queue.HelpAsked{}, queue.HelpAnswered{})},
	{ID: "pause", kinds: kinds(queue.CounterSuspended{})},
}

func kinds(events ...queue.Event) []string {
	var list []string
	for _, e := range events {
		list = append(list, queue.Kind(e))
	}
	return list
}

// Progress is how far a pupil has come.
type Progress struct {
	Office  queue.OfficeID  `json:"office"`
	Counter queue.CounterID `json:"counter"`
	Lessons []Lesson        `json:"lessons"`
	Done    int             `json:"done"`
	Total   int             `json:"total"`
}

// diary remembers what has been done, as far as the day's records were read.
type diary struct {
	mu   sync.Mutex
	read int64
	done map[string]bool // kinds of events
}

// pageOfRecords bounds what is read at once, readWithin how long that may take.
const (
	pageOfRecords = 200
	readWithin    = 2 * time.Second
)

// progress reads what is new of the room's day.
func (r *room) progress() Progress {
	r.diary.mu.Lock()
	defer r.diary.mu.Unlock()
	r.readOn()
	p := Progress{Office: r.id, Counter: r.counter, Lessons: slices.Clone(course), Total: len(course)}
	for i, l := range p.Lessons {
		if slices.ContainsFunc(l.kinds, func(kind string) bool { return r.diary.done[kind] }) {
			p.Lessons[i].Done = true
			p.Done++
		}
	}
	return p
}

// readOn notes the kinds of the pupil's new events. The caller holds the diary.
func (r *room) readOn() {
	ctx, cancel := context.WithTimeout(context.Background(), readWithin)
	defer cancel()
	for {
		records, _, err := r.ward.Records(ctx, r.id, r.settings.Date, r.diary.read, pageOfRecords)
		if err != nil || len(records) == 0 {
			return // a day that cannot be read now is read at the next look
		}
		for _, record := range records {
			r.note(record)
			r.diary.read = record.Number
		}
	}
}

func (r *room) note(record eventlog.Record) {
	body, err := eventlog.DecodeBody(record.Body)
	if err != nil || body.Actor == actor.String() {
		return
	}
	entry, err := day.Entry(body, record.Fact)
	if err != nil || entry.Meta.Actor.Role == queue.RoleSystem {
		return
	}
	for _, e := range entry.Events {
		r.diary.done[queue.Kind(e)] = true
	}
}

// lessons is the room's own route.
type lessons struct{ room *room }

// Register adds it.
func (l lessons) Register(e *echo.Echo) {
	e.GET("/staff/"+string(l.room.id)+"/lessons", l.answer)
}

// answer tells staff how far the pupil has come.
func (l lessons) answer(c echo.Context) error {
	if _, err := l.room.api.IdentityOf(c.Request()); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(http.StatusOK, l.room.progress())
}

var errClosed = errors.New("practice: the school is closed")
