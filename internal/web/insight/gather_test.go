package insight

import (
	"strings"
	"testing"

	"machi/internal/board"
)

func TestWhatOtherProgramsGetIsNotTooMuchForOneAnswer(t *testing.T) {
	for _, c := range []struct {
		offices, days int
		want          string
	}{{12, 28, "date"}, {1, 365, "date"}, {12, 365, "month"}} {
		p := historyPage{}
		p.From, p.To = addDays("2026-03-31", 1-c.days), "2026-03-31"
		for range c.offices {
			p.offices = append(p.offices, board.Office{Services: make([]board.Service, 8)})
		}
		if got := p.Data(); !strings.Contains(got, "by="+c.want+"%2Coffice%2Cservice") {
			t.Errorf("%d offices, %d days: %s", c.offices, c.days, got)
		}
	}
}
