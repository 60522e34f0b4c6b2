package archive

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Added is what [Archive.Add] did.
type Added struct {
	Days   int // that are new, or longer than they were
	Same   int // that were there already
	Faults []Fault
}

// Fault is a day that cannot be archived, read or purged.
type Fault struct {
	Office queue.OfficeID
	Date   queue.Date
	Err    error
}

func (f Fault) String() string { return fmt.Sprintf("%s %s: %v", f.Office, f.Date, f.Err) }

// Days lists the business days of a store, by office.
func Days(ctx context.Context, store eventlog.Store) (map[queue.OfficeID][]queue.Date, error) {
	names, err := store.Streams(ctx)
	if err != nil {
		return nil, err
	}
	days := map[queue.OfficeID][]queue.Date{}
	for _, name := range names {
		office, date, ok := day.SplitStream(name)
		if _, err := time.Parse(time.DateOnly, string(date)); ok && err == nil && !strings.Contains(string(office), "/") {
			days[office] = append(days[office], date)
		}
	}
	for _, list := range days {
		slices.Sort(list)
	}
	return days, nil
}

// Add archives the days of a store up to a date, month by month. A day that is there
// already is written again only where its log has grown. A damaged log is left out, as
// a fault. What was added when an error comes stays added.
func (a *Archive) Add(ctx context.Context, store eventlog.Store, until queue.Date, now time.Time) (Added, error) {
	var done Added
	days, err := Days(ctx, store)
	if err != nil {
		return done, err
	}
	previous := a.hash
	for _, office := range sortedKeys(days) {
		for _, month := range byMonth(days[office]) {
			month = slices.DeleteFunc(month, func(d queue.Date) bool { return d > until })
			if len(month) == 0 {
				continue
			}
			if err := a.addMonth(ctx, store, office, month, previous, now, &done); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

func sortedKeys(days map[queue.OfficeID][]queue.Date) []queue.OfficeID {
	var ids []queue.OfficeID
	for id := range days {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func byMonth(dates []queue.Date) [][]queue.Date {
	var months [][]queue.Date
	for _, d := range dates {
		if last := len(months) - 1; last >= 0 && monthOf(months[last][0]) == monthOf(d) {
			months[last] = append(months[last], d)
		} else {
			months = append(months, []queue.Date{d})
		}
	}
	return months
}

// addMonth writes an office's month anew if there is anything new in it.
func (a *Archive) addMonth(ctx context.Context, store eventlog.Store, office queue.OfficeID, dates []queue.Date, previous eventlog.Hash, now time.Time, done *Added) error {
	var fresh []queue.Date
	for _, date := range dates {
		grown, err := a.grown(ctx, store, office, date)
		switch {
		case errors.Is(err, eventlog.ErrCorrupt), errors.Is(err, ErrDamaged):
			done.Faults = append(done.Faults, Fault{office, date, err})
		case err != nil:
			return err
		case grown:
			fresh = append(fresh, date)
		default:
			done.Same++
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	old, _ := a.file(office, monthOf(dates[0]))
	next := File{Office: office, Month: monthOf(dates[0]), Name: a.nextName(old, office, monthOf(dates[0]))}
	if err := a.root.MkdirAll(string(office), 0o700); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	w := &monthWriter{a: a, old: old, next: &next, sum: sha256.New()}
	err := a.safe(next.Name, func(out io.Writer) error {
		w.out = io.MultiWriter(out, w.sum)
		return w.all(ctx, store, fresh, done)
	})
	if err == nil {
		err = a.sync(string(office))
	}
	if errors.Is(err, errNothing) {
		return a.root.Remove(next.Name)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("archive: write %s: %w", next.Name, err), a.root.Remove(next.Name))
	}
	next.SHA256 = eventlog.Hash(w.sum.Sum(nil))
	return a.exchange(old, next, previous, now)
}

// grown reports whether a day's log is not in the archive as it is in the store. A log
// that does not go on where the archived one ends is an error.
func (a *Archive) grown(ctx context.Context, store eventlog.Store, office queue.OfficeID, date queue.Date) (bool, error) {
	log, err := store.Open(day.Stream(office, date))
	if err != nil {
		return false, err
	}
	head, err := log.Head(ctx)
	if err != nil || head.Number == 0 {
		return false, err
	}
	kept, ok := a.Find(office, date)
	switch {
	case !ok:
		return true, nil
	case kept.Head == head:
		return false, nil
	case kept.Head.Number >= head.Number:
		return false, fmt.Errorf("%w: the log has %d records, the archive %d", eventlog.ErrCorrupt, head.Number, kept.Records)
	}
	at, err := log.Read(ctx, kept.Head.Number-1, 1)
	if err == nil && (len(at) != 1 || at[0].Head() != kept.Head) {
		err = fmt.Errorf("%w: the log is another one than was archived", eventlog.ErrCorrupt)
	}
	return true, err
}

// nextName names the file that takes the place of an older one.
func (a *Archive) nextName(old File, office queue.OfficeID, month string) string {
	n := 1
	if rest, ok := strings.CutPrefix(old.Name, string(office)+"/"+month+"."); ok {
		count, _, _ := strings.Cut(rest, ".")
		if was, err := strconv.Atoi(count); err == nil {
			n = was + 1
		}
	}
	return fmt.Sprintf("%s/%s.%d.jsonl.gz", office, month, n)
}

// monthWriter writes a month's file: days that stay are copied as they are.
type monthWriter struct {
	a    *Archive
	old  File
	next *File
	out  io.Writer
	sum  interface {
		io.Writer
		Sum([]byte) []byte
	}
}

func (w *monthWriter) all(ctx context.Context, store eventlog.Store, fresh []queue.Date, done *Added) error {
	dates := slices.Clone(fresh)
	for _, d := range w.old.Days {
		if !slices.Contains(fresh, d.Date) {
			dates = append(dates, d.Date)
		}
	}
	slices.Sort(dates)
	for _, date := range dates {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !slices.Contains(fresh, date) {
			if err := w.copy(date); err != nil {
				return err
			}
			continue
		}
		err := w.day(ctx, store, date)
		switch {
		case errors.Is(err, eventlog.ErrCorrupt):
			done.Faults = append(done.Faults, Fault{w.next.Office, date, err})
			if at := slices.IndexFunc(w.old.Days, func(d Day) bool { return d.Date == date }); at >= 0 {
				err = w.copy(date)
			} else {
				err = nil
			}
		case err == nil:
			done.Days++
		}
		if err != nil {
			return err
		}
	}
	if len(w.next.Days) == 0 {
		return errNothing
	}
	return nil
}

// errNothing says that no day of a month can be archived.
var errNothing = errors.New("no day can be read")

func (w *monthWriter) copy(date queue.Date) error {
	d, _ := w.a.Find(w.next.Office, date)
	member, err := w.a.member(w.old, d)
	if err == nil && sha256.Sum256(member) != d.SHA256 {
		err = fmt.Errorf("%w: %s: %s", ErrDamaged, w.old.Name, date)
	}
	if err != nil {
		return err
	}
	return w.put(d, member)
}

func (w *monthWriter) day(ctx context.Context, store eventlog.Store, date queue.Date) error {
	log, err := store.Open(day.Stream(w.next.Office, date))
	if err != nil {
		return err
	}
	records, err := readAll(ctx, log)
	if err != nil {
		return err
	}
	if len(records) == 0 {
		return nil // it was deleted meanwhile
	}
	head, err := eventlog.Head{}.Chain(records)
	if err != nil {
		return err
	}
	var member bytes.Buffer
	if err := encode(&member, w.next.Office, date, records); err != nil {
		return err
	}
	d := Day{Date: date, Bytes: int64(member.Len()), SHA256: sha256.Sum256(member.Bytes()), Records: int64(len(records)), Head: head}
	if _, err := decode(member.Bytes(), w.next.Office, d); err != nil {
		return err // what cannot be read back must not be relied on
	}
	return w.put(d, member.Bytes())
}

func (w *monthWriter) put(d Day, member []byte) error {
	d.Offset = w.next.Bytes
	w.next.Bytes += int64(len(member))
	w.next.Days = append(w.next.Days, d)
	_, err := w.out.Write(member)
	return err
}

// exchange has the manifest name the new file, and deletes the older one.
func (a *Archive) exchange(old, next File, previous eventlog.Hash, now time.Time) error {
	m := a.manifest
	m.Files = slices.DeleteFunc(slices.Clone(m.Files), func(f File) bool { return f.Name == old.Name })
	m.Files = append(m.Files, next)
	slices.SortFunc(m.Files, func(x, y File) int {
		return cmp.Or(cmp.Compare(x.Office, y.Office), cmp.Compare(x.Month, y.Month))
	})
	if err := a.write(m, previous, now); err != nil {
		return err
	}
	if old.Name == "" {
		return nil
	}
	if err := a.root.Remove(old.Name); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return nil
}

func readAll(ctx context.Context, log eventlog.Log) ([]eventlog.Record, error) {
	const size = 500
	var all []eventlog.Record
	for {
		records, err := log.Read(ctx, int64(len(all)), size)
		all = append(all, records...)
		if err != nil || len(records) == 0 {
			return all, err
		}
	}
}
