package api

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"regexp"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/auth"
	"machi/internal/pin"
	"machi/internal/queue"
)

// enrolsPerMinute bounds the wrong codes of one address.
const enrolsPerMinute = 10

type enrolBody struct {
	Code      string `json:"code"`
	PublicKey string `json:"public_key"`
	Hardware  string `json:"hardware,omitempty"`
	Store     string `json:"store,omitempty"`
}

type enrolAnswer struct {
	Office     queue.OfficeID `json:"office"`
	Kiosk      queue.KioskID  `json:"kiosk"`
	KeyID      string         `json:"key_id"`
	ServerTime time.Time      `json:"server_time"`
}

// hashText is what a machine may send for a hash.
var hashText = regexp.MustCompile(`^[0-9A-Za-z_-]{8,64}$`)

// enrol lets a machine in by its one-time code. Everybody may knock, so wrong codes
// are counted twice: for the code, on all servers, and for the address, here.
func (a *API) enrol(c echo.Context) error {
	now := a.wall()
	if wait := a.enrols.blocked(c.RealIP(), now); wait > 0 {
		return &Problem{Code: codeRateLimited, retryAfter: wait}
	}
	body, err := decode[enrolBody](c, maxBody)
	if err != nil {
		return err
	}
	key, err := base64.StdEncoding.Strict().DecodeString(body.PublicKey)
	switch {
	case body.Code == "":
		return problem(string(queue.MissingField), "code")
	case err != nil || len(key) != ed25519.PublicKeySize:
		return problemf(codeBadValue, "public_key", "want the 32 bytes of an Ed25519 key, in base64")
	case body.Hardware != "" && !hashText.MatchString(body.Hardware):
		return problem(codeBadValue, "hardware")
	case body.Store != "" && !isName(body.Store, maxStore):
		return problem(codeBadValue, "store")
	case a.devices == nil:
		return problem(codeDevicesMissing, "path")
	}
	d, err := a.devices.Enrol(c.Request().Context(), auth.Enrolment{Code: body.Code, Key: key, Hardware: body.Hardware})
	if errors.Is(err, auth.ErrCode) {
		a.enrols.count(c.RealIP(), now)
		a.audit(c, AuditEntry{Action: ActKioskEnrol, Who: c.RealIP(), Role: RoleKiosk, Result: problemOf(deviceProblem(err)).Code})
	}
	if err != nil {
		return deviceProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActKioskEnrol, Who: string(d.Kiosk), Role: RoleKiosk, Office: d.Office, Target: d.KeyID, Detail: "by=" + d.By})
	a.logger.Info("a ticket machine was enrolled", "office", d.Office, "kiosk", d.Kiosk, "key", d.KeyID, "by", d.By)
	return answer(c, http.StatusCreated, enrolAnswer{d.Office, d.Kiosk, d.KeyID, now.In(queue.JST)})
}

type codeAnswer struct {
	Code      string    `json:"code"`
	ExpiresAt time.Time `json:"expires_at"`
}

// enrolCode makes the one-time code of a machine that the catalogue knows.
func (a *API) enrolCode(c echo.Context) error {
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	kiosk, err := a.knownKiosk(c)
	if err != nil {
		return err
	}
	code, expires, err := a.devices.NewCode(c.Request().Context(), officeOf(c), kiosk, actorOf(c).ID)
	if err != nil {
		return deviceProblem(err)
	}
	return answer(c, http.StatusCreated, codeAnswer{code, expires.In(queue.JST)})
}

func (a *API) knownKiosk(c echo.Context) (queue.KioskID, error) {
	if a.devices == nil {
		return "", problem(codeDevicesMissing, "path")
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return "", err
	}
	settings, err := a.settings(view.Office, view.Date)
	if err != nil {
		return "", err
	}
	kiosk := queue.KioskID(c.Param("kiosk"))
	if _, ok := settings.Kiosk(kiosk); !ok {
		return "", problem(string(queue.UnknownKiosk), "kiosk")
	}
	return kiosk, nil
}

// endKiosk revokes everything that opens for a machine, also one that has left the
// catalogue.
func (a *API) endKiosk(c echo.Context) error {
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	if a.devices == nil {
		return problem(codeDevicesMissing, "path")
	}
	kiosk := queue.KioskID(c.Param("kiosk"))
	if err := a.devices.EndKiosk(c.Request().Context(), officeOf(c), kiosk); err != nil {
		return deviceProblem(err)
	}
	a.logger.Warn("a ticket machine was revoked", "office", officeOf(c), "kiosk", kiosk, "by", actorOf(c).ID)
	return answer(c, http.StatusOK, map[string]any{})
}

type startBody struct {
	Store    string   `json:"store"`
	Hardware string   `json:"hardware,omitempty"`
	Start    int64    `json:"start"`
	Hash     string   `json:"hash"`
	Previous string   `json:"previous,omitempty"`
	Recent   []string `json:"recent,omitempty"`
}

func (b startBody) check() error {
	switch {
	case !isName(b.Store, maxStore):
		return problem(codeBadValue, "store")
	case b.Hardware != "" && !hashText.MatchString(b.Hardware):
		return problem(codeBadValue, "hardware")
	case !hashText.MatchString(b.Hash):
		return problem(codeBadValue, "hash")
	case len(b.Recent) > 0 && b.Recent[0] != b.Previous || len(b.Recent) == 0 && b.Start > 1:
		return problemf(codeBadValue, "recent", "the newest of them is previous")
	}
	for _, h := range b.Recent {
		if !hashText.MatchString(h) {
			return problem(codeBadValue, "recent")
		}
	}
	return nil
}

// start takes the newest link of a machine's chain of starts, which finds a disk
// that was copied. Programs with a token have no chain; theirs is not looked at.
func (a *API) start(c echo.Context) error {
	id := identityOf(c)
	if err := id.isKiosk(queue.KioskID(c.Param("kiosk"))); err != nil {
		return err
	}
	body, err := decode[startBody](c, maxBody)
	if err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	if !id.Device {
		return answer(c, http.StatusOK, map[string]any{})
	}
	err = a.devices.Start(c.Request().Context(), auth.Start{
		KeyID: id.ID, Number: body.Start, Hash: body.Hash, Hardware: body.Hardware, Store: body.Store, Recent: body.Recent,
	})
	if errors.Is(err, auth.ErrCopied) {
		a.logger.Error("a ticket machine's store was copied", "office", id.Office, "kiosk", id.Kiosk, "key", id.ID, "found", "start")
	}
	if err != nil {
		return deviceProblem(err)
	}
	return answer(c, http.StatusOK, map[string]any{})
}

type pinBody struct {
	PIN string `json:"pin"`
}

// setPIN sets the PIN of the office's machines; the empty one takes it away.
func (a *API) setPIN(c echo.Context) error {
	body, err := decode[pinBody](c, maxBody)
	if err != nil {
		return err
	}
	if a.devices == nil {
		return problem(codeDevicesMissing, "path")
	}
	if _, err := a.ward.View(officeOf(c)); err != nil { // a PIN for nobody would be no error
		return err
	}
	hash := ""
	if body.PIN != "" {
		if err := pin.Check(body.PIN); err != nil {
			return problem(codeBadPIN, "pin")
		}
		hash = pin.Hash(body.PIN)
	}
	if err := a.devices.SetPIN(c.Request().Context(), officeOf(c), hash); err != nil {
		return deviceProblem(err)
	}
	a.logger.Info("the PIN of the ticket machines was set", "office", officeOf(c), "by", actorOf(c).ID)
	return answer(c, http.StatusOK, map[string]any{})
}

// kioskRow is a machine as managers see it.
type kioskRow struct {
	Kiosk      queue.KioskID `json:"kiosk"`
	State      string        `json:"state"` // none, active, barred, revoked
	KeyID      string        `json:"key_id,omitempty"`
	By         string        `json:"by,omitempty"`
	EnrolledAt *time.Time    `json:"enrolled_at,omitempty"`
	StartedAt  *time.Time    `json:"started_at,omitempty"`
	RevokedAt  *time.Time    `json:"revoked_at,omitempty"`
	Barred     string        `json:"barred,omitempty"`
	BarredAt   *time.Time    `json:"barred_at,omitempty"`
	CodeUntil  *time.Time    `json:"code_until,omitempty"`
}

// kiosks lists the machines of an office with their keys' fate: those of the
// catalogue, and those that have left it while a key still opens.
func (a *API) kiosks(c echo.Context) error {
	if a.devices == nil {
		return problem(codeDevicesMissing, "path")
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return err
	}
	settings, err := a.settings(view.Office, view.Date)
	if err != nil {
		return err
	}
	rows := []kioskRow{}
	at := map[queue.KioskID]int{}
	add := func(id queue.KioskID) *kioskRow {
		if _, ok := at[id]; !ok {
			at[id] = len(rows)
			rows = append(rows, kioskRow{Kiosk: id, State: "none", CodeUntil: moment(a.devices.OpenCode(view.Office, id))})
		}
		return &rows[at[id]]
	}
	for _, k := range settings.Kiosks {
		add(k.ID)
	}
	for _, d := range a.devices.Devices(view.Office) { // the newest last: it is what counts
		if _, known := at[d.Kiosk]; known || d.Revoked.IsZero() {
			add(d.Kiosk).fill(d)
		}
	}
	return answer(c, http.StatusOK, map[string]any{"kiosks": rows, "pin": a.devices.PIN(view.Office) != ""})
}

func (r *kioskRow) fill(d auth.Device) {
	r.State, r.KeyID, r.By, r.Barred = "active", d.KeyID, d.By, d.Barred
	r.EnrolledAt, r.StartedAt, r.RevokedAt, r.BarredAt = moment(d.Enrolled), moment(d.Started), moment(d.Revoked), moment(d.BarredAt)
	switch {
	case !d.Revoked.IsZero():
		r.State = "revoked"
	case d.Barred != "":
		r.State = "barred"
	}
}

// moment returns nil for no moment.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.In(queue.JST)
	return &t
}
