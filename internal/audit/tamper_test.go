package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"machi/internal/audit"
	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
)

// tampering changes a trail, of which it may keep nothing as it was.
type tampering func(r *rand.Rand, records []eventlog.Record) []eventlog.Record

var tamperings = map[string]tampering{
	"a changed letter": func(r *rand.Rand, list []eventlog.Record) []eventlog.Record {
		at := r.IntN(len(list))
		list[at].Body = bytes.Clone(list[at].Body)
		i := bytes.IndexByte(list[at].Body, 'w') // of "who", or of another name or text
		if i < 0 {
			i = r.IntN(len(list[at].Body))
		}
		list[at].Body[i] ^= 1
		return list
	},
	"another person": func(r *rand.Rand, list []eventlog.Record) []eventlog.Record {
		at := 1 + r.IntN(len(list)-1)
		list[at].Body = bytes.Replace(list[at].Body, []byte(`"who":"p`), []byte(`"who":"q`), 1)
		return list
	},
	"another moment": func(r *rand.Rand, list []eventlog.Record) []eventlog.Record {
		at := r.IntN(len(list))
		list[at].Body = bytes.Replace(list[at].Body, []byte(`T1`), []byte(`T0`), 1)
		return list
	},
	"one removed": func(r *rand.Rand, list []eventlog.Record) []eventlog.Record {
		at := r.IntN(len(list))
		return slices.Delete(list, at, at+1)
	},
	"some removed": func(r *rand.Rand, list []eventlog.Record) []eventlog.Record {
		from := r.IntN(len(list))
		return slices.Delete(list, from, min(len(list), from+1+r.IntN(5)))
	},
	"the end removed": func(r *rand.Rand, list []eventlog.Record) []eventlog.Record { return list[:r.IntN(len(list))] },
	"one inserted": func(r *rand.Rand, list []eventlog.Record) []eventlog.Record {
		return slices.Insert(list, r.IntN(len(list)+1), list[r.IntN(len(list))])
	},
	"one added": func(r *rand.Rand, list []eventlog.Record) []eventlog.Record {
		return append(list, list[r.IntN(len(list))])
	},
	"two swapped": func(r *rand.Rand, list []eventlog.Record) []eventlog.Record {
		i := r.IntN(len(list))
		j := (i + 1 + r.IntN(len(list)-1)) % len(list)
		list[i], list[j] = list[j], list[i]
		return list
	},
	"another life": func(r *rand.Rand, list []eventlog.Record) []eventlog.Record {
		for i := range list {
			list[i].Incarnation[0] ^= 1
		}
		return list
	},
}

// chained makes the chain whole again, as somebody would who knows how it is made.
func chained(list []eventlog.Record) []eventlog.Record {
	head := eventlog.Head{}
	for i := range list {
		list[i].Number, list[i].Prev = head.Number+1, head.Hash
		head = list[i].Head()
	}
	return list
}

// TestEveryTamperingIsFound changes, removes, inserts and swaps entries of one of
// three months 1,000 times, half of the time with a chain made anew behind it. What
// is added at the very end with a good chain is not found: anybody who may write may
// note something.
func TestEveryTamperingIsFound(t *testing.T) {
	store := memlog.New()
	b, c, path := book(t, store)
	for i := range 30 {
		note(t, b, audit.Entry{Who: fmt.Sprintf("p%d", i), Action: "account.add", Target: "somebody"})
		c.add(44 * time.Hour)
	}
	heads, err := audit.ReadHeads(path)
	if err != nil {
		t.Fatal(err)
	}
	if faults := verify(t, store, audit.Anchors{Heads: heads}); faults != nil {
		t.Fatal(faults)
	}
	streams, err := store.Streams(t.Context())
	if err != nil || len(streams) != 3 {
		t.Fatalf("streams %v, %v", streams, err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	names := make([]string, 0, len(tamperings))
	for name := range tamperings {
		names = append(names, name)
	}
	slices.Sort(names)
	done, missed := 0, map[string]int{}
	for i := 0; done < 1000; i++ {
		name, stream, again := names[i%len(names)], streams[r.IntN(3)], r.IntN(2) == 0
		good := store.Records(stream)
		bad := tamperings[name](r, slices.Clone(good))
		if again {
			bad = chained(bad)
		}
		if same(good, bad) || again && added(good, bad) && stream == streams[2] {
			continue
		}
		if faults := verify(t, tampered{store, stream, bad}, audit.Anchors{Heads: heads}); faults == nil {
			missed[fmt.Sprintf("%s, chained anew %v", name, again)]++
		}
		done++
	}
	for _, stream := range streams {
		if faults := verify(t, tampered{store, stream, nil}, audit.Anchors{Heads: heads}); faults == nil {
			missed["the month "+stream]++
		}
	}
	if len(missed) > 0 {
		t.Errorf("not found: %v", missed)
	}
}

// tampered is a store in which somebody has put other records into one stream.
type tampered struct {
	eventlog.Store
	stream  string
	records []eventlog.Record
}

func (s tampered) Streams(ctx context.Context) ([]string, error) {
	names, err := s.Store.Streams(ctx)
	return slices.DeleteFunc(names, func(name string) bool { return name == s.stream && len(s.records) == 0 }), err
}

func (s tampered) Open(stream string) (eventlog.Log, error) {
	log, err := s.Store.Open(stream)
	if stream == s.stream {
		log = tamperedLog{log, s.records}
	}
	return log, err
}

type tamperedLog struct {
	eventlog.Log
	records []eventlog.Record
}

func (l tamperedLog) Read(_ context.Context, after int64, limit int) ([]eventlog.Record, error) {
	rest := l.records[min(int(after), len(l.records)):]
	return rest[:min(limit, len(rest))], nil
}

func same(a, b []eventlog.Record) bool {
	return slices.EqualFunc(a, b, func(x, y eventlog.Record) bool { return x.Hash() == y.Hash() })
}

func added(good, bad []eventlog.Record) bool {
	return len(bad) > len(good) && same(good, bad[:len(good)])
}
