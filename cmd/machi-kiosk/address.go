package main

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
)

// tellAddress replaces the file that the browser reads; others on this machine must
// not read it, because the address is what lets a program press the buttons.
func tellAddress(file, address string) error {
	if file == "" {
		return nil
	}
	if err := os.WriteFile(file+".next", []byte(address+"\n"), 0o640); err != nil {
		return fmt.Errorf("address file: %w", err)
	}
	// Whatever the umask: the browser runs as another user of the group.
	if err := os.Chmod(file+".next", 0o640); err != nil {
		return fmt.Errorf("address file: %w", err)
	}
	return os.Rename(file+".next", file)
}

// secretPath is what an address ends with.
var secretPath = regexp.MustCompile(`^[0-9a-f]{32}$`)

// pathIn returns the secret path of the address that an earlier run left, so that
// the browser goes on with the page that it shows; "" for a new one. The file is in
// a folder that a restart of the whole machine empties.
func pathIn(file string) string {
	raw, err := os.ReadFile(file)
	if last := path.Base(strings.TrimSpace(string(raw))); err == nil && secretPath.MatchString(last) {
		return last
	}
	return ""
}
