package demo

import (
	"math/rand/v2"
	"testing"
	"time"

	"machi/internal/catalog"
	"machi/internal/history"
	"machi/internal/promise"
)

// TestAPretendedDayIsADay plays the first hour and a half of an office's day through
// the queue and makes its table.
func TestAPretendedDayIsADay(t *testing.T) {
	offices, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	settings, err := offices.Settings("km-kitazawa", "2026-04-03")
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range settings.Services {
		settings.Services[i].Closes = v.Opens.Add(90 * time.Minute)
	}
	day, err := pretend(settings, nil, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	table, err := history.Build(settings.Office, settings.Date, day.day.Records(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	book := promise.NewBook(settings.Office)
	book.Add(table)
	if r := book.Record(); len(table.Visits) < 20 || r.All.People < len(table.Visits)/2 {
		t.Errorf("%d visits, %+v", len(table.Visits), r)
	}
	if !day.day.State().Closed() {
		t.Error("the day is not closed")
	}
}
