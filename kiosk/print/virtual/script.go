package virtual

// Script is a fault to play.
type Script struct {
	Name  string
	About string // what a person would see
	Lacks Lacks
	Start []Act // before the first byte
	Steps []Step
}

// Lacks says what this printer never does.
type Lacks struct {
	Status  bool // answers no real-time question
	Causes  bool // answers only whether it is on line, and why not in one byte
	Auto    bool // tells nothing by itself
	Confirm bool // does not say when all is printed
	Name    bool // does not say its name
	Code    bool // draws no QR codes
}

// Step is what happens when an event comes for the nth time since the script began.
type Step struct {
	On  Event
	Nth int // 0 is the first
	Do  []Act
}

// Event is something in the life of a ticket.
type Event string

// The events. Those of a ticket come just before the command is carried out, so that
// a fault can stop it.
const (
	Connected Event = "connected"
	Asked     Event = "asked"    // a real-time question
	Received  Event = "received" // a byte
	Row       Event = "row"      // a row of letters
	Picture   Event = "picture"
	Code      Event = "code"
	Cut       Event = "cut"    // of a paper with ink
	Fallen    Event = "fallen" // after a cut
	Proof     Event = "proof"  // before it says that all is printed
	Proved    Event = "proved" // when the ticket is over
)

// happens counts an event and plays what was to come with it.
func (p *Printer) happens(e Event) {
	if e == Fallen && len(p.papers[len(p.papers)-1].ops) == 0 {
		return // a blank slip
	}
	p.events[e]++
	for i := 0; i < len(p.steps); i++ {
		if s := p.steps[i]; s.On == e && max(1, s.Nth) == p.events[e] {
			p.steps = append(p.steps[:i:i], p.steps[i+1:]...)
			i--
			for _, act := range s.Do {
				act.do(p)
			}
		}
	}
}

// Act is something that befalls a printer.
type Act struct {
	Name string
	do   func(p *Printer)
}

// The acts.
var (
	PaperOut   = act("the paper ends", func(p *Printer) { p.paperOut = true })
	PaperIn    = act("paper is put in", func(p *Printer) { p.paperOut, p.nearEnd = false, false })
	NearEnd    = act("the paper is near its end", func(p *Printer) { p.nearEnd = true })
	CoverOpen  = act("the cover is opened", func(p *Printer) { p.cover = true })
	CoverShut  = act("the cover is shut", func(p *Printer) { p.cover = false })
	BladeJams  = act("the blade jams", func(p *Printer) { p.broken = true })
	BladeFreed = act("the blade is freed", func(p *Printer) { p.broken = false })
	GoOffline  = act("it goes off line", func(p *Printer) { p.offline = true })
	GoOnline   = act("it goes on line", func(p *Printer) { p.offline = false })
	Hold       = act("it keeps what it gets", func(p *Printer) { p.held = true })
	Release    = act("it prints what it kept", func(p *Printer) { p.held = false })
	Hang       = act("it hangs", func(p *Printer) { p.hung = true })
	FallMute   = act("it answers no more", func(p *Printer) { p.mute = true })
	Speak      = act("it answers again", func(p *Printer) { p.mute = false })
	Unplug     = act("its cable is pulled", func(p *Printer) { p.unplugged = true; p.drop() })
	Plug       = act("its cable is back", func(p *Printer) { p.unplugged = false })
	PowerOff   = act("its power fails", func(p *Printer) {
		p.unplugged, p.hung, p.buffer, p.urgent, p.auto = true, false, nil, nil, 0
		p.reset()
		p.drop()
	})
	// Repair is all that staff can do: paper in, cover shut, blade freed, cable and power back.
	Repair = act("it is put right", func(p *Printer) {
		p.paperOut, p.nearEnd, p.cover, p.broken, p.offline = false, false, false, false, false
		p.held, p.hung, p.mute, p.unplugged = false, false, false, false
	})
	Close = act("it closes the connection", func(p *Printer) {
		if p.conn != nil {
			_ = p.conn.Close()
		}
	})
)

func act(name string, do func(p *Printer)) Act {
	return Act{Name: name, do: func(p *Printer) { do(p); p.changed() }}
}

// Say is noise on the wire.
func Say(raw ...byte) Act {
	return Act{Name: "it says what nobody asked", do: func(p *Printer) { p.say(raw...) }}
}
