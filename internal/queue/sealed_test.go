package queue_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"
)

// sealed returns the types of a file that have a method of a name: the members
// of a sealed set, read from the code so that a new one cannot be forgotten.
func sealed(t *testing.T, file, method string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range parsed.Decls {
		f, is := d.(*ast.FuncDecl)
		if !is || f.Recv == nil || f.Name.Name != method {
			continue
		}
		names = append(names, f.Recv.List[0].Type.(*ast.Ident).Name)
	}
	if len(names) == 0 {
		t.Fatalf("%s: no type has a method %s", file, method)
	}
	return names
}
