package page

import (
	"github.com/labstack/echo/v4"

	"machi/internal/queue"
)

// Practice is a person's practice counter, and how far they have come there.
type Practice struct {
	Office      queue.OfficeID
	Counter     queue.CounterID
	Lessons     []Lesson
	Done, Total int
}

// Lesson is one thing to try; its words are the text "lesson.ID".
type Lesson struct {
	ID   string
	Done bool
}

// Practices finds the practice counter of whoever asks, if there is one.
type Practices func(c echo.Context) (Practice, bool)
