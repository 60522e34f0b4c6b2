package api

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/signs"
)

// The acts of playlists.
const (
	ActMedia = "media.put"
	ActSign  = "sign." // a move of an item follows: write, submit, approve, refuse, end, rule
)

func (a *API) signRoutes() []route {
	return append([]route{
		{"POST", base + "/media", managers, a.putMedia},
		{"GET", base + "/signs", managers, a.listSigns},
		{"POST", base + "/signs", managers, a.writeSign},
		{"PUT", base + "/signs/:sign", managers, a.rewriteSign},
		{"POST", base + "/signs/:sign/:move", managers, a.moveSign},
		{"PUT", base + "/signs-rule", managers, a.setSignRule},
	}, a.screenRoutes()...)
}

// person says who acts, as approvals tell people apart: by account, or by token.
func person(c echo.Context) signs.Person {
	id := identityOf(c)
	key := "token:" + id.ID
	if id.Account != "" {
		key = "account:" + id.Account
	}
	return signs.Person{ID: key, Name: actorOf(c).ID}
}

// signAct reads the key of a command and says who acts.
func (a *API) signAct(c echo.Context) (signs.Act, error) {
	if a.signs == nil {
		return signs.Act{}, problem(codeNotFound, "path")
	}
	key, err := commandID(c.Request())
	return signs.Act{Command: string(key), By: person(c), ID: a.shortID()}, err
}

// shortID returns an id that is not a secret, such as "k3j9x2m4qa".
func (a *API) shortID() string {
	const letters = "abcdefghijkmnpqrstuvwxyz23456789"
	random := a.random()
	id := make([]byte, 10)
	for i := range id {
		id[i] = letters[int(random[i])%len(letters)]
	}
	return string(id)
}

// maySign reports whether the asker manages an office; an empty one stands for all.
func (a *API) maySign(c echo.Context, id queue.OfficeID) error {
	if id != "" && !slices.Contains(a.listOffices(), id) {
		return problem(codeUnknownOffice, "office")
	}
	if !identityOf(c).Has(RoleManager, id) {
		return problemf(codeForbidden, "office", "manager of it needed")
	}
	return nil
}

// signProblem turns what a book refuses into a problem.
func signProblem(err error) error {
	var fault *signs.Fault
	switch {
	case errors.As(err, &fault):
		return problemf(codeBadValue, fault.Field, "%s", fault.Text)
	case errors.Is(err, signs.ErrUnknown), errors.Is(err, signs.ErrNoMedia):
		return problem(codeNotFound, "path")
	case errors.Is(err, signs.ErrVersion):
		return problem(codeSignChanged, "version")
	case errors.Is(err, signs.ErrState):
		return problem(codeSignState, "state")
	case errors.Is(err, signs.ErrOwn):
		return problem(codeOwnSign, "session")
	case errors.Is(err, signs.ErrFull):
		return problem(codeSignsFull, "signs")
	}
	return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second, Err: err}
}

// putMedia keeps a picture or a video, as it is after its content was checked. The
// same bytes sent again are the same media. One is looked at at a time.
func (a *API) putMedia(c echo.Context) error {
	if a.signs == nil {
		return problem(codeNotFound, "path")
	}
	raw, err := io.ReadAll(io.LimitReader(c.Request().Body, signs.MaxVideo+1))
	switch {
	case err != nil:
		return problem(codeBadValue, "body")
	case len(raw) > signs.MaxVideo:
		return problemf(codeBodyTooLarge, "body", "at most %d bytes", signs.MaxVideo)
	}
	select {
	case a.digests <- struct{}{}:
		defer func() { <-a.digests }()
	case <-c.Request().Context().Done():
		return problem(codeBadValue, "body")
	}
	m, kept, err := signs.Digest(raw)
	if err != nil {
		return signProblem(err)
	}
	total := int64(len(kept))
	for hash, size := range a.signs.Book.Media() {
		if hash != m.Hash {
			total += size
		}
	}
	if total > signs.MaxShelf {
		return problem(codeSignsFull, "body")
	}
	if err := a.signs.Shelf.Put(c.Request().Context(), m.Hash, kept); err != nil {
		return signProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActMedia, Target: m.Hash, Detail: m.Type})
	return answer(c, http.StatusCreated, m)
}

// signsAnswer lists the items that the asker may see, and what may be done.
type signsAnswer struct {
	Items []signs.Item `json:"items"`
	Rule  signs.Rule   `json:"rule"`
	You   string       `json:"you"` // as the items name the asker
}

func (a *API) listSigns(c echo.Context) error {
	if a.signs == nil {
		return problem(codeNotFound, "path")
	}
	out := signsAnswer{Items: []signs.Item{}, Rule: a.signs.Book.Rule(), You: person(c).ID}
	for _, i := range a.signs.Book.Items() {
		wanted := queue.OfficeID(c.QueryParam("office"))
		if wanted != "" && i.Office != "" && i.Office != wanted {
			continue
		}
		// What all offices show is seen by the managers of each.
		if i.Office == "" || identityOf(c).Has(RoleManager, i.Office) {
			out.Items = append(out.Items, i)
		}
	}
	return answer(c, http.StatusOK, out)
}

type signFields struct {
	Office   queue.OfficeID    `json:"office,omitempty"`
	Kind     signs.Kind        `json:"kind"`
	Title    map[string]string `json:"title"`
	Body     map[string]string `json:"body,omitempty"`
	Sponsor  string            `json:"sponsor,omitempty"`
	Media    *signs.Media      `json:"media,omitempty"`
	Schedule signs.Schedule    `json:"schedule"`
	Version  int               `json:"version,omitempty"`
}

func (f signFields) content() signs.Content {
	return signs.Content{Office: f.Office, Kind: f.Kind, Title: f.Title, Body: f.Body, Sponsor: f.Sponsor, Media: f.Media, Schedule: f.Schedule}
}

// content reads an item. Of its media only the hash is believed.
func (a *API) content(c echo.Context) (signs.Content, int, error) {
	f, err := decode[signFields](c, maxBody)
	if err != nil {
		return signs.Content{}, 0, err
	}
	content := f.content()
	if err := a.maySign(c, content.Office); err != nil {
		return content, 0, err
	}
	if content.Media != nil {
		m, err := a.signs.Shelf.Media(c.Request().Context(), content.Media.Hash)
		if err != nil {
			return content, 0, problem(codeBadValue, "media")
		}
		content.Media = &m
	}
	return content, f.Version, nil
}

func (a *API) writeSign(c echo.Context) error {
	act, err := a.signAct(c)
	if err != nil {
		return err
	}
	content, _, err := a.content(c)
	if err != nil {
		return err
	}
	item, err := a.signs.Book.Write(c.Request().Context(), act, content)
	return a.answerSign(c, http.StatusCreated, "write", item, err)
}

func (a *API) rewriteSign(c echo.Context) error {
	act, err := a.signAct(c)
	if err != nil {
		return err
	}
	content, version, err := a.content(c)
	if err != nil {
		return err
	}
	item, err := a.signs.Book.Rewrite(c.Request().Context(), act, c.Param("sign"), version, content)
	return a.answerSign(c, http.StatusOK, "write", item, err)
}

type moveBody struct {
	Version int    `json:"version"`
	Reason  string `json:"reason,omitempty"`
}

// moveSign takes an item a step further: submit, approve, refuse or end.
func (a *API) moveSign(c echo.Context) error {
	act, err := a.signAct(c)
	if err != nil {
		return err
	}
	body, err := decode[moveBody](c, maxBody)
	if err != nil {
		return err
	}
	move := signs.Move(c.Param("move"))
	if !slices.Contains([]signs.Move{signs.Submit, signs.Approve, signs.Refuse, signs.End}, move) {
		return problem(codeNotFound, "path")
	}
	item, ok := a.signs.Book.Item(c.Param("sign"))
	if !ok {
		return problem(codeNotFound, "path")
	}
	if err := a.maySign(c, item.Office); err != nil {
		return err
	}
	if move == signs.Approve && identityOf(c).Account == "" {
		return problem(codePersonNeeded, "session")
	}
	item, err = a.signs.Book.Move(c.Request().Context(), act, item.ID, body.Version, move, strings.TrimSpace(body.Reason))
	return a.answerSign(c, http.StatusOK, string(move), item, err)
}

// answerSign notes what became of an act on an item, and answers with the item.
func (a *API) answerSign(c echo.Context, status int, what string, item signs.Item, err error) error {
	e := AuditEntry{Action: ActSign + what, Office: item.Office, Target: item.ID, Detail: item.Title["ja"]}
	if err != nil {
		err = signProblem(err)
		e.Target, e.Result = c.Param("sign"), problemOf(err).Code
	}
	a.audit(c, e)
	if err != nil {
		return err
	}
	return answer(c, status, item)
}

// setSignRule says whether a text of one office needs a second person as well.
func (a *API) setSignRule(c echo.Context) error {
	act, err := a.signAct(c)
	if err != nil {
		return err
	}
	rule, err := decode[signs.Rule](c, maxBody)
	if err != nil {
		return err
	}
	if err := a.maySign(c, ""); err != nil {
		return err
	}
	if err := a.signs.Book.SetRule(c.Request().Context(), act, rule); err != nil {
		return signProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActSign + "rule"})
	return answer(c, http.StatusOK, a.signs.Book.Rule())
}
