package kiosk

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
)

const (
	// scanFor is how long a scanned paper can be acted on.
	scanFor = 60 * time.Second
	// maxScans bounds the papers that are remembered at once.
	maxScans = 8
)

var (
	sixDigits = regexp.MustCompile(`^[0-9]{6}$`)
	// A status secret: 32 hexadecimal digits of a machine, or 26 of Crockford's base 32.
	ownSecret    = regexp.MustCompile(`(?:^|[^0-9a-zA-Z])([0-9a-fA-F]{32})(?:$|[^0-9a-zA-Z])`)
	serverSecret = regexp.MustCompile(`(?:^|[^0-9a-zA-Z])([0-9a-zA-Z]{26})(?:$|[^0-9a-zA-Z])`)
	crockford    = strings.NewReplacer("O", "0", "I", "1", "L", "1")
	separators   = strings.NewReplacer(" ", "", "-", "", "\u30fc", "", "\u2010", "", "\u2212", "", "\u2015", "")
)

// readScan finds what a scanner typed: a status secret or the six digits of a
// check-in; both are "" for anything else. Scanners type as a US keyboard: with a
// Japanese layout a colon of the address comes as a plus sign, with an input method
// letters come full width, with Caps Lock in the other case. The secret survives all
// of that, so the rest of the address is not looked at.
func readScan(text string) (secret, code string) {
	text = strings.Map(fold, text)
	if digits := separators.Replace(text); sixDigits.MatchString(digits) {
		return "", digits
	}
	if found := ownSecret.FindStringSubmatch(text); found != nil {
		return strings.ToLower(found[1]), ""
	}
	if found := serverSecret.FindAllStringSubmatch(text, -1); found != nil {
		return crockford.Replace(strings.ToUpper(found[len(found)-1][1])), ""
	}
	return "", ""
}

// fold makes full-width letters narrow and drops what nobody sees.
func fold(r rune) rune {
	switch {
	case r >= '\uff01' && r <= '\uff5e':
		return r - 0xfee0
	case r == '\u3000':
		return ' '
	case r < ' ' || r == '\u007f' || r == '\ufeff' || r >= '\u200b' && r <= '\u200f':
		return -1
	}
	return r
}

// Scanned is a paper, or a ticket from home, as its visitor may see it.
type Scanned struct {
	Handle  string              `json:"handle,omitempty"` // for one act, within a minute
	Kind    string              `json:"kind"`             // ticket or check_in
	Number  queue.Number        `json:"number"`
	Service queue.ServiceID     `json:"service"`
	State   queue.Status        `json:"state"`
	Ahead   int                 `json:"ahead"`
	Quote   *Quote              `json:"quote,omitempty"`
	Can     []queue.KioskAction `json:"can"`
	Own     bool                `json:"own"` // given by this machine
}

// scan is a paper that may be acted on. Its secret goes with it.
type scan struct {
	handle    string
	ticket    queue.TicketID
	statusURL string
	until     time.Duration // on the timer
	// tried is the act whose answer did not come, and attempt its command: once more is
	// the same command, not one more act.
	tried   queue.KioskAction
	attempt queue.CommandID
}

// scans are the newest papers, oldest first.
type scans struct {
	mu   sync.Mutex
	list []scan
}

func (s *scans) put(one scan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, one)
	if len(s.list) > maxScans {
		s.list = slices.Delete(s.list, 0, 1)
	}
}

// take hands a paper out for one act; who does not act puts it back.
func (s *scans) take(handle string, timer time.Duration) (scan, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.list, func(one scan) bool { return one.handle == handle && timer < one.until })
	if at < 0 {
		return scan{}, false
	}
	one := s.list[at]
	s.list = slices.Delete(s.list, at, at+1)
	return one, true
}

// forget drops the papers whose time is over.
func (s *scans) forget(timer time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = slices.DeleteFunc(s.list, func(one scan) bool { return timer >= one.until })
}

// errUnknownCode says that a code means no ticket of today here.
var errUnknownCode = errors.New("kiosk: unknown code")

// Scan finds the ticket of what a scanner typed. An error is errUnknownCode,
// errAlone, or a *[queue.Refusal].
func (k *Kiosk) Scan(ctx context.Context, text string) (Scanned, error) {
	secret, code := readScan(text)
	if secret == "" && code == "" {
		return Scanned{}, errUnknownCode
	}
	type found struct {
		scanned Scanned
		err     error
	}
	f, err := ask(ctx, k, func(context.Context) found {
		id, err := k.find(secret, code)
		if err != nil {
			return found{err: err}
		}
		out := k.scanned(id)
		one := scan{handle: randomHex(16), ticket: id, until: k.watch.now().Timer + scanFor}
		if secret != "" && k.o.StatusBase != "" {
			one.statusURL = k.o.StatusBase + secret
		}
		out.Handle = one.handle
		k.scans.put(one)
		return found{scanned: out}
	})
	return f.scanned, errors.Join(err, f.err)
}

// errAlone says that only the server could tell, and it does not answer.
var errAlone = errors.New("kiosk: alone")

// find looks in the machine's own copy of the day. The loop runs it.
func (k *Kiosk) find(secret, code string) (queue.TicketID, error) {
	today, _ := k.agent.Today(k.watch.now())
	state := today.State()
	missing := errUnknownCode
	if k.linkWord() == queue.LinkAlone {
		missing = errAlone
	}
	if code != "" {
		t, err := state.TicketByCheckInCode(code)
		var no *queue.Refusal
		switch {
		case errors.As(err, &no) && no.Code == queue.UnknownCode:
			return "", missing
		case err != nil:
			return "", err
		}
		return t.ID, nil
	}
	hash := hashOf(secret)
	for _, t := range state.Tickets() {
		if t.Secret == hash {
			return t.ID, nil
		}
	}
	if p, ok := k.own.bySecret(hash); ok {
		if p.Date == today.Date() {
			return p.Ticket, nil // the server's record of it has not come back yet
		}
		return "", errUnknownCode
	}
	return "", missing
}

// scanned says how a ticket stands. The loop runs it.
func (k *Kiosk) scanned(id queue.TicketID) Scanned {
	today, _ := k.agent.Today(k.watch.now())
	s := Scanned{Kind: "ticket", Own: k.gave(id), Quote: k.quoteOf(id), Can: []queue.KioskAction{}}
	t, ok := today.State().Ticket(id)
	if !ok {
		p, _ := k.own.get(id)
		t = &queue.Ticket{ID: id, Number: p.Number, Status: queue.Waiting, Line: queue.Line{Service: p.Service}}
	}
	s.Number, s.Service, s.State, s.Ahead = t.Number, t.Line.Service, t.Status, today.State().Ahead(t)
	if s.Quote != nil {
		s.Ahead = s.Quote.Ahead
	}
	switch {
	case t.Status.Final():
	case today.State().Awaited(t):
		s.Kind, s.Can = "check_in", append(s.Can, queue.ActCheckIn, queue.ActLeave)
	case t.Status == queue.Waiting:
		if t.MayAskLater() {
			s.Can = append(s.Can, queue.ActLater)
		}
		s.Can = append(s.Can, queue.ActLeave, queue.ActReprint)
	case t.Status == queue.Called:
		s.Can = append(s.Can, queue.ActReprint)
	}
	return s
}

// postScan answers what a paper is: 200 with a [Scanned], 404 unknown_code, 409
// code_ambiguous or already_here, 503 alone when only the server knows.
func (k *Kiosk) postScan(w http.ResponseWriter, r *http.Request) {
	in, ok := decode[struct {
		Text string `json:"text"`
	}](w, r)
	if !ok {
		return
	}
	out, err := k.Scan(r.Context(), in.Text)
	if err != nil {
		refuseFor(w, err)
		return
	}
	answer(w, http.StatusOK, out)
}

// postScanAct does what the visitor of a scanned paper wants: 200 with a [Scanned],
// or a [Ticket] after a reprint. 404 scan_over, 403 staff_needed for a copy of a
// paper that came out, and whatever the queue has against the act.
func (k *Kiosk) postScanAct(w http.ResponseWriter, r *http.Request) {
	in, ok := decode[struct {
		Handle  string            `json:"handle"`
		Action  queue.KioskAction `json:"action"`
		Session string            `json:"session"` // of staff, who may print any copy
	}](w, r)
	if !ok {
		return
	}
	paper, ok := k.scans.take(in.Handle, k.watch.now().Timer)
	switch {
	case !ok:
		refuse(w, http.StatusNotFound, "scan_over")
	case in.Action == queue.ActReprint:
		if !k.paperFailed(paper.ticket) && !k.signed.Use(in.Session) {
			k.scans.put(paper)
			refuse(w, http.StatusForbidden, "staff_needed")
			return
		}
		k.answerReprint(w, r, paper.ticket, paper.statusURL)
	case !slices.Contains([]queue.KioskAction{queue.ActCheckIn, queue.ActLater, queue.ActLeave}, in.Action):
		k.scans.put(paper)
		refuse(w, http.StatusBadRequest, string(queue.UnknownAction))
	default:
		k.actOnScan(w, r, paper, in.Action)
	}
}

func (k *Kiosk) actOnScan(w http.ResponseWriter, r *http.Request, paper scan, action queue.KioskAction) {
	if paper.tried != action {
		paper.tried, paper.attempt = action, newCommand()
	}
	// A browser that has gone must not leave an act half done.
	code, err := k.doOnce(context.WithoutCancel(r.Context()), paper.attempt, act{Action: action, Ticket: paper.ticket})
	if err != nil || code != "" {
		k.scans.put(paper)
		refuseAct(w, code, err)
		return
	}
	out, err := ask(r.Context(), k, func(context.Context) Scanned { return k.scanned(paper.ticket) })
	if err != nil {
		refuseFor(w, err)
		return
	}
	// The record may still be on its way back from the server.
	out.Kind, out.Can = "ticket", []queue.KioskAction{}
	if action == queue.ActLeave {
		out.State, out.Ahead, out.Quote = queue.Withdrawn, 0, nil
	}
	answer(w, http.StatusOK, out)
}

// paperFailed reports whether a ticket of this machine certainly has no paper.
func (k *Kiosk) paperFailed(id queue.TicketID) bool {
	p, ok := k.own.get(id)
	return ok && p.State == replica.Failed
}
