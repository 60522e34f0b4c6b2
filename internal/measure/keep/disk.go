package keep

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"machi/internal/measure"
	"machi/internal/queue"
)

// A file of sheets is one office's month: a line that names its form, the CRC of what
// follows, and compressed, for each date, the version of its table and its sheet.

// largest bounds a month's sheets, in bytes: far above what a large office needs.
const largest = 64 << 20

func header() []byte { return fmt.Appendf(nil, "machi sheets %d\n", measure.Format) }

func (k *Keeper) path(office queue.OfficeID, name string) string {
	return filepath.Join(k.o.Folder, fmt.Sprintf("%x-%s", string(office), name))
}

// save writes a month. A disk that does not take it makes the next start slower.
func (k *Keeper) save(office queue.OfficeID, name string, m *month) {
	if k.o.Folder == "" {
		return
	}
	if err := k.write(k.path(office, name), m); err != nil {
		k.o.Logger.Warn("figures of closed days are not kept on disk: they are counted again at the next start", "office", office, "month", name, "error", err)
	}
}

func (k *Keeper) write(path string, m *month) error {
	var raw []byte
	for _, date := range slices.Sorted(maps.Keys(m.sheets)) {
		version := m.versions[date]
		raw = append(binary.AppendUvarint(raw, uint64(len(version))), version...)
		raw = m.sheets[date].AppendBinary(raw)
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(raw)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(k.o.Folder, 0o700); err != nil {
		return err
	}
	out := binary.BigEndian.AppendUint32(header(), crc32.ChecksumIEEE(packed.Bytes()))
	next := path + ".new"
	if err := os.WriteFile(next, append(out, packed.Bytes()...), 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}

// load reads a month; of what cannot be read there is nothing.
func (k *Keeper) load(office queue.OfficeID, name string) *month {
	none := &month{}
	if k.o.Folder == "" {
		return none
	}
	raw, err := os.ReadFile(k.path(office, name))
	if errors.Is(err, os.ErrNotExist) {
		return none
	}
	m, err := read(raw, err)
	if err != nil {
		k.o.Logger.Warn("figures of closed days on disk cannot be read: they are counted again", "office", office, "month", name, "error", err)
		return none
	}
	for date, sheet := range m.sheets {
		if sheet.Office != office || monthOf(date) != name {
			return none
		}
	}
	return m
}

func read(raw []byte, err error) (*month, error) {
	if err != nil {
		return nil, err
	}
	body, ours := bytes.CutPrefix(raw, header())
	if !ours {
		return &month{}, nil // of another release
	}
	if len(body) < 4 || binary.BigEndian.Uint32(body) != crc32.ChecksumIEEE(body[4:]) {
		return nil, errors.New("the file is damaged")
	}
	if body, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(body[4:])), largest)); err != nil {
		return nil, err
	}
	m := &month{sheets: map[queue.Date]*measure.Sheet{}, versions: map[queue.Date]string{}}
	for len(body) > 0 {
		size, n := binary.Uvarint(body)
		if n <= 0 || size > uint64(len(body)-n) {
			return nil, errors.New("no version")
		}
		version := string(body[n : n+int(size)])
		sheet, rest, err := measure.ReadSheet(body[n+int(size):])
		if err != nil {
			return nil, err
		}
		m.sheets[sheet.Date], m.versions[sheet.Date] = sheet, version
		body = rest
	}
	return m, nil
}
