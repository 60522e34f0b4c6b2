package board

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/queue"
)

// MachineState is how a ticket machine is, in one word.
type MachineState string

// The states of a machine.
const (
	MachineOK      MachineState = "ok"
	MachineTrouble MachineState = "trouble" // works on, but somebody must look
	MachineAlone   MachineState = "alone"   // gives numbers of its own range
	MachineSilent  MachineState = "silent"  // was heard before, and is not now
	MachineUnused  MachineState = "unused"  // was never heard of, or was revoked
)

// Machine is a ticket machine as staff see it.
type Machine struct {
	ID    queue.KioskID `json:"id"`
	State MachineState  `json:"state"`
	// Troubles are codes, the most urgent first; empty where all is well.
	Troubles []string  `json:"troubles"`
	Since    time.Time `json:"since,omitzero"` // since when it has been so
	Heard    time.Time `json:"heard_at,omitzero"`
	Unsent   int       `json:"unsent"` // records that wait for the server
	// Offset is the server's clock minus the machine's, in milliseconds.
	Offset   int64  `json:"offset_ms"`
	Printed  int    `json:"printed_today"`
	Version  string `json:"version,omitempty"`
	Enrolled bool   `json:"enrolled"`
}

// Health is what a server heard from a machine itself, last.
type Health struct {
	Report  queue.KioskReport
	Printed int
	Offers  []Offer
	Alone   time.Duration // that it worked without a server today, in reception hours
	Heard   time.Time     // zero: never
	Since   time.Time     // the words have been so since
	Silent  bool          // it should have been heard again
}

// Offer counts how often visitors were offered a way not to wait today, and how
// often they took it.
type Offer struct {
	Service queue.ServiceID `json:"service"`
	Kind    string          `json:"kind"` // online, convenience_store, reservation, office
	Shown   int             `json:"shown"`
	Taken   int             `json:"taken"`
}

// Device is what the server knows of a machine's key.
type Device struct {
	Enrolled bool
	Revoked  bool   // by a manager: nobody waits to hear of it
	Barred   string // why it is refused, such as store_copied; empty: it is not
}

// wrong lists the words that need a person, the most urgent first.
var wrong = []struct {
	code string
	is   func(queue.KioskReport) bool
}{
	{"alone", func(r queue.KioskReport) bool { return r.Link == queue.LinkAlone }},
	{"paper_out", func(r queue.KioskReport) bool { return r.Paper == queue.PaperOut }},
	{"cover_open", func(r queue.KioskReport) bool { return r.Paper == queue.PaperCoverOpen }},
	{"printer_offline", func(r queue.KioskReport) bool { return r.Printer == queue.PrinterOffline }},
	{"printer_error", func(r queue.KioskReport) bool { return r.Printer == queue.PrinterError }},
	{"store_broken", func(r queue.KioskReport) bool { return r.Store == queue.StoreBroken }},
	{"clock_unbelievable", func(r queue.KioskReport) bool { return r.Clock == queue.ClockUnbelievable }},
	{"store_one_file", func(r queue.KioskReport) bool { return r.Store == queue.StoreOneFile }},
	{"paper_near_end", func(r queue.KioskReport) bool { return r.Paper == queue.PaperNearEnd }},
	{"clock_off", func(r queue.KioskReport) bool { return r.Clock == queue.ClockOff }},
}

// Machines returns the office's ticket machines. What the log says of a machine
// counts where this server has not heard it itself.
func Machines(s *queue.State, health map[queue.KioskID]Health, devices map[queue.KioskID]Device) []Machine {
	list := []Machine{}
	logged := s.Kiosks()
	for _, k := range s.Settings().Kiosks {
		h, known := health[k.ID], true
		if h.Heard.IsZero() {
			h.Report, known = logged[k.ID]
			h.Since = h.Report.At
		}
		d := devices[k.ID]
		gone := d.Revoked && (h.Silent || h.Heard.IsZero())
		if gone || !known && len(s.Bindings(k.ID)) == 0 && !d.Enrolled {
			list = append(list, Machine{ID: k.ID, State: MachineUnused, Troubles: []string{}})
			continue
		}
		list = append(list, machine(k.ID, h, d))
	}
	return list
}

func machine(id queue.KioskID, h Health, d Device) Machine {
	m := Machine{
		ID: id, State: MachineOK, Troubles: []string{}, Since: h.Since, Heard: h.Heard, Unsent: h.Report.Unsent,
		Offset: h.Report.Offset.Milliseconds(), Printed: h.Printed, Version: h.Report.Version, Enrolled: d.Enrolled,
	}
	if d.Barred != "" {
		m.Troubles = append(m.Troubles, d.Barred)
	}
	if h.Silent {
		// What it said when it was last heard may long be put right.
		m.State, m.Troubles = MachineSilent, append(m.Troubles, "silent")
		if !h.Heard.IsZero() {
			m.Since = h.Heard
		}
		return m
	}
	for _, w := range wrong {
		if w.is(h.Report) {
			m.Troubles = append(m.Troubles, w.code)
		}
	}
	switch {
	case slices.Contains(m.Troubles, "alone"):
		m.State = MachineAlone
	case len(m.Troubles) > 0:
		m.State = MachineTrouble
	}
	return m
}

// Offers adds up what the machines of an office counted.
func Offers(health map[queue.KioskID]Health) []Offer {
	sum := []Offer{}
	for _, h := range health {
		for _, o := range h.Offers {
			i := slices.IndexFunc(sum, func(x Offer) bool { return x.Service == o.Service && x.Kind == o.Kind })
			if i < 0 {
				sum = append(sum, o)
				continue
			}
			sum[i].Shown += o.Shown
			sum[i].Taken += o.Taken
		}
	}
	slices.SortFunc(sum, func(a, b Offer) int {
		return cmp.Or(cmp.Compare(b.Shown, a.Shown), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Kind, b.Kind))
	})
	return sum
}
