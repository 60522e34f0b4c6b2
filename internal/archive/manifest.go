package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

var (
	// ErrDamaged says that a file is not what the manifest says of it.
	ErrDamaged = errors.New("archive: damaged")
	// ErrChanged says that somebody else wrote to the archive meanwhile.
	ErrChanged = errors.New("archive: another program has written to it; try again")
	// ErrMissing says that the archive has no such day.
	ErrMissing = errors.New("archive: no such day")
)

const (
	manifestName = "manifest.json"
	sumsName     = "SHA256SUMS"
	format       = 1
	maxManifest  = 256 << 20
)

// Manifest says what an archive holds.
type Manifest struct {
	Format int       `json:"format"` // 1
	Made   time.Time `json:"made_at"`
	// Previous is the SHA-256 of the manifest that this one took the place of; zero for
	// the first.
	Previous eventlog.Hash `json:"previous_sha256"`
	Files    []File        `json:"files"` // by office, then month
}

// File is the days of an office's month.
type File struct {
	Name   string         `json:"name"` // below the archive's folder, with /
	Office queue.OfficeID `json:"office"`
	Month  string         `json:"month"` // "2026-04"
	Bytes  int64          `json:"bytes"`
	SHA256 eventlog.Hash  `json:"sha256"`
	Days   []Day          `json:"days"` // by date
}

// Day is one log: where in its file it is, and what it must come to.
type Day struct {
	Date    queue.Date    `json:"date"`
	Offset  int64         `json:"offset"` // of its gzip member
	Bytes   int64         `json:"bytes"`
	SHA256  eventlog.Hash `json:"sha256"` // of the member
	Records int64         `json:"records"`
	Head    eventlog.Head `json:"head"`
}

// Archive is a folder of archived logs. It is not safe for concurrent use.
type Archive struct {
	root     *os.Root
	manifest Manifest
	hash     eventlog.Hash // of the manifest as it was read; zero: there is none
}

// Open opens the archive in a folder. One without a manifest is empty.
func Open(dir string) (*Archive, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	a := &Archive{root: root}
	a.manifest, a.hash, err = a.read()
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return a, nil
}

// Create opens the archive in a folder, which is made where it is not there.
func Create(dir string) (*Archive, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return Open(dir)
}

// Close releases the folder.
func (a *Archive) Close() error { return a.root.Close() }

// Manifest returns what the archive holds, and the SHA-256 of the manifest's file: who
// keeps that elsewhere can prove later that nothing was changed. Zero: it is empty.
func (a *Archive) Manifest() (Manifest, eventlog.Hash) { return a.manifest, a.hash }

// Find returns what the manifest says of a day.
func (a *Archive) Find(office queue.OfficeID, date queue.Date) (Day, bool) {
	f, ok := a.file(office, monthOf(date))
	if !ok {
		return Day{}, false
	}
	at := slices.IndexFunc(f.Days, func(d Day) bool { return d.Date == date })
	if at < 0 {
		return Day{}, false
	}
	return f.Days[at], true
}

func (a *Archive) file(office queue.OfficeID, month string) (File, bool) {
	at := slices.IndexFunc(a.manifest.Files, func(f File) bool { return f.Office == office && f.Month == month })
	if at < 0 {
		return File{}, false
	}
	return a.manifest.Files[at], true
}

// monthOf returns the month of a date, such as "2026-04".
func monthOf(d queue.Date) string {
	if len(d) < len("2026-04") {
		return ""
	}
	return string(d)[:len("2026-04")]
}

func isDate(d queue.Date) bool {
	_, _, err := d.Bounds()
	return err == nil
}

func (a *Archive) read() (m Manifest, hash eventlog.Hash, err error) {
	raw, err := a.slurp(manifestName, maxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{Format: format}, hash, nil
	}
	if err != nil {
		return m, hash, fmt.Errorf("archive: %w", err)
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, hash, fmt.Errorf("%w: %s: %w", ErrDamaged, manifestName, err)
	}
	if err := m.check(); err != nil {
		return m, hash, err
	}
	return m, sha256.Sum256(raw), nil
}

func (a *Archive) slurp(name string, most int64) (raw []byte, err error) {
	f, err := a.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	raw, err = io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(raw)) > most {
		err = fmt.Errorf("%s has more than %d bytes", name, most)
	}
	return raw, err
}

// check refuses what no manifest can say.
func (m Manifest) check() error {
	if m.Format != format {
		return fmt.Errorf("archive: %s has form %d, this program reads %d", manifestName, m.Format, format)
	}
	bad := func(f File, what string) error {
		return fmt.Errorf("%w: %s: %s: %s", ErrDamaged, manifestName, f.Name, what)
	}
	type month struct {
		office queue.OfficeID
		name   string
	}
	seen := map[month]bool{}
	for _, f := range m.Files {
		name, below := strings.CutPrefix(f.Name, string(f.Office)+"/"+f.Month+".")
		switch {
		case f.Office == "" || strings.ContainsAny(string(f.Office), `/\\:`) || !filepath.IsLocal(f.Name) || !below || strings.ContainsAny(name, `/\\`):
			return bad(f, "is not the name of its office's month")
		case seen[month{f.Office, f.Month}]:
			return bad(f, "is of an office's month that another file has")
		}
		seen[month{f.Office, f.Month}] = true
		end := int64(0)
		for i, d := range f.Days {
			switch {
			case !isDate(d.Date) || monthOf(d.Date) != f.Month:
				return bad(f, string(d.Date)+" is of another month")
			case d.Offset != end || d.Bytes < 1:
				return bad(f, string(d.Date)+" is not behind the day before")
			case i > 0 && d.Date <= f.Days[i-1].Date:
				return bad(f, string(d.Date)+" is twice, or not in its place")
			case d.Head.Number != d.Records || d.Records < 1:
				return bad(f, string(d.Date)+" has another number of records than its head")
			}
			end += d.Bytes
		}
		if end != f.Bytes {
			return bad(f, "has another length than its days")
		}
	}
	return nil
}

// write puts the next manifest in place of the one that was read, and beside it the
// list of sums that sha256sum -c reads.
func (a *Archive) write(m Manifest, previous eventlog.Hash, now time.Time) error {
	_, hash, err := a.read()
	if err != nil {
		return err
	}
	if hash != a.hash {
		return ErrChanged
	}
	m.Format, m.Previous, m.Made = format, previous, now.In(queue.JST).Truncate(time.Second)
	raw, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	raw = append(raw, '\n')
	if err := m.check(); err != nil {
		return err
	}
	if err := a.replace(manifestName, raw); err != nil {
		return err
	}
	a.manifest, a.hash = m, sha256.Sum256(raw)
	var sums bytes.Buffer
	fmt.Fprintf(&sums, "%s  %s\n", a.hash, manifestName)
	for _, f := range m.Files {
		fmt.Fprintf(&sums, "%s  %s\n", f.SHA256, f.Name)
	}
	return a.replace(sumsName, sums.Bytes())
}

// replace writes a file whole or not at all.
func (a *Archive) replace(name string, raw []byte) error {
	err := a.safe(name+".new", func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
	if err == nil {
		err = a.root.Rename(name+".new", name)
	}
	if err == nil {
		err = a.sync(".")
	}
	if err != nil {
		return fmt.Errorf("archive: write %s: %w", name, err)
	}
	return nil
}

// safe writes a new file and has it on disk when it returns.
func (a *Archive) safe(name string, write func(io.Writer) error) (err error) {
	f, err := a.root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (a *Archive) sync(dir string) error {
	d, err := a.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
