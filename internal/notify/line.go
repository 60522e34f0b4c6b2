package notify

import (
	"context"
	"strings"
	"sync"
	"time"

	"machi/internal/notify/outbox"
)

// Word is a text that somebody sent to the LINE account.
type Word struct {
	User, Text string
	Reply      string // token for one answer
}

// Line takes in what LINE posts: whoever sends a code is told about its ticket. It
// returns [ErrOff], [ErrSignature], or the errors of the store: then LINE posts again.
func (e *Engine) Line(ctx context.Context, signature string, body []byte) error {
	if e.o.Parse == nil {
		return ErrOff
	}
	words, err := e.o.Parse(signature, body)
	if err != nil {
		return err
	}
	for _, w := range words {
		if err := e.heard(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// codeTries bounds how many wrong codes a user may send in an hour.
const codeTries = 10

// heard takes one text in, and answers it. What is no code is a resident's remark, and
// not for a machine to answer.
func (e *Engine) heard(ctx context.Context, w Word) error {
	code := asCode(w.Text)
	if code == "" || w.User == "" || !e.tries.may(w.User, e.o.Wall()) {
		return nil
	}
	d, err := e.today(ctx)
	if err != nil {
		return err
	}
	lang, key, fill := Langs[0], "line.unknown", []string(nil)
	i, found := d.byCode(d.ring.Tag(code, "code"))
	if found {
		c, err := d.bind(ctx, i.ID, w.User)
		switch {
		case err == ErrAddress || err == ErrUnknown:
			found = false
		case err != nil:
			return err
		default:
			lang, key = c.Lang, "line.bound"
			if s, ok := e.o.Standing(i.Data.Office, i.Data.Ticket); ok {
				fill = []string{"{number}", string(s.Number)}
			}
		}
	}
	if !found {
		e.tries.count(w.User)
	}
	if e.o.Reply == nil {
		return nil
	}
	if err := e.o.Reply(ctx, w, say(lang, key, fill...)); err != nil {
		e.o.Logger.Debug("a LINE reply was not sent") // the token may be too old; the rule stands
	}
	return nil
}

// asCode returns the code that a text is: typed in any case and width.
func asCode(text string) string {
	code := strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～': // full width
			r -= '！' - '!'
		case r == '　':
			r = ' '
		}
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, text)
	code = strings.ToUpper(code)
	if len(code) != 6 || strings.Trim(code, codeLetters) != "" {
		return ""
	}
	return code
}

func (d *day) byCode(tag string) (item, bool) {
	if tag == "" {
		return item{}, false
	}
	for _, i := range d.box.Items() {
		if i.Data.Code == tag && !i.State.Final() {
			return i, true
		}
	}
	return item{}, false
}

// bind makes a LINE user the one whom a rule tells.
func (d *day) bind(ctx context.Context, id, user string) (c Contact, err error) {
	err = d.box.Write(ctx, func() ([]event, error) {
		i, ok := d.box.Get(id)
		if !ok || i.State.Final() || i.Data.Code == "" {
			return nil, ErrUnknown
		}
		var err error
		if c, err = d.open(i); err != nil {
			return nil, err
		}
		tag := d.ring.Tag(user, string(Line))
		if d.tagged(tag) >= PerAddress {
			return nil, ErrAddress
		}
		c.Line, c.Code = user, ""
		bound := i.Data
		bound.Code, bound.Tag = "", tag
		if bound.Sealed, err = d.seal(id, c); err != nil {
			return nil, err
		}
		return []event{outbox.Change(id, bound)}, nil
	})
	return c, err
}

// tally counts wrong codes by user, in memory and for an hour.
type tally struct {
	mu    sync.Mutex
	since time.Time
	n     map[string]int
}

func newTally() *tally { return &tally{n: map[string]int{}} }

func (t *tally) may(user string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.since) > time.Hour || len(t.n) > 10_000 {
		t.since, t.n = now, map[string]int{}
	}
	return t.n[user] < codeTries
}

func (t *tally) count(user string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n[user]++
}
