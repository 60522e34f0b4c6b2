package archive

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"machi/internal/eventlog"
)

// Check reads a whole file again and returns what is not as the manifest says: first
// the file as such, then its days. See is shown each day's records that are in order;
// nil: nobody looks.
func (a *Archive) Check(f File, see func(d Day, records []eventlog.Record)) []Fault {
	var faults []Fault
	if err := a.sum(f); err != nil {
		faults = append(faults, Fault{f.Office, "", err})
	}
	for _, d := range f.Days {
		records, err := a.Records(f.Office, d.Date)
		if err != nil {
			faults = append(faults, Fault{f.Office, d.Date, err})
			continue
		}
		if see != nil {
			see(d, records)
		}
	}
	return faults
}

// sum holds a file against its length and SHA-256.
func (a *Archive) sum(f File) (err error) {
	file, err := a.root.Open(f.Name)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	h := sha256.New()
	n, err := io.Copy(h, file)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %s: %w", ErrDamaged, f.Name, err)
	case n != f.Bytes:
		return fmt.Errorf("%w: %s has %d bytes, the manifest says %d", ErrDamaged, f.Name, n, f.Bytes)
	case eventlog.Hash(h.Sum(nil)) != f.SHA256:
		return fmt.Errorf("%w: the SHA-256 of %s is another", ErrDamaged, f.Name)
	}
	return nil
}

// Strays lists files in the folder that the manifest does not name: what a program left
// behind that was ended while it wrote, or what somebody put there.
func (a *Archive) Strays() ([]string, error) {
	var strays []string
	err := fs.WalkDir(a.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		known := name == manifestName || name == sumsName || slices.ContainsFunc(a.manifest.Files, func(f File) bool { return f.Name == name })
		if err == nil && !e.IsDir() && !known && !strings.HasPrefix(e.Name(), ".") {
			strays = append(strays, name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return strays, nil
}
