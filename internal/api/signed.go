package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/auth"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/signature"
)

// The problem codes of machines that sign. A machine goes on alone with all of
// them; device_revoked and store_copied also close it.
const (
	codeBadSignature   = "bad_signature"
	codeClockSkew      = "clock_skew"
	codeReplayed       = "replayed"
	codeDeviceUnknown  = "device_unknown"
	codeDeviceRevoked  = "device_revoked"
	codeStoreCopied    = "store_copied"
	codeWrongCode      = "wrong_code"
	codeTooManyCodes   = "too_many_codes"
	codeBadPIN         = "bad_pin"
	codeNothingToEnd   = "nothing_to_revoke"
	codeDevicesMissing = "no_devices"
)

// deviceMeanings are the answers to machines that enrol and sign.
var deviceMeanings = map[string]meaning{
	codeBadSignature:   {http.StatusUnauthorized, "署名が正しくありません", "The signature does not hold"},
	codeClockSkew:      {http.StatusUnauthorized, "発券機の時計がずれています", "Signed at another time than the server's now; see Machi-Time"},
	codeReplayed:       {http.StatusUnauthorized, "同じ署名はもう使われました", "The signed request was heard before"},
	codeDeviceUnknown:  {http.StatusUnauthorized, "この発券機は登録されていません", "No machine has this key"},
	codeDeviceRevoked:  {http.StatusForbidden, "この発券機の登録は取り消されました", "The machine's key was revoked"},
	codeStoreCopied:    {http.StatusForbidden, "発券機の複製が見つかったため止めています", "There are two of this machine; a manager must admit it anew"},
	codeWrongCode:      {http.StatusForbidden, "登録コードが正しくないか、期限が切れています", "The code is wrong, used or expired"},
	codeTooManyCodes:   {http.StatusTooManyRequests, "有効な登録コードが多すぎます", "Too many codes are open"},
	codeBadPIN:         {http.StatusUnprocessableEntity, "暗証番号は4〜8けたの数字にしてください", "A PIN is 4 to 8 digits"},
	codeNothingToEnd:   {http.StatusNotFound, "この発券機に有効な登録はありません", "Nothing opens for this machine"},
	codeDevicesMissing: {http.StatusNotFound, "このサーバーは発券機を登録しません", "This server enrols no machines"},
}

// Devices are the ticket machines that have keys of their own.
type Devices interface {
	NewCode(ctx context.Context, office queue.OfficeID, kiosk queue.KioskID, by string) (code string, expires time.Time, err error)
	OpenCode(office queue.OfficeID, kiosk queue.KioskID) time.Time
	Enrol(ctx context.Context, e auth.Enrolment) (auth.Device, error)
	Device(ctx context.Context, keyID string) (auth.Device, error)
	Devices(office queue.OfficeID) []auth.Device
	Start(ctx context.Context, s auth.Start) error
	Bar(ctx context.Context, keyID, why string) error
	EndKiosk(ctx context.Context, office queue.OfficeID, kiosk queue.KioskID) error
	SetPIN(ctx context.Context, office queue.OfficeID, hash string) error
	PIN(office queue.OfficeID) string
}

// signed finds out which machine signed a request. The cheap checks come first: the
// body is read only for a machine that is known, and a nonce is remembered only
// when everything holds.
func (a *API) signed(r *http.Request) (Identity, error) {
	if len(r.Header.Values(echo.HeaderAuthorization)) > 0 {
		return Identity{}, problemf(codeBadSignature, echo.HeaderAuthorization, "a request is signed or bears a token, not both")
	}
	claim, err := signature.Parse(r)
	if err != nil {
		return Identity{}, problem(codeBadSignature, signature.HeaderInput)
	}
	if a.devices == nil {
		return Identity{}, problem(codeDeviceUnknown, signature.HeaderInput)
	}
	d, known := a.devices.Device(r.Context(), claim.KeyID)
	if d.KeyID == "" {
		return Identity{}, deviceProblem(known)
	}
	if err := claim.VerifyHead(d.Key); err != nil {
		return Identity{}, problem(codeBadSignature, signature.HeaderSignature)
	}
	if err := a.nonces.Timely(claim, a.wall()); err != nil {
		return Identity{}, problem(codeClockSkew, signature.HeaderInput)
	}
	body, err := signedBody(r)
	if err != nil {
		return Identity{}, err
	}
	if err := claim.Verify(d.Key, body); err != nil {
		return Identity{}, problem(codeBadSignature, signature.HeaderDigest)
	}
	switch err := a.nonces.Use(claim, a.wall()); {
	case errors.Is(err, signature.ErrTooMany):
		return Identity{}, &Problem{Code: codeRateLimited, retryAfter: signature.Window}
	case errors.Is(err, signature.ErrReplayed):
		return Identity{}, problem(codeReplayed, signature.HeaderInput)
	case err != nil:
		return Identity{}, problem(codeClockSkew, signature.HeaderInput)
	}
	if known != nil { // only the machine itself is told what became of it
		return Identity{}, deviceProblem(known)
	}
	return Identity{ID: d.KeyID, Name: string(d.Kiosk), Role: RoleKiosk, Office: d.Office, Kiosk: d.Kiosk, Device: true}, nil
}

// signedBody reads a body and puts it back.
func signedBody(r *http.Request) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxPush+1))
	switch {
	case err != nil:
		return nil, problem(codeBadJSON, "body")
	case len(raw) > maxPush:
		return nil, problemf(codeBodyTooLarge, "body", "at most %d bytes", maxPush)
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	return raw, nil
}

// deviceProblem says what the keeper of machines has against one.
func deviceProblem(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, auth.ErrDeviceUnknown):
		return problem(codeDeviceUnknown, signature.HeaderInput)
	case errors.Is(err, auth.ErrDeviceRevoked):
		return problem(codeDeviceRevoked, signature.HeaderInput)
	case errors.Is(err, auth.ErrCopied):
		return problem(codeStoreCopied, "store")
	case errors.Is(err, auth.ErrTooOften):
		return &Problem{Code: codeRateLimited, Field: "start", retryAfter: 10 * time.Minute}
	case errors.Is(err, auth.ErrBadGrant):
		return problem(codeBadValue, "body")
	case errors.Is(err, auth.ErrUnknown):
		return problem(codeNothingToEnd, "kiosk")
	case errors.Is(err, auth.ErrCode):
		return problem(codeWrongCode, "code")
	case errors.Is(err, auth.ErrTooManyCodes):
		return &Problem{Code: codeTooManyCodes, retryAfter: time.Minute}
	}
	return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second, Err: err}
}

// tellTime lets a machine with a wrong clock sign by the server's.
func (a *API) tellTime(c echo.Context) {
	if signature.Signed(c.Request()) {
		c.Response().Header().Set(signature.HeaderTime, a.wall().UTC().Format(time.RFC3339Nano))
	}
}

// barForked bars a machine whose store wrote two records with one number.
func (a *API) barForked(c echo.Context) {
	id := identityOf(c)
	if !id.Device || a.devices == nil {
		return
	}
	a.logger.Error("a ticket machine's store was copied", "office", id.Office, "kiosk", id.Kiosk, "key", id.ID, "found", auth.BarRecords)
	if err := a.devices.Bar(c.Request().Context(), id.ID, auth.BarRecords); err != nil {
		a.logger.Error("the machine was not barred", "key", id.ID, "error", err)
	}
}

// lookEvery is how often a long exchange asks whether its machine may still have it.
const lookEvery = 300 * time.Millisecond

// endWithDevice ends a wait when its machine's key is revoked or barred. It ends with
// the wait itself.
func (a *API) endWithDevice(ctx context.Context, cancel context.CancelFunc, id Identity) {
	if !id.Device {
		return
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if _, err := a.devices.Device(ctx, id.ID); errors.Is(err, auth.ErrDeviceRevoked) || errors.Is(err, auth.ErrCopied) {
				cancel()
				return
			}
		}
	}
}

// stillDevice reports what a machine has to hear that may have lost its key while
// its request waited.
func (a *API) stillDevice(c echo.Context) error {
	id := identityOf(c)
	if !id.Device {
		return nil
	}
	_, err := a.devices.Device(c.Request().Context(), id.ID)
	return deviceProblem(err)
}
