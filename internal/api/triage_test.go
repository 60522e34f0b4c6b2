package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"machi/internal/catalog"
	"machi/internal/guide"
	"machi/internal/queue"
)

// worldGuide is the built-in guide with the world's offices: "o" is a branch office,
// "p" a general one.
var worldGuide = sync.OnceValue(func() *guide.Guide {
	c, err := catalog.Default()
	if err != nil {
		panic(err) // the built-in catalogue has tests of its own
	}
	world := *c
	world.Offices = nil
	for id, like := range map[queue.OfficeID]queue.OfficeID{"o": "br-kyodo", "p": "km-setagaya"} {
		office, _ := c.Office(like)
		mine := *office
		mine.ID = id
		world.Offices = append(world.Offices, &mine)
	}
	return guide.New(func() *catalog.Catalog { return &world })
})

func TestTriage(t *testing.T) {
	w := newWorld(t)
	ask := func(q string) (int, guide.Answer) {
		got := w.send(request{method: http.MethodGet, path: "/api/v1/offices/o/triage?q=" + url.QueryEscape(q), token: "reception"})
		var answer guide.Answer
		if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		return got.Code, answer
	}
	status, answer := ask("引越し 子ども")
	if status != http.StatusOK || len(answer.Matters) < 3 || answer.Matters[0].Service != "moving" || len(answer.Matters[0].Forms) == 0 {
		t.Errorf("%d %+v", status, answer)
	}
	if _, answer := ask("結婚"); answer.Matters[0].Service != "" || answer.Matters[0].Elsewhere[0].Office != "p" {
		t.Errorf("a branch office sends couples on: %+v", answer.Matters[0])
	}
	for q, want := range map[string]int{"": http.StatusOK, "手続き": http.StatusOK, strings.Repeat("あ", 80): http.StatusOK, strings.Repeat("あ", 81): http.StatusUnprocessableEntity, "\xff": http.StatusUnprocessableEntity} {
		if got, _ := ask(q); got != want {
			t.Errorf("%q: %d, want %d", q, got, want)
		}
	}
}
