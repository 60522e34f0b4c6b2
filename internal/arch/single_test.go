package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"
)

// TestTheDomainIsOneGoroutine holds what lets scripts/test run the domain's tests
// without the race detector: neither the domain nor its tests start anything beside.
func TestTheDomainIsOneGoroutine(t *testing.T) {
	paths, err := filepath.Glob("../queue/*.go")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d files of the domain, %v", len(paths), err)
	}
	files := token.NewFileSet()
	for _, path := range paths {
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s: a goroutine", files.Position(n.Pos()))
			case *ast.SelectorExpr:
				if n.Sel.Name == "Go" || n.Sel.Name == "Parallel" || n.Sel.Name == "RunParallel" {
					t.Errorf("%s: something runs beside", files.Position(n.Pos()))
				}
			}
			return true
		})
	}
}
