//go:build !planted

package planted_test

import (
	"os/exec"
	"strings"
	"testing"

	"machi/internal/planted"
)

func TestNothingIsPlantedInAnOrdinaryBuild(t *testing.T) {
	for _, bug := range planted.Bugs {
		if planted.On(bug) {
			t.Errorf("%s is planted", bug)
		}
	}
}

// TestProgramsContainNoPlantedBugs asks the toolchain what the released programs
// are built of: the file that can plant a bug must not be among it.
func TestProgramsContainNoPlantedBugs(t *testing.T) {
	for _, row := range []struct{ tags, want string }{
		{"", "[doc.go off.go planted.go]"},
		{"planted", "[doc.go on.go planted.go]"},
	} {
		out, err := exec.Command("go", "list", "-tags", row.tags, "-f", "{{.GoFiles}}", "machi/internal/planted").Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		if got := strings.TrimSpace(string(out)); got != row.want {
			t.Errorf("with tags %q the package is %s, want %s", row.tags, got, row.want)
		}
	}
}
