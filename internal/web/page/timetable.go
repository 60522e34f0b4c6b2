package page

import (
	"time"

	"machi/internal/calendar"
	"machi/internal/curve"
	"machi/internal/queue"
)

// Curves draw the course of the offices' days.
type Curves interface {
	// Curve draws an office's day, today where date is empty; false: nothing is known.
	Curve(office queue.OfficeID, date queue.Date) (curve.Picture, bool)
}

// Timetable is when an office takes visitors.
type Timetable struct {
	calendar.Schedule
	Early       time.Duration // numbers are given so long before the opening
	Unconfirmed bool          // the municipality must still confirm a part of it
}

// Timetables are the offices' reception hours; false: the office is not there.
type Timetables interface {
	Timetable(office queue.OfficeID) (Timetable, bool)
}
