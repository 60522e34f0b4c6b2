package peakday_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/auth"
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/server"
)

// stream is the name of the day's log.
var stream = day.Stream(branch, "2026-04-01")

// tape follows the day through one server's records.
type tape struct {
	t     *testing.T
	doors *doors
	door  int
	token string
	day   *day.Day
}

func newTape(h *house, door int) *tape {
	return &tape{h.t, h.doors, door, h.grant(auth.Grant{Role: "kiosk", Office: branch, Name: "tape"}), day.New()}
}

// follow reads what is new.
func (p *tape) follow() {
	p.t.Helper()
	for {
		var page struct{ Records []eventlog.Record }
		path := fmt.Sprintf("%srecords?after=%d&date=2026-04-01", officePath, p.day.Head().Number)
		status, raw := p.doors.once(context.Background(), p.door, "GET", path, p.token, "", nil)
		if status != 200 {
			p.t.Logf("records: %d %s", status, raw)
			return
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			p.t.Fatal(err)
		}
		for _, r := range page.Records {
			if err := p.day.Apply(r); err != nil {
				p.t.Fatal(err)
			}
		}
		if len(page.Records) == 0 {
			return
		}
	}
}

// audit compares what people hold with what the log says.
type audit struct {
	t     *testing.T
	house *house
	lobby *lobby

	records []eventlog.Record
	day     *day.Day
}

func (a *audit) run() {
	a.readRedis()
	a.sameEverywhere()
	for _, v := range invariant.CheckRecords(a.records) {
		a.t.Error(v)
	}
	a.everybodyIsThere()
	papers := a.paper()
	alone := a.alone(papers)
	behind := a.places()
	a.verify()
	count := map[queue.Status]int{}
	for _, t := range a.day.State().Tickets() {
		count[t.Status]++
	}
	a.t.Logf("%d tickets: %d answered with 201, %d on paper, of those %d given alone by a machine; %d waited behind one that came late; %d records; %v",
		len(a.day.State().Tickets()), len(a.lobby.answered), len(papers), alone, behind, len(a.records), count)
}

// readRedis replays the log as it stands in Redis.
func (a *audit) readRedis() {
	a.t.Helper()
	ctx := context.Background()
	store, err := server.OpenStore(ctx, server.StoreOptions{Redis: a.house.redis.URL()})
	if err != nil {
		a.t.Fatal(err)
	}
	defer store.Close()
	log, err := store.Open(stream)
	if err != nil {
		a.t.Fatal(err)
	}
	for {
		page, err := log.Read(ctx, int64(len(a.records)), 500)
		if err != nil {
			a.t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		a.records = append(a.records, page...)
	}
	if a.day, err = office.Verify(a.records); err != nil {
		a.t.Fatal(err)
	}
}

func (a *audit) sameEverywhere() {
	a.t.Helper()
	want := hash(a.t, a.day)
	for door := range a.house.servers {
		tape := newTape(a.house, door)
		eventually(a.t, "the server holds the whole day", func() bool {
			tape.follow()
			return tape.day.Head().Number >= a.day.Head().Number
		})
		if tape.day.Head() != a.day.Head() || hash(a.t, tape.day) != want {
			a.t.Errorf("server %d holds another day than Redis: head %v and %v", door, tape.day.Head(), a.day.Head())
		}
	}
}

func hash(t *testing.T, d *day.Day) eventlog.Hash {
	t.Helper()
	h, err := d.Hash()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// everybodyIsThere: as many tickets as people, each with a number of its own, and
// everybody who was answered with the number that he was told.
func (a *audit) everybodyIsThere() {
	tickets := a.day.State().Tickets()
	if len(tickets) != total() {
		a.t.Errorf("%d people came, the log has %d tickets", total(), len(tickets))
	}
	numbers := map[queue.Number]queue.TicketID{}
	for _, t := range tickets {
		if other, twice := numbers[t.Number]; twice {
			a.t.Errorf("%s and %s bear the number %s", other, t.ID, t.Number)
		}
		numbers[t.Number] = t.ID
	}
	for id, number := range a.lobby.answered {
		if t, ok := a.day.State().Ticket(queue.TicketID(id)); !ok || string(t.Number) != number {
			a.t.Errorf("%s was answered with %s, the log says %+v", id, number, t)
		}
	}
}

// paperName is what a machine calls its prints: date, number, ticket.
var paperName = regexp.MustCompile(`^2026-04-01-(.+)-(K[12]\.[0-9A-Za-z.]+-[0-9]{6})\.png$`)

// paper holds what was printed against the log and returns it by number.
func (a *audit) paper() map[queue.Number]*queue.Ticket {
	found := map[queue.Number]*queue.Ticket{}
	for _, m := range a.house.machines {
		files, err := filepath.Glob(filepath.Join(m.dir, "printed", "*.png"))
		if err != nil {
			a.t.Fatal(err)
		}
		for _, path := range files {
			part := paperName.FindStringSubmatch(filepath.Base(path))
			if part == nil {
				a.t.Errorf("a strange paper: %s", path)
				continue
			}
			number := queue.Number(part[1])
			text, err := os.ReadFile(strings.TrimSuffix(path, "png") + "txt")
			t, ok := a.day.State().Ticket(queue.TicketID(part[2]))
			if err != nil || !strings.Contains(string(text), part[1]) || !ok || t.Number != number || found[number] != nil {
				a.t.Errorf("the paper %s is not the only one of a ticket of the log: %+v", path, t)
			}
			found[number] = t
		}
	}
	if got := len(found) + len(a.lobby.answered); got != total() {
		a.t.Errorf("%d papers and %d answers for %d people", len(found), len(a.lobby.answered), total())
	}
	for _, p := range a.lobby.papers {
		if found[p.ticket.Number] == nil {
			a.t.Errorf("machine %s gave %s to somebody who got no paper", p.machine, p.ticket.Number)
		}
	}
	return found
}

// clockError bounds how wrong a machine's clock may be: it measures the server's
// by exchanges of up to a second of its timer, of which half is unknown.
const clockError = hurry/2*time.Second + step

// alone checks the numbers that a machine gave by itself, and counts them.
func (a *audit) alone(papers map[queue.Number]*queue.Ticket) int {
	n := 0
	last := map[queue.KioskID]time.Time{}
	for _, p := range a.lobby.papers {
		t := papers[p.ticket.Number]
		if t == nil {
			continue
		}
		if p.cut && !p.ticket.Offline {
			a.t.Errorf("%s: the machine was cut off and says that the server gave it", t.Number)
		}
		if !p.ticket.Offline {
			continue
		}
		n++
		// Renumbered is one of which the server heard as well, before or after.
		if !t.Has(queue.FlagOffline) && !t.Has(queue.FlagRenumbered) || !a.owns(p.machine, t) {
			a.t.Errorf("%s was given by %s alone: flags %v", t.Number, p.machine, t.Flags)
		}
		if t.IssuedAt.Before(p.before.Add(-clockError)) || t.IssuedAt.After(p.after.Add(clockError)) {
			a.t.Errorf("%s was pressed from %v to %v, the log says %v", t.Number, p.before, p.after, t.IssuedAt)
		}
		if t.IssuedAt.Before(last[p.machine]) {
			a.t.Errorf("%s was given at %v, after one of %v", t.Number, t.IssuedAt, last[p.machine])
		}
		last[p.machine] = t.IssuedAt
	}
	if n < 10 {
		a.t.Errorf("only %d numbers were given by machines alone", n)
	}
	return n
}

// owns reports whether a number is of a machine's own ranges, or its overflow.
func (a *audit) owns(id queue.KioskID, t *queue.Ticket) bool {
	if queue.OverflowCount(t.Number, queue.OverflowLabel(id, 0)) > 0 {
		return true
	}
	for _, series := range a.house.settings.Series {
		digits, ok := strings.CutPrefix(string(t.Number), string(series.ID))
		value, err := strconv.Atoi(digits)
		if ok && err == nil && series.Kiosks[id][0].Contains(value) {
			return true
		}
	}
	return false
}

// places replays the day and looks at every line in which a ticket arrives late:
// it must stand by its arrival. It counts the tickets that stood behind one.
func (a *audit) places() int {
	d, behind := day.New(), 0
	for _, r := range a.records {
		if err := d.Apply(r); err != nil {
			a.t.Fatal(err)
		}
		if !r.Fact {
			continue
		}
		for _, id := range issuedIn(a.t, r) {
			t, ok := d.State().Ticket(id)
			if !ok {
				a.t.Errorf("record %d brings %s, and there is none", r.Number, id)
				continue
			}
			line := d.State().Line(t.Line)
			place := slices.Index(line, t)
			if t.Status == queue.Waiting && place < 0 {
				a.t.Errorf("%s waits in no line", t.Number)
			}
			if !slices.IsSortedFunc(line, byArrival) {
				a.t.Errorf("record %d leaves line %v out of order", r.Number, t.Line)
			}
			if place >= 0 {
				behind += len(line) - 1 - place
			}
		}
	}
	return behind
}

func byArrival(x, y *queue.Ticket) int { return x.Arrival.Compare(y.Arrival) }

func issuedIn(t *testing.T, r eventlog.Record) []queue.TicketID {
	t.Helper()
	body, err := eventlog.DecodeBody(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	entry, err := day.Entry(body, r.Fact)
	if err != nil {
		t.Fatal(err)
	}
	var ids []queue.TicketID
	for _, e := range entry.Events {
		if issued, is := e.(queue.TicketIssued); is {
			ids = append(ids, issued.Ticket)
		}
	}
	return ids
}

// verify lets the operator's tool judge the Redis.
func (a *audit) verify() {
	a.t.Helper()
	out, err := tool(a.t, "machi", "verify", "--redis", a.house.redis.URL())
	if err != nil {
		a.t.Errorf("machi verify: %v\n%s", err, out)
	}
	want := fmt.Sprintf("records %d head %s state %s ok", len(a.records), a.day.Head().Hash, hash(a.t, a.day))
	line := slices.IndexFunc(strings.Split(out, "\n"), func(s string) bool { return strings.HasPrefix(s, stream+" ") })
	if line < 0 || !strings.Contains(out, want) {
		a.t.Errorf("machi verify says something else:\n%s", cmp.Diff(want, out))
	}
}
