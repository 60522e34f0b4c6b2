package server_test

import (
	"os"
	"path/filepath"
	"testing"

	"machi/internal/server"
)

// TestANewCatalogueComesIntoForceWhileTheServerRuns and one with a fault does not.
func TestANewCatalogueComesIntoForceWhileTheServerRuns(t *testing.T) {
	file := filepath.Join(t.TempDir(), "offices.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	called := func(name string) string {
		return "offices:\n  - id: km-setagaya\n    name: {ja: " + name + ", en: Renamed}\n"
	}
	write(called("はじめの窓口"))
	s := start(t, server.Options{Catalog: file})
	shows := func(name string) func() bool {
		return func() bool {
			_, out := s.send("GET", setagaya, "", "", "")
			texts, _ := out["name"].(map[string]any)
			return texts["ja"] == name
		}
	}
	if !shows("はじめの窓口")() {
		t.Fatal("the file is not in force")
	}
	token := s.grant("admin")
	version := s.day(token, "km-setagaya").State().Settings().Version
	write("offices: [{id: km-setagaya, colour: blue}]\n")
	write(called("つぎの窓口"))
	eventually(t, "the new name is shown", shows("つぎの窓口"))
	eventually(t, "the day runs by the new catalogue", func() bool {
		return s.day(token, "km-setagaya").State().Settings().Version != version
	})
}
