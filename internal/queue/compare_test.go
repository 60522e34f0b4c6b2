package queue_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// diffJSON compares two canonical states field by field.
func diffJSON(t *testing.T, a, b string) string {
	t.Helper()
	var x, y any
	for raw, into := range map[string]*any{a: &x, b: &y} {
		if err := json.Unmarshal([]byte(raw), into); err != nil {
			t.Fatal(err)
		}
	}
	return cmp.Diff(x, y)
}
