package arch_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestThePagesOnSecurityNameTestsThatExist: a control whose test was renamed or
// deleted is a promise that nobody keeps.
func TestThePagesOnSecurityNameTestsThatExist(t *testing.T) {
	root := filepath.Join("..", "..")
	function := regexp.MustCompile(`(?m)^func (Test[A-Z]\w+)\(`)
	exists := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		for _, match := range function.FindAllStringSubmatch(string(source), -1) {
			exists[match[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test[A-Z]\\w+|test/[\\w./]+\\.js)`")
	for _, page := range []string{"security-kiosk.md", "security-staff.md", "accessibility.md"} {
		text, err := os.ReadFile(filepath.Join(root, "docs", page))
		if err != nil {
			t.Fatal(err)
		}
		list := named.FindAllStringSubmatch(string(text), -1)
		if len(list) < 10 {
			t.Errorf("%s names %d tests", page, len(list))
		}
		for _, match := range list {
			_, err := os.Stat(filepath.Join(root, match[1]))
			if !exists[match[1]] && err != nil {
				t.Errorf("%s names %s, which does not exist", page, match[1])
			}
		}
	}
}
