package notify

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"machi/internal/ledger"
	"machi/internal/notify/outbox"
)

// maxAddress bounds an e-mail address (RFC 5321).
const maxAddress = 254

// checkMail returns an address as it is sent to, or "". Old addresses of Japanese
// carriers break the rules of dots before the @; quoted they pass.
func checkMail(text string) string {
	text = strings.TrimSpace(text)
	at := strings.LastIndexByte(text, '@')
	if at < 1 || len(text) > maxAddress || !utf8.ValidString(text) || strings.ContainsAny(text, " \t\r\n<>,;:\\\"()[]") {
		return ""
	}
	local, domain := text[:at], text[at+1:]
	if len(local) > 64 || !strings.Contains(strings.Trim(domain, "."), ".") || strings.Contains(domain, "..") {
		return ""
	}
	for _, c := range domain {
		if c < '-' || c > 'z' || c == '/' {
			return ""
		}
	}
	if strings.Contains(local, "..") || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") {
		local = `"` + local + `"`
	}
	parsed, err := mail.ParseAddress(local + "@" + domain)
	if err != nil || parsed.Name != "" {
		return ""
	}
	return local + "@" + strings.ToLower(domain)
}

// contact returns whom a request is for, and the text that its address is known by.
func (e *Engine) contact(r *Request) (c Contact, address string, err error) {
	if !slices.Contains(Langs, r.Lang) {
		r.Lang = Langs[0]
	}
	c = Contact{Secret: r.Secret, Lang: r.Lang}
	switch r.Channel {
	case Push:
		if r.Push == nil {
			return c, "", &FieldError{"push", "want the browser's subscription"}
		}
		if e.o.CheckPush != nil {
			if err := e.o.CheckPush(*r.Push); err != nil {
				return c, "", err
			}
		}
		r.Push.Expires = nil
		c.Push, address = r.Push, r.Push.Endpoint
	case Mail:
		if address = checkMail(r.Mail); address == "" {
			return c, "", &FieldError{"mail", "want one address such as taro@example.jp"}
		}
		c.Mail, r.Mail = address, address
	case Line:
		c.Code = newCode()
	}
	return c, address, nil
}

// Add takes a rule in. Of a request that was made before it returns the rule.
func (e *Engine) Add(ctx context.Context, r Request) (View, error) {
	if e.o.Senders[r.Channel] == nil {
		return View{}, ErrOff
	}
	if field := r.When.fault(); field != "" {
		return View{}, &FieldError{field, "want one of people (1 to 50), minutes (5 to 120), called or ready"}
	}
	c, address, err := e.contact(&r)
	if err != nil {
		return View{}, err
	}
	d, err := e.today(ctx)
	if err != nil {
		return View{}, err
	}
	if err := d.ready(ctx); err != nil {
		return View{}, err
	}
	id := ruleID(r)
	made := rule{Office: r.Office, Ticket: r.Ticket, Channel: r.Channel, When: r.When, Print: d.print(r)}
	if address != "" {
		made.Tag = d.ring.Tag(address, string(r.Channel))
	}
	err = d.box.Write(ctx, func() ([]event, error) { return d.decide(&id, made, c) })
	if err != nil {
		return View{}, err
	}
	i, ok := d.box.Get(id)
	if !ok {
		return View{}, ErrOver // the stream was lost this very moment
	}
	return d.view(i), nil
}

// ruleID makes the same id of the same request.
func ruleID(r Request) string {
	sum := sha256.Sum256([]byte(r.Ticket + "\x00" + r.Key))
	return hex.EncodeToString(sum[:12])
}

// print identifies what was asked for.
func (d *day) print(r Request) string {
	raw, err := json.Marshal(Request{Channel: r.Channel, When: r.When, Lang: r.Lang, Push: r.Push, Mail: r.Mail})
	if err != nil {
		return ""
	}
	return d.ring.Tag(string(raw), "print")
}

// decide answers a request on the newest rules. The id becomes that of an equal rule
// that there is already.
func (d *day) decide(id *string, made rule, c Contact) ([]event, error) {
	if i, ok := d.box.Get(*id); ok {
		if i.Data.Print != made.Print {
			return nil, ErrKeyReused
		}
		return nil, ledger.ErrDone
	}
	if made.Tag != "" && d.isStopped(made.Tag) {
		return nil, ErrAddress
	}
	all, pending, asked, same := d.count(made)
	switch {
	case same.ID != "" && same.Data.Print == made.Print:
		*id = same.ID
		return nil, ledger.ErrDone
	case all >= PerDay:
		return nil, ErrFull
	case pending >= PerTicket || asked >= 5*PerTicket:
		return nil, ErrTooMany
	case made.Tag != "" && d.tagged(made.Tag) >= PerAddress:
		return nil, ErrAddress
	}
	if made.Channel == Line {
		c = d.known(made, c)
		made.Code, made.Tag = "", d.ring.Tag(c.Line, string(Line))
		if c.Line == "" {
			made.Code, made.Tag = d.ring.Tag(c.Code, "code"), ""
		}
	}
	var err error
	if made.Sealed, err = d.seal(*id, c); err != nil {
		return nil, err
	}
	return []event{outbox.Add(*id, made)}, nil
}

// known takes the LINE user of another rule of the ticket, who has sent a code already.
func (d *day) known(made rule, c Contact) Contact {
	for _, i := range d.box.Items() {
		if i.Data.Ticket != made.Ticket || i.Data.Channel != Line || i.Data.Code != "" || i.State == outbox.Dropped {
			continue
		}
		if old, err := d.open(i); err == nil && old.Line != "" {
			c.Line, c.Code = old.Line, ""
		}
	}
	return c
}

// count counts all rules, those of a ticket that are pending, and all of that ticket,
// and finds one that is pending and equal.
func (d *day) count(made rule) (all, pending, asked int, same item) {
	for _, i := range d.box.Items() {
		all++
		if i.Data.Ticket != made.Ticket {
			continue
		}
		asked++
		if i.State.Final() {
			continue
		}
		pending++
		if i.Data.Print == made.Print {
			same = i
		}
	}
	return all, pending, asked, same
}

func (d *day) tagged(tag string) (n int) {
	for _, i := range d.box.Items() {
		if i.Data.Tag == tag {
			n++
		}
	}
	return n
}

// codeLetters are easy to read aloud and to type on a phone.
const codeLetters = "2346789ABCDEFGHJKMNPQRTUVWXY"

func newCode() string {
	raw := make([]byte, 6)
	_, _ = rand.Read(raw) // it never fails
	for i, b := range raw {
		raw[i] = codeLetters[int(b)%len(codeLetters)]
	}
	return string(raw)
}
