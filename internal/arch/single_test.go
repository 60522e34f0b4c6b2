package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPurePackagesAreOneGoroutine holds what lets scripts/test run the tests of the pure
// packages without the race detector: neither they nor their tests start anything
// beside. The list that it reads is the law's.
func TestPurePackagesAreOneGoroutine(t *testing.T) {
	raw, err := os.ReadFile("testdata/pure.txt")
	if err != nil {
		t.Fatal(err)
	}
	var pure []string
	for _, path := range slices.Sorted(maps.Keys(table)) {
		if table[path].pure {
			pure = append(pure, path)
		}
	}
	if want := strings.Join(pure, "\n") + "\n"; string(raw) != want {
		t.Fatalf("testdata/pure.txt is\n%s, the law's pure packages are\n%s", raw, want)
	}
	for _, path := range pure {
		files, err := filepath.Glob("../" + path + "/*.go")
		if err != nil || len(files) == 0 {
			t.Errorf("%s: %d files, %v", path, len(files), err)
		}
		for _, file := range files {
			besides(t, file)
		}
	}
}

// besides reports whatever in a file would run beside the rest.
func besides(t *testing.T, path string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			t.Errorf("%s: a goroutine", files.Position(n.Pos()))
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && (s.Sel.Name == "Go" || s.Sel.Name == "Parallel" || s.Sel.Name == "RunParallel") {
				t.Errorf("%s: something runs beside", files.Position(n.Pos()))
			}
		}
		return true
	})
}
