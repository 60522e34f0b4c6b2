package trouble_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"machi/test/trouble"
)

// TestEveryModeHasItsTest looks for the tests that the table names.
func TestEveryModeHasItsTest(t *testing.T) {
	for i, m := range trouble.Modes {
		if want := fmt.Sprint("F", 30+i); m.ID != want || m.Fault == "" || m.Must == "" || len(m.Tests) == 0 {
			t.Errorf("row %d is %+v, want %s with a test", i, m, want)
		}
		for _, test := range m.Tests {
			if !written(t, test) {
				t.Errorf("%s: there is no %s in %s", m.ID, test.Name, test.In)
			}
		}
	}
	if n := len(trouble.Modes); n != 21 {
		t.Errorf("%d modes, want F30 to F50", n)
	}
}

// written reports whether a test exists.
func written(t *testing.T, test trouble.Test) bool {
	t.Helper()
	files, text := []string{filepath.Join("../..", test.In)}, test.Name
	if !strings.HasSuffix(test.In, ".js") {
		var err error
		if files, err = filepath.Glob(filepath.Join("../..", test.In, "*_test.go")); err != nil {
			t.Fatal(err)
		}
		text = "\nfunc " + test.Name + "(t *testing.T) {"
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), text) {
			return true
		}
	}
	return false
}
