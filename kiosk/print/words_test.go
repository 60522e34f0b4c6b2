package print_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

// The paper says a wait as the screens do, but for spaces that a narrow paper cannot
// spare and the readings behind characters.
func TestPaperTellsAWaitAsScreensDo(t *testing.T) {
	raw, err := os.ReadFile("../../internal/told/testdata/told.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []map[string]any
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	plain := strings.NewReplacer("\u200b", "", "\u00a0", "", " ", "", "\n", "", "–", "-", "～", "〜", "A", "a", "W", "w", "S", "s").Replace
	for _, c := range cases {
		e, known := c["estimate"].(map[string]any)
		if !known || c["kind"] == "unknown" {
			continue
		}
		for _, lang := range []string{"ja", "en", "zh", "ko"} {
			ticket := ticket()
			ticket.Language = lang
			ticket.Low, ticket.High = seconds(e["low_seconds"]), max(1, seconds(e["high_seconds"]))
			if text, want := plain(ticket.Text()), plain(c[lang].(string)); !strings.Contains(text, want) {
				t.Errorf("%v, %s: the paper lacks %q:\n%s", c["name"], lang, want, text)
			}
		}
	}
}

func seconds(n any) time.Duration { return time.Duration(n.(float64)) * time.Second }
