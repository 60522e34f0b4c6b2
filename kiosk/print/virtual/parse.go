package virtual

import (
	"encoding/hex"
	"fmt"
	"slices"

	"golang.org/x/text/encoding/japanese"
)

// command is one command at the head of the buffer. Size 0 says that its rest has
// not come yet.
type command struct {
	name  string
	size  int
	event Event // that may come before it is carried out
	do    func()
}

// mode is how the next letters are set; ESC @ makes it new.
type mode struct {
	kanji, sjis, japan, bold, inverse bool
	w, h                              int
	align                             byte
	pitch                             int
	line                              []Letters
	code                              string // stored for a QR code
	module                            int
}

func (p *Printer) reset() { p.mode = mode{w: 1, h: 1, pitch: 30, module: 3} }

// note complains, with the reason.
func (p *Printer) note(format string, args ...any) {
	if len(p.notes) < maxNotes {
		p.notes = append(p.notes, fmt.Sprintf(format, args...))
	}
}

// unknown is a command that is none, or none for a ticket: one byte is skipped.
func (p *Printer) unknown(why string) command {
	head := slices.Clone(p.buffer[:min(len(p.buffer), 6)])
	return command{name: "unknown", size: 1, do: func() { p.note("%s: %s", why, hex.EncodeToString(head)) }}
}

// parse finds the command at the head of the buffer.
func (p *Printer) parse() command {
	switch b := p.buffer[0]; {
	case b == 0x00:
		return command{name: "NUL", size: 1}
	case b == '\n':
		return command{name: "LF", size: 1, event: p.inked(), do: p.newLine}
	case b == 0x1B:
		return p.parseESC()
	case b == 0x1C:
		return p.parseFS()
	case b == 0x1D:
		return p.parseGS()
	case b >= ' ' && b <= '~':
		return command{name: "letter", size: 1, do: func() { p.letter(ascii(b, p.mode.japan), 1) }}
	case b >= 0x81 && b <= 0x9F || b >= 0xE0 && b <= 0xFC:
		return p.parseKanji()
	default:
		return p.unknown("a control byte")
	}
}

// inked is the event of a row that leaves ink.
func (p *Printer) inked() Event {
	if len(p.mode.line) > 0 {
		return Row
	}
	return ""
}

// ascii is what a Japanese printer draws for a byte.
func ascii(b byte, japan bool) rune {
	switch {
	case japan && b == '\\':
		return '¥'
	case japan && b == '~':
		return '‾'
	}
	return rune(b)
}

func (p *Printer) parseKanji() command {
	if len(p.buffer) < 2 {
		return command{}
	}
	pair := [2]byte(p.buffer[:2])
	return command{name: "kanji", size: 2, do: func() {
		text, err := japanese.ShiftJIS.NewDecoder().Bytes(pair[:])
		runes := []rune(string(text))
		if err != nil || len(runes) != 1 || runes[0] == '\uFFFD' || !p.mode.kanji || !p.mode.sjis {
			p.note("half a kanji, or none: %x", pair)
			return
		}
		p.letter(runes[0], 2)
	}}
}

// fixed are the commands of a known length: two bytes of name, then arguments.
func (p *Printer) fixed(name string, arguments int, do func(a []byte)) command {
	if len(p.buffer) < 2+arguments {
		return command{}
	}
	a := slices.Clone(p.buffer[2 : 2+arguments])
	return command{name: name, size: 2 + arguments, do: func() { do(a) }}
}

func (p *Printer) parseESC() command {
	if len(p.buffer) < 2 {
		return command{}
	}
	m := &p.mode
	switch p.buffer[1] {
	case '@':
		return p.fixed("ESC @", 0, func([]byte) { p.reset() })
	case 'R':
		return p.fixed("ESC R", 1, func(a []byte) { m.japan = a[0] == 8 })
	case 't':
		return p.fixed("ESC t", 1, func([]byte) {})
	case '3':
		return p.fixed("ESC 3", 1, func(a []byte) { m.pitch = int(a[0]) })
	case 'J':
		return p.fixed("ESC J", 1, func(a []byte) { p.flush(); p.paper.feed(int(a[0])) })
	case 'a':
		return p.fixed("ESC a", 1, func(a []byte) { m.align = a[0] })
	case 'E':
		return p.fixed("ESC E", 1, func(a []byte) { m.bold = a[0]&1 == 1 })
	case 'p':
		return p.unknown("the drawer is no business of a ticket")
	}
	return p.unknown("not ESC/POS")
}

func (p *Printer) parseFS() command {
	if len(p.buffer) < 2 {
		return command{}
	}
	switch p.buffer[1] {
	case '&':
		return p.fixed("FS &", 0, func([]byte) { p.mode.kanji = true })
	case 'C':
		return p.fixed("FS C", 1, func(a []byte) { p.mode.sjis = a[0] == 1 })
	case 'q', 'g':
		return p.unknown("the printer's memory is no business of a ticket")
	}
	return p.unknown("not ESC/POS")
}

func (p *Printer) parseGS() command {
	if len(p.buffer) < 2 {
		return command{}
	}
	m := &p.mode
	switch p.buffer[1] {
	case '!':
		return p.fixed("GS !", 1, func(a []byte) { m.w, m.h = int(a[0]>>4)&7+1, int(a[0])&7+1 })
	case 'B':
		return p.fixed("GS B", 1, func(a []byte) { m.inverse = a[0]&1 == 1 })
	case 'P':
		return p.fixed("GS P", 2, func([]byte) {})
	case 'a':
		return p.fixed("GS a", 1, func(a []byte) { p.watch(a[0]) })
	case 'r':
		c := p.fixed("GS r", 1, func([]byte) { p.confirm() })
		if c.event = ""; p.proof {
			c.event = Proof
		}
		return c
	case 'I':
		return p.fixed("GS I", 1, func([]byte) { p.name() })
	case 'V':
		return p.parseCut()
	case 'v':
		return p.parsePicture()
	case '(':
		return p.parseBlock()
	case ':', '^':
		return p.unknown("macros are no business of a ticket")
	}
	return p.unknown("not ESC/POS")
}

// confirm answers GS r: all before it is printed.
func (p *Printer) confirm() {
	proof := p.proof
	p.proof = false
	if p.mute || p.o.Script.Lacks.Confirm {
		p.o.Quiet("word")
		return
	}
	b := byte(0)
	if p.nearEnd {
		b |= 0x03
	}
	p.say(b)
	p.proved = proof
}

// watch sets what the printer tells by itself. A ticket ends with the end of it.
func (p *Printer) watch(what byte) {
	p.auto = what
	p.changed()
	if what == 0 && p.proved {
		p.proved = false
		p.happens(Proved)
	}
}

func (p *Printer) name() {
	if p.mute || p.o.Script.Lacks.Name {
		p.o.Quiet("name")
		return
	}
	p.say([]byte("_VIRTUAL\x00")...)
}

func (p *Printer) parseCut() command {
	if len(p.buffer) < 3 {
		return command{}
	}
	size := 3
	switch p.buffer[2] {
	case 'A', 'B':
		size = 4
	case 0, 1, '0', '1':
	default:
		return p.unknown("no way to cut")
	}
	if len(p.buffer) < size {
		return command{}
	}
	c := command{name: "GS V", size: size, do: p.cut}
	if len(p.paper.ops) > 0 {
		c.event = Cut
	}
	return c
}

func (p *Printer) parsePicture() command {
	if len(p.buffer) < 8 {
		return command{}
	}
	b := p.buffer
	wide, rows := int(b[4])|int(b[5])<<8, int(b[6])|int(b[7])<<8
	if b[2] != '0' || wide*rows > maxBuffer/2 {
		return p.unknown("a picture that no printer takes")
	}
	if len(b) < 8+wide*rows {
		return command{}
	}
	bits := slices.Clone(b[8 : 8+wide*rows])
	return command{name: "GS v 0", size: 8 + wide*rows, event: Picture, do: func() {
		p.flush()
		p.picture(bits, wide, rows)
	}}
}

// parseBlock reads GS ( commands, which say how long they are. Only those of a QR
// code are a ticket's.
func (p *Printer) parseBlock() command {
	b := p.buffer
	if len(b) < 5 {
		return command{}
	}
	n := int(b[3]) | int(b[4])<<8
	if n > 4096 {
		return p.unknown("a block that no printer takes")
	}
	if len(b) < 5+n {
		return command{}
	}
	block := slices.Clone(b[5 : 5+n])
	if b[2] != 'k' || n < 3 || block[0] != '1' {
		name := fmt.Sprintf("GS ( %c", b[2])
		return command{name: name, size: 5 + n, do: func() { p.note("%s is no business of a ticket", name) }}
	}
	c := command{name: "GS ( k", size: 5 + n, do: func() { p.code(block) }}
	if block[1] == 'Q' {
		c.event = Code
	}
	return c
}

// code carries out a QR command.
func (p *Printer) code(block []byte) {
	m := &p.mode
	switch block[1] {
	case 'A':
	case 'C':
		m.module = int(block[2])
	case 'E':
		if block[2] != '1' {
			p.note("QR code of another error correction than M")
		}
	case 'P':
		m.code = string(block[3:])
	case 'Q':
		if p.o.Script.Lacks.Code {
			p.note("this printer draws no QR codes")
			return
		}
		p.flush()
		p.qr()
	default:
		p.note("an unknown QR command %c", block[1])
	}
}
