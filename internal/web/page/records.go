package page

import (
	"machi/internal/board"
	"machi/internal/promise"
	"machi/internal/queue"
)

// Records are what people were told, compared with what became of it; false: no day
// of the office has been compared yet.
type Records interface {
	// Named lists the offices in the order in which they are shown.
	Named() []Named
	Record(office queue.OfficeID) (promise.Record, bool)
	Report(office queue.OfficeID) (promise.Report, bool)
}

// Named is an office with its name.
type Named struct {
	ID   queue.OfficeID
	Name board.Text
}

// NoRecords are those of a server that has none.
type NoRecords struct{}

// Named lists nothing.
func (NoRecords) Named() []Named { return nil }

// Record finds nothing.
func (NoRecords) Record(queue.OfficeID) (promise.Record, bool) { return promise.Record{}, false }

// Report finds nothing.
func (NoRecords) Report(queue.OfficeID) (promise.Report, bool) { return promise.Report{}, false }
