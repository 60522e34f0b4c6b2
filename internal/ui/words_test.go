package ui_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"machi/internal/board"
	"machi/internal/ui"
)

func readCases(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

func TestRangeInWords(t *testing.T) {
	var cases []map[string]json.RawMessage
	readCases(t, "../../told/testdata/told.json", &cases)
	for _, c := range cases {
		t.Run(string(c["name"]), func(t *testing.T) {
			var e *board.Estimate
			if err := json.Unmarshal(c["estimate"], &e); err != nil {
				t.Fatal(err)
			}
			for set, texts := range map[string]ui.Texts{"public": ui.PublicTexts, "staff": ui.StaffTexts} {
				for lang := range texts {
					var want string
					if err := json.Unmarshal(c[string(lang)], &want); err != nil {
						t.Fatal(err)
					}
					if got := texts.Range(lang, e); got != want {
						t.Errorf("%s, %s: got %q, want %q", set, lang, got, want)
					}
				}
			}
		})
	}
}

func TestSummarize(t *testing.T) {
	var cases []struct {
		Name, Purpose string
		Office        board.Office
		Want          struct {
			Level   board.Level
			Waiting int
			Low     int
			High    int
			Found   bool
			// Finished is the high end of until_finished; 0: not known.
			Finished int
		}
	}
	readCases(t, "headlines.json", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got := ui.Summarize(c.Office, c.Purpose)
			low, high := 0, 0
			if got.Until != nil {
				low, high = got.Until.Low, got.Until.High
			}
			finished := 0
			if got.Finished != nil {
				finished = got.Finished.High
			}
			if got.Level != c.Want.Level || got.Waiting != c.Want.Waiting || got.Found != c.Want.Found || low != c.Want.Low || high != c.Want.High || finished != c.Want.Finished {
				t.Errorf("got %+v from %d to %d, want %+v", got, low, high, c.Want)
			}
		})
	}
}

func TestStanding(t *testing.T) {
	var cases []struct {
		Name   string
		Office board.Office
		Want   string
	}
	readCases(t, "standings.json", &cases)
	for _, c := range cases {
		if got := ui.Standing(c.Office); got != c.Want {
			t.Errorf("%s: got %q, want %q", c.Name, got, c.Want)
		}
	}
}

func TestClocksAreJapans(t *testing.T) {
	at := time.Date(2026, 3, 31, 23, 5, 7, 0, time.UTC)
	if got := ui.Clock(at); got != "08:05:07" {
		t.Errorf("clock %q", got)
	}
	if got := ui.HourMinute(at); got != "08:05" {
		t.Errorf("hour and minute %q", got)
	}
}
