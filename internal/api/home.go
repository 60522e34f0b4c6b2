package api

import (
	"crypto/sha256"
	"math/bits"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/catalog"
	"machi/internal/estimate"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/quota"
)

// Codes of tickets from home beside those of the domain.
const (
	codeDoorCode  = "door_code_wrong"
	codeNoTicket  = "no_ticket_from_home"
	codeDoorKey   = "door_key_wrong"
	codeWorkWrong = "proof_wrong"
)

// homeMeanings are what they say.
var homeMeanings = map[string]meaning{
	codeDoorCode:  {http.StatusConflict, "番号がちがうか、古くなっています。入口の画面をもう一度見てください", "The code is wrong or too old; look at the screen at the door again"},
	codeNoTicket:  {http.StatusNotFound, "この端末でとった番号札が見つかりません", "No ticket was taken with this device today"},
	codeDoorKey:   {http.StatusForbidden, "画面の鍵が正しくありません", "The key of the screen is not valid"},
	codeWorkWrong: {http.StatusUnprocessableEntity, "確認の計算が正しくありません", "The proof of work is not valid"},
}

// ActHome is the act of stopping tickets from home, or of allowing them again.
const ActHome = "from_home.set"

func (a *API) homeRoutes() []route {
	at := base + "/offices/:office/"
	return []route{
		{"GET", at + "from-home", public, a.home},
		{"POST", at + "from-home", public, a.takeFromHome},
		{"POST", at + "arrive", public, a.arrive},
		{"POST", at + "door", public, a.door},
		{"GET", at + "from-home/today", managers, a.homeToday},
		{"POST", at + "from-home/state", managers, a.setHome},
	}
}

// DeviceCookie holds the random word of a device that took a ticket at home.
const DeviceCookie = "machi_device"

// deviceDays is how long a browser keeps it: the marks made of it last for one day.
const deviceDays = 24 * time.Hour

// workBits is how many zero bits a proof of work begins with: some thousand hashes,
// a moment for one person and a bill for a thousand bots.
const workBits = 12

// homeAnswer is what somebody at home may know before taking a ticket.
type homeAnswer struct {
	Office  queue.OfficeID `json:"office"`
	Name    board.Text     `json:"name"`
	Enabled bool           `json:"enabled"` // the office's rule allows it, and its manager has not stopped it
	// Why is the refusal's code while nobody could take one; empty: somebody can.
	Why      string        `json:"why,omitempty"`
	Message  string        `json:"message,omitempty"` // what staff say about a stop
	Left     int           `json:"left"`              // in these ten minutes
	Opens    *time.Time    `json:"opens_again"`       // with Why: when to ask again; null: not today, or nobody knows
	Rules    homeRules     `json:"rules"`
	Services []homeService `json:"services"`
	Work     homeWork      `json:"proof"`
	Mine     *homeTicket   `json:"mine"` // the ticket of the asking device; null: none
	AsOf     time.Time     `json:"as_of"`
}

type homeRules struct {
	quota.Rule
	Keep    int  `json:"keep_seconds"`
	Expire  int  `json:"expire_seconds"`
	ByPhone bool `json:"check_in_by_phone"`
}

type homeService struct {
	ID          queue.ServiceID `json:"id"`
	Name        board.Text      `json:"name"`
	Accepting   bool            `json:"accepting"`
	Why         string          `json:"why,omitempty"`
	Waiting     int             `json:"waiting"`
	UntilCalled *board.Estimate `json:"until_called"`
}

// homeWork is what a program works on: find n so that the SHA-256 of
// "challenge:idempotency-key:n" begins with so many zero bits.
type homeWork struct {
	Challenge string `json:"challenge"`
	Bits      int    `json:"bits"`
}

type homeTicket struct {
	Number    queue.Number `json:"number"`
	State     queue.Status `json:"state"`
	Away      bool         `json:"away"`
	KeepUntil *time.Time   `json:"keep_until"`
	Secret    string       `json:"secret"`
	StatusURL string       `json:"status_url"`
}

// home tells who is at home whether a ticket can be taken, and which the device has.
func (a *API) home(c echo.Context) error {
	s, err := a.hub.Snapshot(officeOf(c))
	if err != nil {
		return err
	}
	state, now := s.View.State, a.now()
	rule := state.Settings().Rule.Home
	out := homeAnswer{
		Office: officeOf(c), Name: s.Frame.Board.Name, Enabled: rule.Open(), AsOf: now,
		Rules: homeRules{Rule: rule.Rule, Keep: int(rule.Keep / time.Second), Expire: int(rule.Expire / time.Second), ByPhone: a.homeOf(officeOf(c)).Door},
		Work:  homeWork{a.challenge(officeOf(c), now), workBits}, Services: []homeService{},
	}
	for _, v := range s.Frame.Board.Services {
		if !v.Private {
			out.Services = append(out.Services, homeService{v.ID, v.Name, v.Accepting, v.Why, v.Waiting, v.UntilCalled})
		}
	}
	device := deviceOf(c)
	out.Mine = a.deviceTicket(state, device)
	a.homeStands(&out, s.Frame.Board, state, quota.Wish{At: now, Network: a.networkMark(c.RealIP(), state)})
	return answer(c, http.StatusOK, out)
}

// homeStands says what would become of a wish now.
func (a *API) homeStands(out *homeAnswer, shown board.Office, state *queue.State, w quota.Wish) {
	rule := state.Settings().Rule.Home
	if !rule.Open() {
		out.Why = string(queue.HomeOff)
		return
	}
	accepting := false
	for _, v := range out.Services {
		accepting = accepting || v.Accepting
		if !v.Accepting && out.Why == "" {
			out.Why = v.Why
		}
	}
	if !accepting {
		out.Message = shown.Message
		return
	}
	d := state.HomeDay()
	out.Why, out.Left = "", rule.Left(d, w.At)
	if a := rule.Ask(d, w); !a.Granted() {
		out.Left, out.Why = 0, string(queue.HomeQuota)
		if a.Bound == quota.Network {
			out.Why = string(queue.HomeNetwork)
		}
		if !a.Opens.IsZero() {
			opens := a.Opens.In(queue.JST)
			out.Opens = &opens
		}
	}
}

type homeBody struct {
	Service  queue.ServiceID `json:"service"`
	Language string          `json:"language,omitempty"`
	Proof    string          `json:"proof,omitempty"`
}

// takeFromHome gives a ticket to somebody who is not there. The bounds are asked
// where the ticket is decided; here only those that reach over several offices.
func (a *API) takeFromHome(c echo.Context) error {
	body, err := decode[homeBody](c, maxBody)
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
	proven, err := a.proven(officeOf(c), id, body.Proof)
	if err != nil {
		return err
	}
	device := deviceOf(c)
	if device == "" {
		device = a.newDevice(c, id)
	}
	marks := queue.Marks{Device: a.deviceMark(device, view.Date), Network: a.networkMark(c.RealIP(), view.State)}
	if err := a.elsewhere(officeOf(c), marks); err != nil {
		return err
	}
	command := queue.IssueTicket{
		Service: body.Service, Channel: queue.ChannelWeb, Language: body.Language, Marks: marks, Slow: !proven,
		Secret: hashSecret(a.homeSecret(view, device, taken(view.State, marks.Device))), Quote: a.quote(officeOf(c), estimate.Newcomer{Service: body.Service}),
	}
	if err := a.homeService(command.Service, view.Office); err != nil {
		return err
	}
	result, err := a.ward.Do(c.Request().Context(), officeOf(c), office.Request{
		ID: id, Actor: queue.Actor{Role: queue.RoleWeb, ID: "home"}, Fingerprint: fingerprint(c.Request(), body), Command: command,
	})
	if err != nil {
		return homeRefused(err, a.now())
	}
	event, ok := issuedIn(result.Outcome)
	if !ok {
		return problem(codeKeyReused, headerKey)
	}
	return a.answerIssued(c, result, a.secretFrom(result.View, device, event.Secret))
}

// homeService keeps services that are nobody's business from being taken at home:
// whoever comes for one is met in person.
func (a *API) homeService(id queue.ServiceID, at queue.OfficeID) error {
	s, err := a.hub.Recent(at)
	if err != nil {
		return err
	}
	for _, v := range s.Frame.Board.Services {
		if v.ID == id && v.Private {
			return problem(string(queue.HomeOff), "service")
		}
	}
	return nil
}

// homeRefused adds to a refusal when to ask again.
func homeRefused(err error, now time.Time) error {
	p := problemOf(err)
	switch queue.Code(p.Code) {
	case queue.HomeQuota, queue.HomeNetwork:
		if opens, err := time.Parse(time.RFC3339, p.Have); err == nil && opens.After(now) {
			p.retryAfter = opens.Sub(now)
		}
		return p
	}
	return err
}

// elsewhere asks the other offices whether a device has a ticket there. It looks at
// states that may be a moment old: an office's own bounds are exact.
func (a *API) elsewhere(here queue.OfficeID, marks queue.Marks) error {
	for _, other := range a.listOffices() {
		if other == here {
			continue
		}
		view, err := a.ward.View(other)
		if err != nil || !view.State.Opened() {
			continue
		}
		if rule := view.State.Settings().Rule.Home; !rule.On {
			continue
		}
		for _, t := range view.State.HomeDay().Home {
			if t.Live && t.Device == marks.Device {
				return &Problem{Code: string(queue.HomeDevice), Have: string(other)}
			}
		}
	}
	return nil
}

// deviceTicket returns the newest ticket of a device that counts; nil: it has none.
func (a *API) deviceTicket(state *queue.State, device string) *homeTicket {
	if device == "" || !state.Opened() {
		return nil
	}
	settings := state.Settings()
	mark := a.deviceMark(device, settings.Date)
	view := office.View{Office: settings.Office, Date: settings.Date, State: state}
	for _, t := range state.Tickets() {
		if t.Marks.Device != mark || t.Status.Final() {
			continue
		}
		secret := a.secretFrom(view, device, t.Secret)
		if secret == "" {
			continue
		}
		mine := &homeTicket{Number: t.Number, State: t.Status, Away: state.Awaited(t), Secret: secret, StatusURL: a.publicURL + "/t/" + secret}
		if !t.KeepUntil.IsZero() {
			until := t.KeepUntil.In(queue.JST)
			mine.KeepUntil = &until
		}
		return mine
	}
	return nil
}

// homeSecret is the status secret of a device's n-th ticket of a day at an office. It
// is derived from the device's word, so that the device finds its ticket again.
func (a *API) homeSecret(v office.View, device string, n int) string {
	return a.deriveSecret("from home/" + string(v.Office) + "/" + string(v.Date) + "/" + device + "/" + strconv.Itoa(n))
}

// maxTaken bounds the tickets of a day that a device finds again.
const maxTaken = 50

// secretFrom returns the secret of a device's ticket by its hash; empty: it is none
// of the device's.
func (a *API) secretFrom(v office.View, device, hash string) string {
	for n := range maxTaken {
		if secret := a.homeSecret(v, device, n); hashSecret(secret) == hash {
			return secret
		}
	}
	return ""
}

// taken counts the tickets that a device has taken.
func taken(s *queue.State, mark string) int {
	n := 0
	for _, t := range s.Tickets() {
		if t.Marks.Device == mark {
			n++
		}
	}
	return n
}

// The lengths of marks, in hexadecimal letters. A network's is so short that
// hundreds share it: the log tells nobody who was at home.
const (
	deviceLetters  = 16
	networkLetters = 4
)

// mark returns the first letters of what is derived from a text.
func (a *API) mark(of string, letters int) string { return hashSecret(a.deriveSecret(of))[:letters] }

func (a *API) deviceMark(device string, date queue.Date) string {
	return a.mark("from home device/"+string(date)+"/"+device, deviceLetters)
}

func (a *API) networkMark(address string, s *queue.State) string {
	return a.mark("from home network/"+string(s.Settings().Date)+"/"+networkOf(address), networkLetters)
}

// networkOf returns the /24 or /64 that an address is in.
func networkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	size := 64
	if ip = ip.WithZone("").Unmap(); ip.Is4() {
		size = 24
	}
	return netip.PrefixFrom(ip, size).Masked().String()
}

func deviceOf(c echo.Context) string {
	cookie, err := c.Cookie(DeviceCookie)
	if err != nil || !isName(cookie.Value, maxStore) || len(cookie.Value) < deviceLetters {
		return ""
	}
	return cookie.Value
}

// newDevice gives a browser a word of its own. It is derived from the command, so
// that one which is sent again is the same device's.
func (a *API) newDevice(c echo.Context, id queue.CommandID) string {
	device := a.mark("from home word/"+string(id), 2*deviceLetters)
	c.SetCookie(&http.Cookie{
		Name: DeviceCookie, Value: device, Path: "/", MaxAge: int(deviceDays / time.Second), HttpOnly: true, Secure: a.secure, SameSite: http.SameSiteLaxMode,
	})
	return device
}

// challenge is what a proof of work is made on: it changes with the slot.
func (a *API) challenge(id queue.OfficeID, at time.Time) string {
	return a.mark("from home work/"+string(id)+"/"+at.UTC().Truncate(quota.Slot).Format(time.RFC3339), deviceLetters)
}

// proven checks a proof of work of this slot or the one before. No proof is no
// fault: it only leaves half of the slot.
func (a *API) proven(office queue.OfficeID, id queue.CommandID, proof string) (bool, error) {
	if proof == "" {
		return false, nil
	}
	if len(proof) > maxStore {
		return false, problem(codeWorkWrong, "proof")
	}
	for _, at := range []time.Time{a.now(), a.now().Add(-quota.Slot)} {
		sum := sha256.Sum256([]byte(a.challenge(office, at) + ":" + string(id) + ":" + proof))
		if zeros(sum) >= workBits {
			return true, nil
		}
	}
	return false, problem(codeWorkWrong, "proof")
}

func zeros(sum [32]byte) int {
	n := 0
	for _, b := range sum {
		n += bits.LeadingZeros8(b)
		if b != 0 {
			break
		}
	}
	return n
}

// fromOurPages reports whether no page of another site sends a request. Programs,
// which name no origin, may.
func fromOurPages(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
		return true
	}
	return sameSite(r)
}

func (a *API) homeOf(id queue.OfficeID) catalog.Home {
	if a.homes == nil {
		return catalog.Home{}
	}
	return a.homes(id)
}
