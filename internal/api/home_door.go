package api

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/rulebook"
)

// doorStep is how often the code at the door changes; doorSteps how many of the
// newest codes are taken, so that whoever has read one has time to press.
const (
	doorStep  = 30 * time.Second
	doorSteps = 4
)

// doorKey opens the screen at an office's door; it stands in the screen's address.
func (a *API) doorKey(id queue.OfficeID) string {
	return a.mark("door key/"+string(id), 2*deviceLetters)
}

// doorCode is the six digits that the screen at the door shows at a moment.
func (a *API) doorCode(id queue.OfficeID, at time.Time) string {
	return sixDigitsOf(a.deriveSecret("door code/" + string(id) + "/" + at.UTC().Truncate(doorStep).Format(time.RFC3339)))
}

// sheetCode is the code of the day on a sheet of paper at the door.
func (a *API) sheetCode(id queue.OfficeID, date queue.Date) string {
	return a.mark("door sheet/"+string(id)+"/"+string(date), deviceLetters)
}

func sixDigitsOf(secret string) string {
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64([]byte(hashSecret(secret))[:8])%1_000_000)
}

type (
	doorBody struct {
		Key string `json:"key,omitempty"`
	}
	doorAnswer struct {
		Code    string    `json:"code"`
		URL     string    `json:"url"` // to check in with this code
		Until   time.Time `json:"until"`
		Changes int       `json:"changes_in_ms"`
	}
)

// door tells the screen at the door the code of the moment. The screen proves itself
// with its key, which no address of a request ever holds.
func (a *API) door(c echo.Context) error {
	body, err := decode[doorBody](c, maxBody)
	if err != nil {
		return err
	}
	if _, err := a.ward.View(officeOf(c)); err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(body.Key), []byte(a.doorKey(officeOf(c)))) != 1 {
		return problem(codeDoorKey, "key") // of 128 bits: nobody guesses it, and a screen with an old one asks all day
	}
	// Codes change by the wall's clock: a hurried rehearsal would leave nobody time to press.
	now := a.wall()
	until := now.Truncate(doorStep).Add(doorStep)
	code := a.doorCode(officeOf(c), now)
	return answer(c, http.StatusOK, doorAnswer{
		Code: code, URL: a.publicURL + "/offices/" + string(officeOf(c)) + "/arrive?code=" + code, Until: until, Changes: int(until.Sub(now)/time.Millisecond) + 1,
	})
}

type arriveBody struct {
	Code   string `json:"code"`
	Secret string `json:"secret,omitempty"`
}

// arrive checks in the ticket of the asking device, or of a secret, of whoever has
// read the code at the door.
func (a *API) arrive(c echo.Context) error {
	body, err := decode[arriveBody](c, maxBody)
	if err != nil {
		return err
	}
	id, err := commandID(c.Request())
	if err != nil {
		return err
	}
	if !fromOurPages(c.Request()) {
		return problem(codeCrossSite, "Origin")
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return err
	}
	secret, t, err := a.arriving(c, view, body.Secret)
	if err != nil {
		return err
	}
	if err := a.atTheDoor(c, view.Date, t.ID, body.Code); err != nil {
		return err
	}
	result, err := a.ward.Do(c.Request().Context(), officeOf(c), office.Request{
		ID: id, Actor: queue.Actor{Role: queue.RoleHolder, ID: string(t.ID)}, Fingerprint: "arrive " + string(t.ID), Command: queue.CheckIn{Ticket: t.ID},
	})
	if err != nil {
		return err
	}
	out := homeTicket{Number: t.Number, State: t.Status, Secret: secret, StatusURL: a.publicURL + "/t/" + secret}
	if now, ok := result.View.State.Ticket(t.ID); ok {
		out.State, out.Away = now.Status, now.Away
	}
	return answer(c, status(result, http.StatusOK), out)
}

// arriving finds the ticket of a secret, or of the asking device where there is none.
func (a *API) arriving(c echo.Context, view office.View, secret string) (string, *queue.Ticket, error) {
	if wait := a.misses.blocked(c.RealIP(), a.wall()); secret != "" && wait > 0 {
		return "", nil, &Problem{Code: codeRateLimited, retryAfter: wait}
	}
	if mine := a.deviceTicket(view.State, deviceOf(c)); secret == "" && mine != nil {
		secret = mine.Secret
	}
	if secret == "" || len(secret) > maxSecret {
		return "", nil, problem(codeNoTicket, "")
	}
	s, t, ok := a.hub.TicketBySecret(hashSecret(secret))
	if !ok || s.View.Office != view.Office {
		a.misses.count(c.RealIP(), a.wall())
		return "", nil, problem(codeNoTicket, "secret")
	}
	return secret, t, nil
}

// The wrong codes that one ticket has. They are counted by the ticket and not by the
// address: an office's network, or a carrier's, is one address for everybody at the
// door, and many addresses are one guesser's.
const (
	doorTries  = 10
	doorWindow = 10 * time.Minute
)

// atTheDoor refuses who cannot have read the code at the door.
func (a *API) atTheDoor(c echo.Context, date queue.Date, ticket queue.TicketID, code string) error {
	guesser := "ticket " + string(officeOf(c)) + " " + string(ticket)
	if wait := a.doors.blocked(guesser, a.wall()); wait > 0 {
		return &Problem{Code: codeRateLimited, retryAfter: wait}
	}
	allowed := a.homeOf(officeOf(c))
	for n := range doorSteps {
		if allowed.Door && code == a.doorCode(officeOf(c), a.wall().Add(-time.Duration(n)*doorStep)) {
			return nil
		}
	}
	if allowed.Sheet && code == a.sheetCode(officeOf(c), date) {
		return nil
	}
	a.doors.count(guesser, a.wall())
	return problem(codeDoorCode, "code")
}

// homeTodayAnswer is what a manager wants to know of tickets from home.
type homeTodayAnswer struct {
	Office  queue.OfficeID `json:"office"`
	Allowed bool           `json:"allowed"` // by the catalogue
	Open    bool           `json:"open"`    // and not stopped
	Taken   int            `json:"taken"`
	Away    int            `json:"away"`    // not checked in yet
	Came    int            `json:"came"`    // checked in, or called by a person
	Lapsed  int            `json:"lapsed"`  // nobody came
	GivenUp int            `json:"gave_up"` // by their holders
	Others  int            `json:"others"`  // tickets of people who were there
	Door    string         `json:"door_url,omitempty"`
	Sheet   string         `json:"sheet_url,omitempty"`
}

func (a *API) homeToday(c echo.Context) error {
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return err
	}
	rule := view.State.Settings().Rule.Home
	out := homeTodayAnswer{Office: officeOf(c), Allowed: rule.On, Open: rule.Open()}
	for _, t := range view.State.Tickets() {
		out.count(t)
	}
	page := a.publicURL + "/offices/" + string(officeOf(c))
	if how := a.homeOf(officeOf(c)); how.Door {
		out.Door = page + "/door#" + a.doorKey(officeOf(c))
	}
	if a.homeOf(officeOf(c)).Sheet {
		out.Sheet = page + "/door?sheet=" + a.sheetCode(officeOf(c), view.Date)
	}
	return answer(c, http.StatusOK, out)
}

func (o *homeTodayAnswer) count(t *queue.Ticket) {
	switch {
	case t.Number == "":
	case t.Channel != queue.ChannelWeb:
		o.Others++
	default:
		o.Taken++
		switch {
		case t.Away:
			o.Away++
		case t.Status == queue.Expired && t.FirstCall.IsZero():
			o.Lapsed++
		case t.Status == queue.Withdrawn:
			o.GivenUp++
		default:
			o.Came++
		}
	}
}

type homeStateBody struct {
	Open   *bool  `json:"open"`
	Reason string `json:"reason,omitempty"`
}

// setHome stops tickets from home, or allows them again: a part of the office's rule,
// so that it holds on every server and stands in the rule's history.
func (a *API) setHome(c echo.Context) error {
	id, err := commandID(c.Request())
	if err != nil {
		return err
	}
	body, err := decode[homeStateBody](c, maxBody)
	switch {
	case err != nil:
		return err
	case body.Open == nil:
		return problem(string(queue.MissingField), "open")
	case a.rules == nil:
		return problem(codeNotFound, "path")
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return err
	}
	if !view.State.Settings().Rule.Home.On {
		return problem(string(queue.HomeOff), "")
	}
	rule, version, err := a.rules.Current(officeOf(c))
	if err != nil {
		return err
	}
	rule.HomeOff = !*body.Open
	ctx := c.Request().Context()
	if err := a.rules.Set(ctx, rulebook.Change{Office: officeOf(c), Command: string(id), By: actorOf(c).ID, Version: version, Rule: rule, Reason: body.Reason}); err != nil {
		return a.ruleProblem(c, err)
	}
	a.audit(c, AuditEntry{Action: ActHome, Target: string(officeOf(c)), Detail: body.Reason})
	if err := a.rules.Apply(ctx, officeOf(c)); err != nil {
		a.logger.Warn("a new rule is not yet in force", "office", officeOf(c), "error", err)
	}
	return a.homeToday(c)
}
