package arch_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "machi/"

// pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Dir        string
	Standard   bool
	Imports    []string
	GoFiles    []string
	Module     *struct{ Path string }
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles", "machi/...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// name is a package's name in the table.
func name(importPath string) string {
	path := strings.TrimPrefix(importPath, module)
	return strings.TrimPrefix(path, "internal/")
}

func ours(importPath string) bool { return strings.HasPrefix(importPath, module) }

func TestImportsFollowTheTable(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) == 0 || strings.HasPrefix(name(p.ImportPath), "test/") {
			continue
		}
		home, ok := table[name(p.ImportPath)]
		if !ok {
			t.Errorf("%s is not in the table: a new folder is a decision, write down what it may import", p.ImportPath)
			continue
		}
		for _, path := range p.Imports {
			if why := home.forbids(path); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, path, why)
			}
		}
	}
}

func TestTableNamesOnlyWhatExists(t *testing.T) {
	exists := map[string]bool{}
	for _, p := range packages(t) {
		exists[name(p.ImportPath)] = true
	}
	for name := range table {
		if !exists[name] {
			t.Errorf("the table names %s, which does not exist", name)
		}
	}
}

// forbids says why a package of this home may not import a path, or "".
func (h home) forbids(path string) string {
	switch {
	case ours(path):
		if !allowed(h.ours, name(path)) {
			return "the table has no such arrow"
		}
	case isStandard(path):
		if h.pure && !slices.Contains(pureStdlib, path) {
			return "a pure package does without it"
		}
	case !slices.ContainsFunc(h.others, func(lib string) bool { return path == lib || strings.HasPrefix(path, lib+"/") }):
		return "the library lives elsewhere"
	}
	return ""
}

func allowed(list []string, name string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		below, tree := strings.CutSuffix(entry, "/...")
		return entry == name || tree && strings.HasPrefix(name, below+"/")
	})
}

func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func TestLeavesStayLeaves(t *testing.T) {
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.ImportPath, module+"internal/") || name(p.ImportPath) == "server" || name(p.ImportPath) == "demo" {
			continue
		}
		for _, path := range p.Imports {
			if path == module+"signage" || path == module+"kiosk" || strings.HasPrefix(path, module+"kiosk/") {
				t.Errorf("%s imports %s: nothing inside knows the machine or the wall", p.ImportPath, path)
			}
		}
	}
}

func TestForbidsFindsPlantedArrows(t *testing.T) {
	for _, row := range []struct {
		from, imports string
		found         bool
	}{
		{"queue", "machi/internal/board", true},
		{"queue", "os", true},
		{"queue", "math/rand", true},
		{"queue", "time", false},
		{"board", "machi/internal/queue", false},
		{"office", echo, true},
		{"api", echo + "/middleware", false},
		{"live", "machi/signage", true},
	} {
		if got := table[row.from].forbids(row.imports) != ""; got != row.found {
			t.Errorf("%s importing %s: forbidden = %v, want %v", row.from, row.imports, got, row.found)
		}
	}
}

// parse reads a package's files, tests apart.
func parse(t *testing.T, p pkg) (*token.FileSet, []*ast.File) {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for _, f := range p.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(p.Dir, f), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return fset, files
}

func TestPurePackagesDoNothingImpure(t *testing.T) {
	for _, p := range packages(t) {
		if !table[name(p.ImportPath)].pure {
			continue
		}
		fset, files := parse(t, p)
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				if what := impure(n); what != "" {
					t.Errorf("%s: %s in a pure package", fset.Position(n.Pos()), what)
				}
				return true
			})
		}
	}
}

// impure names what a node does that depends on more than its inputs, or "".
func impure(n ast.Node) string {
	switch n := n.(type) {
	case *ast.GoStmt:
		return "a goroutine"
	case *ast.ChanType, *ast.SelectStmt, *ast.SendStmt:
		return "a channel"
	case *ast.SelectorExpr:
		if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker", "Local", "LoadLocation"}, n.Sel.Name) {
			return "time." + n.Sel.Name
		}
	}
	return ""
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) == 0 {
			continue
		}
		_, files := parse(t, p)
		said := 0
		for _, file := range files {
			if text := strings.TrimSpace(file.Doc.Text()); text != "" {
				said++
				if len(strings.Fields(text)) < 5 {
					t.Errorf("%s: the package comment says nothing: %q", p.ImportPath, text)
				}
			}
		}
		if said != 1 {
			t.Errorf("%s has %d package comments, want one", p.ImportPath, said)
		}
	}
}

// maxLines is the wall for a function: it fits a screen.
const maxLines = 70

func TestFunctionsFitAScreen(t *testing.T) {
	for _, p := range packages(t) {
		fset, files := parse(t, p)
		for _, file := range files {
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || f.Body == nil {
					continue
				}
				if lines := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1; lines > maxLines {
					t.Errorf("%s: %s has %d lines, a screen has %d", fset.Position(f.Pos()), f.Name.Name, lines, maxLines)
				}
			}
		}
	}
}

func TestExportedNamesOfTheDomainAreDocumented(t *testing.T) {
	for _, p := range packages(t) {
		if !table[name(p.ImportPath)].pure && name(p.ImportPath) != "eventlog" {
			continue
		}
		fset, files := parse(t, p)
		for _, file := range files {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Name.IsExported() && f.Doc == nil && f.Recv == nil {
					t.Errorf("%s: %s has no comment", fset.Position(f.Pos()), f.Name.Name)
				}
			}
		}
	}
}
