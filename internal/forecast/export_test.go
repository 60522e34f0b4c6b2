package forecast

import "machi/internal/calendar"

// Expiries is expiries, for tests.
func Expiries(d calendar.Day) float64 { return expiries(dateOf(d)) }
