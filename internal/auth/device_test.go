package auth_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"machi/internal/auth"
	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
)

// keyOf returns a machine's key, always the same for a seed.
func keyOf(seed byte) ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
}

// clocked opens a keeper on a clock that the test sets.
func clocked(t *testing.T, log eventlog.Log) (*auth.Keeper, *atomic.Int64) {
	t.Helper()
	var seconds atomic.Int64
	k, err := auth.Open(t.Context(), log, func() time.Time { return noon.Add(time.Duration(seconds.Load()) * time.Second) })
	if err != nil {
		t.Fatal(err)
	}
	return k, &seconds
}

func newCode(t *testing.T, k *auth.Keeper) string {
	t.Helper()
	text, until, err := k.NewCode(t.Context(), "o", "K1", "tanaka")
	if err != nil || len(text) != 8 || until.Sub(noon) < auth.CodeLife {
		t.Fatalf("code %q until %v, %v", text, until, err)
	}
	return text
}

func enrolled(t *testing.T, k *auth.Keeper, seed byte) auth.Device {
	t.Helper()
	d, err := k.Enrol(t.Context(), auth.Enrolment{Code: newCode(t, k), Key: keyOf(seed), Hardware: "hw"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// wrongFor returns a code that begins like another and is not it.
func wrongFor(code string) string {
	last := byte('0')
	if code[7] == '0' {
		last = '1'
	}
	return code[:7] + string(last)
}

func TestACodeLetsInOneMachineOnce(t *testing.T) {
	store, log := memory(t)
	k, clock := clocked(t, log)
	other := open(t, log) // another server
	code := newCode(t, k)
	for _, bad := range []string{"", "1", code + "0", "abcdefgh", code[:7] + "x", wrongFor(code)} {
		if _, err := other.Enrol(t.Context(), auth.Enrolment{Code: bad, Key: keyOf(1)}); !errors.Is(err, auth.ErrCode) {
			t.Errorf("code %q: %v", bad, err)
		}
	}
	first, err := other.Enrol(t.Context(), auth.Enrolment{Code: code, Key: keyOf(1), Hardware: "hw"})
	if err != nil || first.Office != "o" || first.Kiosk != "K1" || first.By != "tanaka" {
		t.Fatalf("enrolled %+v, %v", first, err)
	}
	before := len(store.Records(auth.Stream))
	again, err := k.Enrol(t.Context(), auth.Enrolment{Code: code, Key: keyOf(1), Hardware: "hw"})
	if err != nil || again.KeyID != first.KeyID || len(store.Records(auth.Stream)) != before {
		t.Errorf("asked again, as after a lost answer: %+v, %v", again, err)
	}
	if _, err := k.Enrol(t.Context(), auth.Enrolment{Code: code, Key: keyOf(2)}); !errors.Is(err, auth.ErrCode) {
		t.Errorf("a second machine with the code: %v", err)
	}
	if d, err := k.Device(t.Context(), first.KeyID); err != nil || !d.Active() {
		t.Errorf("the machine is %+v, %v", d, err)
	}
	late := newCode(t, k)
	clock.Add(int64(auth.CodeLife/time.Second) + 1)
	if _, err := k.Enrol(t.Context(), auth.Enrolment{Code: late, Key: keyOf(3)}); !errors.Is(err, auth.ErrCode) {
		t.Errorf("an expired code: %v", err)
	}
	for _, r := range store.Records(auth.Stream) {
		if strings.Contains(string(r.Body), code) || strings.Contains(string(r.Body), late) {
			t.Errorf("record %d holds a code", r.Number)
		}
	}
}

// TestGuessesAreCountedOnEveryServer: many at once on two servers get five tries in
// all, and the right code comes too late.
func TestGuessesAreCountedOnEveryServer(t *testing.T) {
	store, log := memory(t)
	servers := []*auth.Keeper{open(t, log), open(t, log)}
	code := newCode(t, servers[0])
	before := len(store.Records(auth.Stream))
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			_, err := servers[i%2].Enrol(t.Context(), auth.Enrolment{Code: wrongFor(code), Key: keyOf(byte(i))})
			if !errors.Is(err, auth.ErrCode) {
				t.Errorf("guess %d: %v", i, err)
			}
		})
	}
	group.Wait()
	if n := len(store.Records(auth.Stream)) - before; n != auth.CodeTries {
		t.Errorf("%d tries were taken, want %d", n, auth.CodeTries)
	}
	if _, err := servers[0].Enrol(t.Context(), auth.Enrolment{Code: code, Key: keyOf(99)}); !errors.Is(err, auth.ErrCode) {
		t.Errorf("the right code after that: %v", err)
	}
	if !servers[0].OpenCode("o", "K1").IsZero() {
		t.Error("the code counts as open")
	}
}

func TestANewEnrolmentReplacesTheMachine(t *testing.T) {
	_, log := memory(t)
	k := open(t, log)
	first := enrolled(t, k, 1)
	if err := k.Bar(t.Context(), first.KeyID, auth.BarRecords); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Device(t.Context(), first.KeyID); !errors.Is(err, auth.ErrCopied) {
		t.Errorf("barred: %v", err)
	}
	second := enrolled(t, k, 2)
	if _, err := k.Device(t.Context(), second.KeyID); err != nil {
		t.Errorf("the machine that was admitted anew: %v", err)
	}
	if _, err := k.Device(t.Context(), first.KeyID); !errors.Is(err, auth.ErrDeviceRevoked) {
		t.Errorf("its old key: %v", err)
	}
	if _, err := k.Enrol(t.Context(), auth.Enrolment{Code: newCode(t, k), Key: keyOf(1)}); !errors.Is(err, auth.ErrBadGrant) {
		t.Errorf("a key that was used before: %v", err)
	}
	token, _, err := k.Create(t.Context(), auth.Grant{Role: "kiosk", Office: "o", Kiosk: "K1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.EndKiosk(t.Context(), "o", "K1"); err != nil {
		t.Fatal(err)
	}
	after := open(t, log)
	if _, err := after.Device(t.Context(), second.KeyID); !errors.Is(err, auth.ErrDeviceRevoked) {
		t.Errorf("revoked: %v", err)
	}
	if _, err := after.Check(t.Context(), token); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("its token: %v", err)
	}
	if err := k.EndKiosk(t.Context(), "o", "K1"); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("revoked twice: %v", err)
	}
	if _, err := k.Device(t.Context(), "0000000000000000"); !errors.Is(err, auth.ErrDeviceUnknown) {
		t.Errorf("a key that nobody knows: %v", err)
	}
}

// disk is the chain of starts on a machine's disk.
type disk struct {
	number int64
	links  []string // the newest first
}

func (d disk) boot(chance string) disk {
	return disk{d.number + 1, append([]string{fmt.Sprintf("%d-%s", d.number+1, chance)}, d.links...)}
}

func (d disk) start(keyID, hardware string) auth.Start {
	return auth.Start{KeyID: keyID, Number: d.number, Hash: d.links[0], Recent: d.links[1:min(len(d.links), 65)], Hardware: hardware, Store: "st"}
}

func TestACopiedDiskIsFound(t *testing.T) {
	three := disk{}.boot("a").boot("a").boot("a")
	long := three
	for range 100 {
		long = long.boot("a")
	}
	first, firstLog := memory(t)
	d := enrolled(t, open(t, firstLog), 1)
	type told struct {
		disk     disk
		hardware string
		want     error
	}
	for name, row := range map[string][]told{
		"one machine, start by start":              {{three, "hw", nil}, {three.boot("b"), "hw", nil}, {three.boot("b").boot("c"), "hw", nil}},
		"starts that nobody heard of between":      {{three, "hw", nil}, {three.boot("b").boot("c").boot("d"), "hw", nil}},
		"a start told twice":                       {{three, "hw", nil}, {three, "hw", nil}},
		"a start that was overtaken":               {{three.boot("b"), "hw", nil}, {three, "hw", nil}},
		"a server that has forgotten for long":     {{three, "hw", nil}, {long, "hw", nil}},
		"a machine that cannot tell its hardware":  {{three, "hw", nil}, {three.boot("b"), "", nil}},
		"another machine":                          {{three, "hw", nil}, {three.boot("b"), "other", auth.ErrCopied}},
		"another machine, first of all":            {{three, "other", auth.ErrCopied}},
		"two from one state":                       {{three, "hw", nil}, {three.boot("b"), "hw", nil}, {three.boot("c"), "hw", auth.ErrCopied}},
		"two from one state, the second further":   {{three.boot("b"), "", nil}, {three.boot("c").boot("d"), "", auth.ErrCopied}},
		"two from one state, the second much more": {{three.boot("b").boot("b"), "", nil}, {three.boot("c").boot("d").boot("e").boot("f"), "", auth.ErrCopied}},
		"an old image of the disk":                 {{long, "hw", nil}, {three.boot("b"), "hw", auth.ErrCopied}},
		"an old image, told as it was":             {{three.boot("b"), "hw", nil}, {three.boot("c"), "hw", auth.ErrCopied}},
		"a chain that begins again":                {{three, "hw", nil}, {disk{}.boot("z"), "hw", auth.ErrCopied}},
	} {
		t.Run(name, func(t *testing.T) {
			store, log := memory(t)
			store.Replace(auth.Stream, first.Records(auth.Stream))
			k := open(t, log)
			for i, step := range row {
				if err := k.Start(t.Context(), step.disk.start(d.KeyID, step.hardware)); !errors.Is(err, step.want) {
					t.Fatalf("start %d: %v, want %v", i, err, step.want)
				}
			}
			want := row[len(row)-1].want
			if _, err := open(t, log).Device(t.Context(), d.KeyID); !errors.Is(err, want) {
				t.Errorf("on another server the machine is %v, want %v", err, want)
			}
		})
	}
}

// TestARestoredServerBarsNobody: its log is from before the newest starts.
func TestARestoredServerBarsNobody(t *testing.T) {
	store, log := memory(t)
	k := open(t, log)
	d := enrolled(t, k, 1)
	states := []disk{disk{}.boot("a")}
	for i := range 5 {
		states = append(states, states[i].boot("b"))
	}
	for _, s := range states[:3] {
		if err := k.Start(t.Context(), s.start(d.KeyID, "hw")); err != nil {
			t.Fatal(err)
		}
	}
	backup := store.Records(auth.Stream)
	for _, s := range states[3:] {
		if err := k.Start(t.Context(), s.start(d.KeyID, "hw")); err != nil {
			t.Fatal(err)
		}
	}
	restored := memlog.New()
	again, err := restored.Open(auth.Stream)
	if err != nil {
		t.Fatal(err)
	}
	restored.Replace(auth.Stream, backup)
	after := open(t, again)
	if err := after.Start(t.Context(), states[5].start(d.KeyID, "hw")); err != nil {
		t.Errorf("the machine goes on with its newest start: %v", err)
	}
	if err := after.Start(t.Context(), states[5].boot("c").start(d.KeyID, "hw")); err != nil {
		t.Errorf("and with the next: %v", err)
	}
}

// TestStartsDoNotFillTheLog: a machine that falls over and over is told to wait.
func TestStartsDoNotFillTheLog(t *testing.T) {
	store, log := memory(t)
	k, clock := clocked(t, log)
	d := enrolled(t, k, 1)
	at, refused := disk{}, 0
	before := len(store.Records(auth.Stream))
	for range 200 {
		at = at.boot("a")
		clock.Add(1)
		switch err := k.Start(t.Context(), at.start(d.KeyID, "hw")); {
		case errors.Is(err, auth.ErrTooOften):
			refused++
		case err != nil:
			t.Fatal(err)
		}
	}
	if n := len(store.Records(auth.Stream)) - before; n != 20 || refused != 180 {
		t.Errorf("%d starts are written down, %d refused", n, refused)
	}
	clock.Add(200 * 60)
	if err := k.Start(t.Context(), at.boot("b").start(d.KeyID, "hw")); err != nil {
		t.Errorf("hours later: %v", err)
	}
}

func TestBadStartsChangeNothing(t *testing.T) {
	store, log := memory(t)
	k := open(t, log)
	d := enrolled(t, k, 1)
	before := len(store.Records(auth.Stream))
	good := disk{}.boot("a").boot("b").start(d.KeyID, "hw")
	for name, change := range map[string]func(*auth.Start){
		"number zero":            func(s *auth.Start) { s.Number = 0 },
		"negative":               func(s *auth.Start) { s.Number = -1 },
		"no link":                func(s *auth.Start) { s.Hash = "" },
		"a long link":            func(s *auth.Start) { s.Hash = strings.Repeat("a", 65) },
		"more links than starts": func(s *auth.Start) { s.Recent = append(s.Recent, "x") },
		"an empty link":          func(s *auth.Start) { s.Recent = []string{""} },
		"too many links":         func(s *auth.Start) { s.Number, s.Recent = 1000, make([]string, 65) },
		"long hardware":          func(s *auth.Start) { s.Hardware = strings.Repeat("a", 81) },
	} {
		s := good
		s.Recent = append([]string{}, good.Recent...)
		change(&s)
		if err := k.Start(t.Context(), s); !errors.Is(err, auth.ErrBadGrant) {
			t.Errorf("%s: %v", name, err)
		}
	}
	good.KeyID = "0000000000000000"
	if err := k.Start(t.Context(), good); !errors.Is(err, auth.ErrDeviceUnknown) {
		t.Errorf("a stranger: %v", err)
	}
	if after := len(store.Records(auth.Stream)); after != before {
		t.Errorf("%d records were written", after-before)
	}
}

func TestPINsAreKeptByOffice(t *testing.T) {
	_, log := memory(t)
	k := open(t, log)
	if err := k.SetPIN(t.Context(), "o", "hash-1"); err != nil {
		t.Fatal(err)
	}
	if after := open(t, log); after.PIN("o") != "hash-1" || after.PIN("p") != "" {
		t.Errorf("PINs %q and %q", after.PIN("o"), after.PIN("p"))
	}
}

// TestTheKeyThatCountsIsTheLastOfItsMachine, also where the server that let it in
// has a clock behind the other's: who shows machines takes the last.
func TestTheKeyThatCountsIsTheLastOfItsMachine(t *testing.T) {
	_, log := memory(t)
	fast, seconds := clocked(t, log)
	slow, _ := clocked(t, log)
	seconds.Store(40)
	gone, counts := enrolled(t, fast, 1), enrolled(t, slow, 2)
	list := slow.Devices("o")
	if len(list) != 2 || list[1].KeyID != counts.KeyID || !list[1].Active() || list[0].KeyID != gone.KeyID || list[0].Active() {
		t.Errorf("machines %+v, want %s to be the last", list, counts.KeyID)
	}
}
