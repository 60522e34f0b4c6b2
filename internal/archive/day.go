package archive

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// header is the first line of a day.
type header struct {
	Log         string               `json:"log"` // "machi/1"
	Office      queue.OfficeID       `json:"office"`
	Date        queue.Date           `json:"date"`
	Incarnation eventlog.Incarnation `json:"incarnation"`
	Records     int64                `json:"records"`
	Head        eventlog.Head        `json:"head"`
}

const logForm = "machi/1"

// row is each further line. What a record has besides follows from the rows before.
type row struct {
	Number int64           `json:"number"`
	Fact   bool            `json:"fact,omitempty"`
	Body   json.RawMessage `json:"body,omitempty"`
	Raw    []byte          `json:"body_base64,omitempty"` // a body that is no line of JSON
}

const (
	maxLine    = 3 * eventlog.MaxRecordBytes
	maxRecords = 2_000_000 // of a day
)

// encode writes a day as one gzip member.
func encode(w io.Writer, office queue.OfficeID, date queue.Date, records []eventlog.Record) error {
	z := gzip.NewWriter(w)
	last := records[len(records)-1]
	head, err := json.Marshal(header{logForm, office, date, last.Incarnation, int64(len(records)), last.Head()})
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(z, 64<<10)
	_, _ = out.Write(append(head, '\n')) // a bufio.Writer keeps its first error
	for _, r := range records {
		if err := putRow(out, r); err != nil {
			return err
		}
	}
	return errors.Join(out.Flush(), z.Close())
}

// putRow writes a record's line. The body stays as it is, to the byte: the hashes
// cover it.
func putRow(out *bufio.Writer, r eventlog.Record) error {
	if !json.Valid(r.Body) || bytes.ContainsAny(r.Body, "\n\r") || len(bytes.TrimSpace(r.Body)) != len(r.Body) {
		line, err := json.Marshal(row{Number: r.Number, Fact: r.Fact, Raw: r.Body})
		if err != nil {
			return err
		}
		_, err = out.Write(append(line, '\n'))
		return err
	}
	fact := ""
	if r.Fact {
		fact = `,"fact":true`
	}
	_, _ = fmt.Fprintf(out, `{"number":%d%s,"body":`, r.Number, fact)
	_, _ = out.Write(r.Body)
	_, err := out.WriteString("}\n")
	return err
}

// decode reads a day's gzip member and proves it: the records chain to the head that
// the manifest says.
func decode(member []byte, office queue.OfficeID, d Day) ([]eventlog.Record, error) {
	damaged := func(err error) error { return fmt.Errorf("%w: %s of %s: %w", ErrDamaged, d.Date, office, err) }
	if sha256.Sum256(member) != d.SHA256 {
		return nil, damaged(errors.New("its SHA-256 is another"))
	}
	z, err := gzip.NewReader(bytes.NewReader(member))
	if err != nil {
		return nil, damaged(err)
	}
	lines := bufio.NewReaderSize(z, 64<<10)
	var h header
	line, err := readLine(lines)
	if err == nil {
		err = json.Unmarshal(line, &h)
	}
	switch {
	case err != nil:
		return nil, damaged(err)
	case h.Log != logForm:
		return nil, damaged(fmt.Errorf("form %q", h.Log))
	case h.Office != office || h.Date != d.Date || h.Head != d.Head || h.Records != d.Records || h.Records > maxRecords:
		return nil, damaged(errors.New("its header is of another day"))
	}
	records, err := rows(lines, h)
	if err != nil {
		return nil, damaged(err)
	}
	return records, nil
}

func rows(lines *bufio.Reader, h header) ([]eventlog.Record, error) {
	records := make([]eventlog.Record, 0, h.Records)
	var head eventlog.Head
	for {
		line, err := readLine(lines)
		if errors.Is(err, io.EOF) {
			break
		}
		var r row
		if err == nil {
			err = json.Unmarshal(line, &r)
		}
		if err != nil {
			return nil, err
		}
		if r.Body == nil {
			r.Body = r.Raw
		}
		next := eventlog.Record{Number: r.Number, Prev: head.Hash, Incarnation: h.Incarnation, Fact: r.Fact, Body: r.Body}
		if err := head.Follows(next); err != nil {
			return nil, err
		}
		head = next.Head()
		records = append(records, next)
		if int64(len(records)) > h.Records {
			return nil, errors.New("more records than its header says")
		}
	}
	if head != h.Head {
		return nil, fmt.Errorf("%w: the records lead to another head", eventlog.ErrCorrupt)
	}
	return records, nil
}

// readLine returns a line without its end; [io.EOF] behind the last.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, fmt.Errorf("a line of more than %d bytes", maxLine)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) > 0:
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		}
		return line[:len(line)-1], nil
	}
}

// Records returns a day's records, proved against the manifest. It returns
// [ErrMissing] for a day that the archive has not, and [ErrDamaged].
func (a *Archive) Records(office queue.OfficeID, date queue.Date) ([]eventlog.Record, error) {
	d, ok := a.Find(office, date)
	if !ok {
		return nil, fmt.Errorf("%w: %s of %s", ErrMissing, date, office)
	}
	f, _ := a.file(office, monthOf(date))
	member, err := a.member(f, d)
	if err != nil {
		return nil, err
	}
	return decode(member, office, d)
}

// maxMember bounds a day's compressed bytes.
const maxMember = 1 << 30

func (a *Archive) member(f File, d Day) (member []byte, err error) {
	if d.Bytes > maxMember {
		return nil, fmt.Errorf("%w: %s: %s has %d bytes", ErrDamaged, f.Name, d.Date, d.Bytes)
	}
	file, err := a.root.Open(f.Name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	member = make([]byte, d.Bytes)
	if _, err := file.ReadAt(member, d.Offset); err != nil {
		return nil, fmt.Errorf("%w: %s: %s: %w", ErrDamaged, f.Name, d.Date, err)
	}
	return member, nil
}
