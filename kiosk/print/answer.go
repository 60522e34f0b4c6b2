package print

// What a printer sends back is told apart by fixed bits (ESC/POS, "transmission
// data classification"): every byte is one of these, or noise.
const (
	kindMask = 0x93
	kindReal = 0x12 // answer to DLE EOT: 0xx1xx10
	kindAuto = 0x10 // first of four bytes of automatic status: 0xx1xx00
	plainBit = 0x90 // clear in an answer to GS r and in the rest of a status
)

// word is one thing that a printer said.
type word struct {
	kind wordKind
	byte byte   // of an answer
	auto []byte // four bytes of automatic status
}

type wordKind int

const (
	isReal    wordKind = iota // answer to DLE EOT
	isPrinted                 // answer to GS r
	isName                    // answer to GS I: a string
	isAuto                    // status that nobody asked for
)

// ear sorts a printer's bytes into words. The zero value is ready.
type ear struct {
	auto   []byte // of a status that is not whole yet
	naming bool   // within a string
	named  int    // bytes of it
}

// maxName bounds a printer's name: a string that does not end is noise.
const maxName = 80

// hear takes the next bytes.
func (e *ear) hear(raw []byte) []word {
	var words []word
	for _, b := range raw {
		if w, whole := e.one(b); whole {
			words = append(words, w)
		}
	}
	return words
}

func (e *ear) one(b byte) (w word, whole bool) {
	switch {
	case e.naming:
		e.named++
		e.naming = b != 0 && e.named <= maxName
		return word{kind: isName}, b == 0
	case len(e.auto) > 0 && b&plainBit == 0:
		e.auto = append(e.auto, b)
		if len(e.auto) < 4 {
			return word{}, false
		}
		w = word{kind: isAuto, auto: e.auto}
		e.auto = nil
		return w, true
	case b&kindMask == kindReal:
		e.auto = nil
		return word{kind: isReal, byte: b}, true
	case b&kindMask == kindAuto:
		e.auto = []byte{b}
	case b == '_':
		e.naming, e.named = true, 0
	case b&plainBit == 0:
		return word{kind: isPrinted, byte: b}, true
	}
	return word{}, false
}

// condition is what a printer's answers say of it.
type condition struct {
	offline, cover, out, near, broken bool
}

// fromReal adds the answer to DLE EOT n, for n from 1 to 4.
func (c *condition) fromReal(n int, b byte) {
	switch n {
	case 1:
		c.offline = b&0x08 != 0
	case 2:
		c.cover = b&0x04 != 0
		c.out = c.out || b&0x20 != 0
		c.broken = c.broken || b&0x40 != 0
	case 3:
		c.broken = c.broken || b&0x6C != 0 // mechanics, blade, beyond repair, too hot
	case 4:
		c.near = b&0x0C != 0
		c.out = c.out || b&0x60 != 0
	}
}

// fromAuto reads an automatic status.
func fromAuto(b []byte) condition {
	return condition{
		offline: b[0]&0x08 != 0, cover: b[0]&0x20 != 0, broken: b[1]&0x6C != 0,
		near: b[2]&0x03 != 0, out: b[2]&0x0C != 0,
	}
}

// fault is the code of what keeps a printer from printing, "" for nothing.
func (c condition) fault() string {
	switch {
	case c.broken:
		return Error
	case c.cover:
		return CoverOpen
	case c.out:
		return PaperOut
	case c.offline:
		return Offline
	}
	return ""
}

// status puts a condition into words. Paper and cover are said once, as paper.
func (c condition) status() Status {
	s := Status{Printer: OK, Paper: OK}
	switch c.fault() {
	case Error:
		s.Printer = Error
	case Offline:
		s.Printer = Offline
	}
	switch {
	case c.cover:
		s.Paper = CoverOpen
	case c.out:
		s.Paper = Out
	case c.near:
		s.Paper = NearEnd
	}
	return s
}
