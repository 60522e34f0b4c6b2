package counts

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"machi/internal/calendar"
	"machi/internal/forecast"
)

// Writer writes forecasts: CSV with the header date,slot,service,p10,p50,p90,level.
type Writer struct{ lines *csv.Writer }

// NewWriter writes the header.
func NewWriter(w io.Writer) (*Writer, error) {
	lines := csv.NewWriter(w)
	return &Writer{lines}, lines.Write([]string{"date", "slot", "service", "p10", "p50", "p90", "level"})
}

// Day writes the slots of a day, in order of time within each service; people to
// a hundredth.
func (w *Writer) Day(day calendar.Day, slots []forecast.Slot) error {
	date := day.String()
	for _, s := range slots {
		slot := fmt.Sprintf("%02d:%02d", s.Minute/60, s.Minute%60)
		err := w.lines.Write([]string{date, slot, s.Service, people(s.P10), people(s.P50), people(s.P90), strconv.Itoa(s.Level)})
		if err != nil {
			return err
		}
	}
	return nil
}

func people(n float64) string { return strconv.FormatFloat(n, 'f', 2, 64) }

// Flush ends the writing.
func (w *Writer) Flush() error {
	w.lines.Flush()
	return w.lines.Error()
}
