//go:build !linux

package journal

import "os"

// reserve does nothing here: only Linux takes space without growing the file.
func reserve(*os.File, int64) error { return nil }
