package page

import (
	"machi/internal/expect"
	"machi/internal/queue"
)

// Forecasts say what is expected of days to come. They answer from memory.
type Forecasts interface {
	// Forecast returns one day of an office, from today to [expect.Horizon] days ahead;
	// false: the office or the day is not there. Where nothing can be said the day's level
	// is unknown and its reasons say why.
	Forecast(office queue.OfficeID, date queue.Date) (expect.Day, bool)
	// Foretold returns how good the forecasts of the last month were that were told so
	// many days ahead: 1, 7 or 28; false: none can be compared yet.
	Foretold(office queue.OfficeID, ahead int) (expect.Record, bool)
}

// NoForecasts are those of a server that has none.
type NoForecasts struct{}

// Forecast finds nothing.
func (NoForecasts) Forecast(queue.OfficeID, queue.Date) (expect.Day, bool) {
	return expect.Day{}, false
}

// Foretold finds nothing.
func (NoForecasts) Foretold(queue.OfficeID, int) (expect.Record, bool) {
	return expect.Record{}, false
}
