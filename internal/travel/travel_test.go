package travel_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"machi/internal/travel"
)

// pair is two numbers as they stand in the shared cases.
type pair[T any] [2]T

type cases struct {
	Ways []struct {
		Why       string
		From, To  pair[float64]
		Mode      travel.Mode
		Rough     bool
		Low, High int
	}
	Ranks []struct {
		Why     string
		Want    []int
		Choices []struct {
			Way, Finished pair[int]
			Usual, Left   int
			Known, Open   bool
		}
	}
}

func shared(t *testing.T) (c cases) {
	t.Helper()
	raw, err := os.ReadFile("testdata/travel.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAWayTakesAboutAsLongAsBrowsersSay(t *testing.T) {
	for _, c := range shared(t).Ways {
		line := travel.Metres(travel.Point{Lat: c.From[0], Lng: c.From[1]}, travel.Point{Lat: c.To[0], Lng: c.To[1]})
		if got := travel.About(line, c.Mode, c.Rough); got != (travel.Range{Low: c.Low, High: c.High}) {
			t.Errorf("%s: %v, want %d to %d", c.Why, got, c.Low, c.High)
		}
	}
}

func TestOfficesAreRankedAsBrowsersDo(t *testing.T) {
	for _, c := range shared(t).Ranks {
		var choices []travel.Choice
		for _, o := range c.Choices {
			choices = append(choices, travel.Choice{
				Way: travel.Range{Low: o.Way[0], High: o.Way[1]}, Finished: travel.Range{Low: o.Finished[0], High: o.Finished[1]},
				Usual: o.Usual, Known: o.Known, Open: o.Open, Left: o.Left,
			})
		}
		if got := travel.Rank(choices); !slices.Equal(got, c.Want) {
			t.Errorf("%s: %v, want %v", c.Why, got, c.Want)
		}
	}
}

func TestALongerWayNeverTakesLess(t *testing.T) {
	for _, mode := range travel.Modes {
		for _, rough := range []bool{false, true} {
			last := travel.Range{}
			for line := 0.0; line < 12000; line += 37 {
				now := travel.About(line, mode, rough)
				if now.High < last.High || now.Low > now.High {
					t.Fatalf("%s %.0f m: %v after %v", mode, line, now, last)
				}
				last = now
			}
		}
	}
}
