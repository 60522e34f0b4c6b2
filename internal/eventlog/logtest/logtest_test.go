package logtest_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"machi/internal/eventlog"
	"machi/internal/eventlog/logtest"
	"machi/internal/eventlog/memlog"
)

// plantedBug names the bug that a child of this test program builds into its store.
const plantedBug = "LOGTEST_PLANTED_BUG"

// TestSuite is a sound run in the test program itself and a failing one in its
// children.
func TestSuite(t *testing.T) {
	bug := os.Getenv(plantedBug)
	logtest.Run(t, func(*testing.T) logtest.Harness {
		inner := memlog.New()
		return logtest.Harness{
			Store:  buggy{inner, bug},
			Reopen: func(*testing.T) eventlog.Store { return reopened(inner, bug) },
			Second: func(*testing.T) eventlog.Store { return buggy{inner.Peer(), bug} },
		}
	})
}

func TestSuiteFindsPlantedBugs(t *testing.T) {
	for bug, found := range map[string]string{
		"no compare":          "a_head_that_is_not_the_log's_is_a_conflict",
		"compare number only": "a_head_that_is_not_the_log's_is_a_conflict",
		"no chain check":      "records_that_do_not_chain_are_refused",
		"first record only":   "a_batch_of_many_records_goes_in_at_once",
		"bodies trimmed":      "records_come_back_byte_for_byte_and_in_order",
		"page too long":       "read_gives_pages",
		"forgets at the end":  "records_survive_a_new_start",
		"any name":            "unusable_stream_names_are_refused",
		"streams not sorted":  "streams_are_listed",
		"context ignored":     "an_ended_context_appends_nothing",
		"works when closed":   "a_closed_store_fails",
		"wait gives up":       "wait_ends_with_its_context",
	} {
		t.Run(bug, func(t *testing.T) {
			child := exec.Command(os.Args[0], "-test.run", "^TestSuite$/^"+found+"$")
			child.Env = append(os.Environ(), plantedBug+"="+bug)
			out, err := child.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: TestSuite/"+found) {
				t.Errorf("the suite does not find it: %v\n%s", err, out)
			}
		})
	}
}

func reopened(inner *memlog.Store, bug string) eventlog.Store {
	if bug == "forgets at the end" {
		for _, name := range must(inner.Streams(context.Background())) {
			inner.LoseTail(name, 1)
		}
	}
	return buggy{inner.Peer(), bug}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// buggy is a sound store with one bug.
type buggy struct {
	*memlog.Store
	bug string
}

func (b buggy) Open(stream string) (eventlog.Log, error) {
	if b.bug == "any name" && eventlog.CheckStream(stream) != nil {
		stream = "x"
	}
	log, err := b.Store.Open(stream)
	return buggyLog{log, b, stream}, err
}

func (b buggy) Streams(ctx context.Context) ([]string, error) {
	names, err := b.Store.Streams(ctx)
	if b.bug == "streams not sorted" {
		slices.Reverse(names)
	}
	return names, err
}

func (b buggy) Close() error {
	if b.bug == "works when closed" {
		return nil
	}
	return b.Store.Close()
}

type buggyLog struct {
	eventlog.Log
	store  buggy
	stream string
}

func (l buggyLog) Append(ctx context.Context, after eventlog.Head, records []eventlog.Record) error {
	if len(records) == 0 {
		return l.Log.Append(ctx, after, records)
	}
	switch l.store.bug {
	case "no compare":
		after, records = l.onto(records)
	case "compare number only":
		if must(l.Head(ctx)).Number == after.Number {
			after, records = l.onto(records)
		}
	case "no chain check":
		_, records = l.onto(records)
	case "first record only":
		records = records[:1]
	case "bodies trimmed":
		for i := range records {
			records[i].Body = []byte(strings.TrimSpace(strings.ToValidUTF8(string(records[i].Body), "")))
		}
		_, records = l.onto(records)
	case "context ignored":
		ctx = context.WithoutCancel(ctx)
	}
	return l.Log.Append(ctx, after, records)
}

// onto makes records follow the log's head, whatever they followed before.
func (l buggyLog) onto(records []eventlog.Record) (eventlog.Head, []eventlog.Record) {
	start := must(l.Log.Head(context.Background()))
	out, head := slices.Clone(records), start
	for i, r := range records {
		out[i] = logtest.Next(head, r.Body)
		head = out[i].Head()
	}
	return start, out
}

func (l buggyLog) Read(ctx context.Context, after int64, limit int) ([]eventlog.Record, error) {
	if l.store.bug == "page too long" && limit < 10 {
		limit++
	}
	return l.Log.Read(ctx, after, limit)
}

func (l buggyLog) Wait(ctx context.Context, after int64) error {
	if l.store.bug == "wait gives up" {
		return os.ErrClosed
	}
	return l.Log.Wait(ctx, after)
}
