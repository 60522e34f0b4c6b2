package server_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"machi/internal/eventlog/journal"
	"machi/internal/eventlog/redistest"
	"machi/internal/queue"
	"machi/internal/rulebook"
	"machi/internal/server"
)

const ruleOf = "/api/v1/offices/km-setagaya/rule"

func TestARuleSetAtOneServerHoldsAtAll(t *testing.T) {
	redis := redistest.Start(t)
	a, b := start(t, server.Options{Redis: redis.URL()}), start(t, server.Options{Redis: redis.URL()})
	token := a.grant("manager")
	eventually(t, "the day is open", func() bool { _, out := a.send("GET", ruleOf, token, "", ""); return out["in_force"] != nil })
	b.knows(token)
	status, out := a.send("PUT", ruleOf, token, "k1", `{"catalogue":false,"version":"0","rule":`+changed+`}`)
	if status != 200 || out["applied"] != true {
		t.Fatalf("status %d: %v", status, out)
	}
	eventually(t, "the other server runs by it", func() bool {
		_, out := b.send("GET", ruleOf, token, "", "")
		force, _ := out["in_force"].(map[string]any)
		return out["version"] == "1" && out["applied"] == true && force["ratio"] == 7.0
	})
	if status, out := b.send("PUT", ruleOf, token, "k2", `{"version":"0","rule":`+changed+`}`); status != 409 || out["code"] != "rule_changed" {
		t.Errorf("the second manager: %d %v", status, out)
	}
}

// changed is a rule that no office begins with.
const changed = `{"ratio":7,"max_wait_seconds":1800,"max_overtaken":9,"appointment_early_seconds":600,"appointment_late_seconds":300,
"no_show_calls":2,"recall_gap_seconds":10,"no_show_close_seconds":0,"restore_back":2,"undo_seconds":60,"skip_seconds":300,"choose":"manager"}`

// A server may die between writing a rule and applying it: the next one finishes that.
func TestARuleSetWhileNoServerRanHoldsFromTheStart(t *testing.T) {
	data := t.TempDir()
	first := start(t, server.Options{Data: data})
	token := first.grant("manager")
	eventually(t, "the day is open", func() bool { _, out := first.send("GET", ruleOf, token, "", ""); return out["in_force"] != nil })
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	setRule(t, data)
	// What is lost with this file the journal puts back, but it knows no rules.
	if err := os.Remove(filepath.Join(data, "machi.db")); err != nil {
		t.Fatal(err)
	}
	second := start(t, server.Options{Data: data})
	eventually(t, "the day runs by the rule", func() bool {
		_, out := second.send("GET", ruleOf, token, "", "")
		force, _ := out["in_force"].(map[string]any)
		return out["applied"] == true && force["ratio"] == 7.0
	})
}

// setRule writes a rule into the store of a server that does not run.
func setRule(t *testing.T, data string) {
	t.Helper()
	store, err := journal.OpenStore(filepath.Join(data, "auth"), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	log, err := store.Open(rulebook.Stream)
	if err != nil {
		t.Fatal(err)
	}
	base := func(queue.OfficeID) (queue.Rule, error) { return queue.DefaultRule(), nil }
	book, err := rulebook.Open(t.Context(), log, base, func() time.Time { return morning })
	if err != nil {
		t.Fatal(err)
	}
	rule, version, err := book.Current("km-setagaya")
	if err != nil {
		t.Fatal(err)
	}
	rule.Ratio = 7
	if err := book.Set(t.Context(), rulebook.Change{Office: "km-setagaya", Command: "c", By: "tanaka", Version: version, Rule: rule}); err != nil {
		t.Fatal(err)
	}
}
