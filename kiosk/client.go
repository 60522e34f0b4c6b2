package kiosk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk/device"
)

const (
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 32 << 20
	// sendWithin bounds an exchange that no visitor waits for.
	sendWithin = 15 * time.Second
	// recordsAtOnce is how many records one pull asks for.
	recordsAtOnce = 500
)

// client speaks to the server.
type client struct {
	base  *url.URL
	kiosk queue.KioskID
	store string
	link  *device.Link // signs with the machine's key, or bears its token
	http  *http.Client

	askWithin time.Duration // for a number
	verdict   verdict
}

// newClient returns a client. A machine that is enrolled signs with its key, which
// lies in the data folder; another bears its token. What the server thinks of the
// key is told, as [device.LinkOptions] says.
func newClient(o Options, store string, told func(code string)) (*client, error) {
	base, err := url.Parse(o.Server)
	if err != nil {
		return nil, fmt.Errorf("kiosk: server: %w", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 4
	link := device.NewLink(device.LinkOptions{
		Dir: o.Dir, Token: o.Token, Server: base, Store: store, Base: transport, Told: told, Logger: o.Logger,
	})
	return &client{
		base: base.JoinPath("api/v1/offices", string(o.Office)), kiosk: o.Kiosk, store: store, link: link,
		http: &http.Client{Transport: link}, askWithin: o.AskWithin,
	}, nil
}

// objection is an answer that says no.
type objection struct {
	status int
	Code   string `json:"code"`
}

func (e *objection) Error() string { return "server: " + strconv.Itoa(e.status) + " " + e.Code }

// call makes one exchange. A status of 400 or more is an *objection.
func (c *client) call(ctx context.Context, method string, u *url.URL, key string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	var body io.Reader = http.NoBody
	if in != nil {
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	before := c.verdict.newest.Load()
	answer, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	return c.notice(u, before, read(answer, out))
}

func read(answer *http.Response, out any) error {
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return err
	}
	if answer.StatusCode >= http.StatusBadRequest {
		no := &objection{status: answer.StatusCode}
		_ = json.Unmarshal(raw, no) // without a code the status has to do
		return no
	}
	return json.Unmarshal(raw, out)
}

// ask asks for a number and returns what the agent is to hear.
func (c *client) ask(ctx context.Context, p replica.Press) replica.Input {
	ctx, cancel := context.WithTimeout(ctx, c.askWithin)
	defer cancel()
	body := map[string]any{
		"service": p.Service, "channel": queue.ChannelKiosk, "ticket": p.Ticket, "secret_hash": p.Secret,
	}
	if p.Desk {
		body["channel"] = queue.ChannelReception
	}
	if p.Language != "" {
		body["language"] = p.Language
	}
	if p.Priority {
		body["priority"] = true
	}
	if len(p.Further) > 0 {
		body["further"] = p.Further
	}
	q := p.Quote
	if q == nil {
		q = &queue.Quote{} // nothing was told: the server must not write down that it was
	}
	body["quote"] = map[string]int{
		"ahead": q.Ahead, "low_seconds": int(q.Low.Seconds()), "p50_seconds": int(q.P50.Seconds()), "high_seconds": int(q.High.Seconds()),
	}
	var out struct{ Number queue.Number }
	err := c.call(ctx, http.MethodPost, c.base.JoinPath("tickets"), string(p.Command), body, &out)
	return heard(p.Command, out.Number, err)
}

// heard turns an answer into an input. Only the domain's own no is a refusal that
// a visitor sees; everything else is silence, and silence has a remedy.
func heard(id queue.CommandID, n queue.Number, err error) replica.Input {
	var no *objection
	switch {
	case err == nil && n != "":
		return replica.ServerGave{Command: id, Number: n}
	case errors.As(err, &no) && refusals[queue.Code(no.Code)]:
		return replica.ServerDenied{Command: id, Code: no.Code}
	}
	return replica.ServerSilent{Command: id}
}

// refusals are what the domain may have against a ticket.
var refusals = map[queue.Code]bool{
	queue.ServiceNotOpen: true, queue.OfficeNotOpen: true, queue.OutsideHours: true, queue.OfficeFull: true,
	queue.UnknownService: true, queue.DayIsClosed: true,
}

// pull fetches records.
func (c *client) pull(ctx context.Context, o replica.PullRecords, now func() replica.Now) replica.PullDone {
	within := 3 * time.Second
	if o.Wait > 0 {
		within = o.Wait + 10*time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	u := c.base.JoinPath("records")
	u.RawQuery = url.Values{
		"after": {strconv.FormatInt(o.After, 10)}, "limit": {strconv.Itoa(recordsAtOnce)},
		"wait": {strconv.Itoa(int(o.Wait.Seconds()))}, "date": {string(o.Date)},
	}.Encode()
	var out struct {
		Records []eventlog.Record `json:"records"`
		Head    eventlog.Head     `json:"head"`
		Time    time.Time         `json:"time"`
	}
	done := replica.PullDone{Turn: o.Turn, Date: o.Date, Sent: now()}
	if err := c.call(ctx, http.MethodGet, u, "", nil, &out); err != nil {
		done.Failed = true
		return done
	}
	done.Records, done.Head, done.Got = out.Records, out.Head, now()
	if done.Got.Timer-done.Sent.Timer < time.Second {
		done.Server = out.Time // after a wait, half the round trip says nothing
	}
	return done
}

// bind, inquire and push make one exchange each.
func (c *client) bind(ctx context.Context, o replica.BindStore) replica.SendDone {
	var out struct{ Slot int }
	err := c.send(ctx, c.base.JoinPath("kiosks", string(c.kiosk), "bind"), map[string]string{"store": c.store}, &out)
	return failed(replica.SendDone{Turn: o.Turn, Bound: true, Slot: out.Slot}, err)
}

func (c *client) inquire(ctx context.Context, o replica.InquireCommands) replica.SendDone {
	body := map[string]any{"kiosk": c.kiosk, "store": c.store, "date": o.Date, "inquire": o.Commands}
	return c.commands(ctx, o.Turn, o.Date, body)
}

func (c *client) push(ctx context.Context, o replica.PushBodies) replica.SendDone {
	body := map[string]any{"kiosk": c.kiosk, "store": c.store, "date": o.Date, "bodies": o.Bodies}
	return c.commands(ctx, o.Turn, o.Date, body)
}

func (c *client) commands(ctx context.Context, turn int, date queue.Date, body any) replica.SendDone {
	var out struct{ Origin day.Origin }
	err := c.send(ctx, c.base.JoinPath("commands"), body, &out)
	return failed(replica.SendDone{Turn: turn, Date: date, Origin: out.Origin}, err)
}

func (c *client) send(ctx context.Context, u *url.URL, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	return c.call(ctx, http.MethodPost, u, randomHex(16), in, out)
}

// plan fetches the plan as it stands.
func (c *client) plan(ctx context.Context) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	var raw json.RawMessage
	err := c.call(ctx, http.MethodGet, c.base.JoinPath("kiosks", string(c.kiosk), "plan"), "", nil, &raw)
	return raw, err
}

// failed marks a send that came to nothing. A server that is out of breath says
// so with a status of 500 or more: that is no objection.
func failed(done replica.SendDone, err error) replica.SendDone {
	if err == nil {
		return done
	}
	done.Failed = true
	var no *objection
	if errors.As(err, &no) && no.status < http.StatusInternalServerError {
		done.Code = no.Code
	}
	return done
}
