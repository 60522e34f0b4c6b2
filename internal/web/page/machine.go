package page

import (
	"machi/internal/board"
	"machi/internal/ui"
)

// Machine is a ticket machine in words.
type Machine struct {
	board.Machine
	Word  string // its state
	Wrong []Trouble
}

// Trouble is something wrong with a machine: what, and what to do about it.
type Trouble struct{ Code, What, Advice string }

// Machines puts machines into words.
func Machines(v ui.View, list []board.Machine) []Machine {
	var out []Machine
	for _, m := range list {
		row := Machine{Machine: m, Word: v.T("machine." + string(m.State))}
		for _, code := range m.Troubles {
			row.Wrong = append(row.Wrong, Trouble{code, v.Or("trouble."+code, "trouble.other"), v.Or("trouble."+code+".do", "trouble.other.do")})
		}
		out = append(out, row)
	}
	return out
}

// Troubled reports whether somebody should look at the machine.
func (m Machine) Troubled() bool { return len(m.Wrong) > 0 }
