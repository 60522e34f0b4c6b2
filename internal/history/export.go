package history

import (
	"encoding/json"
	"io"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// The lines of an exported table, for other programs: first what it is, then a line
// for each visit and each spell. Moments are RFC 3339; those that never came are absent.
type (
	exportHead struct {
		Office   queue.OfficeID `json:"office"`
		Date     queue.Date     `json:"date"`
		Source   Source         `json:"source"`
		Revision int            `json:"revision"`
		Late     []queue.Date   `json:"late,omitempty"`
		Head     eventlog.Head  `json:"head,omitzero"`
		Hash     eventlog.Hash  `json:"hash"`
		Visits   int            `json:"visits"`
		Spells   int            `json:"spells"`
	}
	exportVisit struct {
		Number      queue.Number    `json:"number,omitempty"`
		Service     queue.ServiceID `json:"service"`
		Channel     queue.Channel   `json:"channel,omitempty"`
		Priority    bool            `json:"priority,omitempty"`
		Issued      time.Time       `json:"issued_at"`
		Appointment time.Time       `json:"appointment_at,omitzero"`
		Told        *exportTold     `json:"told,omitempty"`
		FirstCall   time.Time       `json:"first_call_at,omitzero"`
		Legs        []exportLeg     `json:"legs"`
		Outcome     Outcome         `json:"outcome"`
		Ended       time.Time       `json:"ended_at,omitzero"`
		Flags       []queue.Flag    `json:"flags,omitempty"`
		Later       int             `json:"later,omitempty"`
		Arrived     time.Time       `json:"arrived_at,omitzero"`
		Restored    int             `json:"restored,omitempty"`
		Recalled    int             `json:"recalled,omitempty"`
		Moved       int             `json:"moved,omitempty"`
	}
	exportTold struct {
		Ahead int     `json:"ahead"`
		Low   float64 `json:"low_seconds"`
		P50   float64 `json:"p50_seconds"`
		High  float64 `json:"high_seconds"`
	}
	exportLeg struct {
		Service    queue.ServiceID `json:"service"`
		Stage      queue.Stage     `json:"stage"`
		Joined     time.Time       `json:"joined_at,omitzero"`
		Called     time.Time       `json:"called_at,omitzero"`
		Started    time.Time       `json:"started_at,omitzero"`
		Finished   time.Time       `json:"finished_at,omitzero"`
		Counter    queue.CounterID `json:"counter,omitempty"`
		Outcome    Outcome         `json:"outcome"`
		Unmeasured bool            `json:"unmeasured,omitempty"`
	}
	exportSpell struct {
		Counter  queue.CounterID   `json:"counter"`
		Services []queue.ServiceID `json:"services,omitempty"`
		Stages   []queue.Stage     `json:"stages,omitempty"`
		From     time.Time         `json:"from"`
		To       time.Time         `json:"to"`
	}
)

// Export writes a table as JSON lines.
func (d Day) Export(w io.Writer) error {
	_, hash, err := d.pack()
	if err != nil {
		return err
	}
	head := exportHead{
		Office: d.Office, Date: d.Date, Source: d.Source, Revision: d.Revision, Head: d.Head, Hash: hash, Visits: len(d.Visits), Spells: len(d.Spells),
	}
	if d.Late[0] != "" {
		head.Late = d.Late[:]
	}
	out := json.NewEncoder(w)
	if err := out.Encode(map[string]any{"table": head}); err != nil {
		return err
	}
	for _, v := range d.Visits {
		if err := out.Encode(map[string]any{"visit": exportOf(v)}); err != nil {
			return err
		}
	}
	for _, s := range d.Spells {
		if err := out.Encode(map[string]any{"spell": exportSpell(s)}); err != nil {
			return err
		}
	}
	return nil
}

func exportOf(v Visit) exportVisit {
	e := exportVisit{
		Number: v.Number, Service: v.Service, Channel: v.Channel, Priority: v.Priority, Issued: v.Issued, Appointment: v.Appointment,
		FirstCall: v.FirstCall, Outcome: v.Outcome, Ended: v.Ended, Flags: v.Flags, Later: v.Later,
		Arrived: v.Arrived, Restored: v.Restored, Recalled: v.Recalled, Moved: v.Moved,
	}
	if t := v.Told; t != nil {
		e.Told = &exportTold{t.Ahead, t.Low.Seconds(), t.P50.Seconds(), t.High.Seconds()}
	}
	for _, l := range v.Legs {
		e.Legs = append(e.Legs, exportLeg(l))
	}
	return e
}
