package account

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/ledger"
	"machi/internal/queue"
)

// Stream is the name of the accounts' log in a store.
const Stream = "accounts"

// keepHelpers is how long a helper's account is listed after its day.
const keepHelpers = 60 * 24 * time.Hour

// Options say how accounts are kept. Store and Key are required.
type Options struct {
	Store eventlog.Store
	// Key seals authenticators' secrets and hides typed names; all servers have the same.
	Key []byte
	Now func() time.Time // the wall's clock; nil: time.Now
	// Cost of a password's hash; zero: [DefaultCost].
	Cost Cost
	// Idle and Absolute end a session; zero: 30 minutes and 12 hours. Absolute is
	// less than a day.
	Idle, Absolute time.Duration
	// OptionalTOTP lets managers and administrators in without an authenticator. It
	// is for demonstrations and tests.
	OptionalTOTP bool
	// MaxSessions bounds what is remembered of sessions; zero: 20,000.
	MaxSessions int
}

// Keeper holds the accounts and the sessions as far as their logs have been read.
type Keeper struct {
	o    Options
	book *ledger.Ledger[event]
	gate *gate
	none func() string // a hash that no password has

	rolling sync.Mutex // held while the days' books change; taken before mu
	days    []dayBook  // of yesterday and today, as far as opened; guarded by mu

	mu       sync.Mutex
	accounts map[string]*Account // by id
	logins   map[string]string   // login name to id
	firsts   []firstCode
	sessions sessions
	attempts attempts
}

// Open returns a keeper that has read the logs.
func Open(ctx context.Context, o Options) (*Keeper, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Cost = cmp.Or(o.Cost, DefaultCost)
	o.Idle, o.Absolute = cmp.Or(o.Idle, 30*time.Minute), cmp.Or(o.Absolute, 12*time.Hour)
	o.MaxSessions = cmp.Or(o.MaxSessions, maxSessions)
	if o.Absolute > 24*time.Hour || o.Idle < 0 {
		return nil, errors.New("account: a session may last a day at most")
	}
	k := &Keeper{o: o, gate: newGate(), sessions: newSessions(), attempts: newAttempts()}
	k.none = sync.OnceValue(func() string { return o.Cost.hash(rand.Text()) })
	k.reset()
	log, err := o.Store.Open(Stream)
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	k.book, err = ledger.Open(ctx, ledger.Options[event]{Log: log, Name: Stream, Now: o.Now, Apply: k.apply, Reset: k.reset})
	if err != nil {
		return nil, err
	}
	_, err = k.roll(ctx)
	return k, err
}

func (k *Keeper) reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.accounts, k.logins, k.firsts = map[string]*Account{}, map[string]string{}, nil
}

// Run follows the logs until the context ends, so that what was ended anywhere ends
// here within a second.
func (k *Keeper) Run(ctx context.Context) error {
	var following sync.WaitGroup
	following.Go(func() { _ = k.book.Run(ctx) }) // returns nothing but nil
	defer following.Wait()
	return k.followDays(ctx)
}

// New is an account that is to be.
type New struct {
	Login, Name string
	Grants      []Grant
	// Password of the person's own choice; empty: one is drawn, which must be changed.
	Password    string
	From, Until time.Time // zero: no bound
}

// Add makes an account and returns it with the password that was drawn for it, which
// can be shown only now. It returns a FieldError, ErrLoginTaken or a Weak.
func (k *Keeper) Add(ctx context.Context, n New, by string) (Account, string, error) {
	a := Account{ID: rand.Text()[:10], Login: CleanLogin(n.Login), Name: n.Name, Grants: n.Grants, From: n.From, Until: n.Until, By: by}
	if err := a.check(); err != nil {
		return Account{}, "", err
	}
	given, drawn := n.Password, ""
	if given == "" {
		given = DrawPassword()
		drawn = given
	} else if err := CheckPassword(given, a.Login, a.Name); err != nil {
		return Account{}, "", err
	}
	hash, err := k.hash(ctx, given)
	if err != nil {
		return Account{}, "", err
	}
	// A helper's password lives for a day, on paper: changing it would only cost time.
	forDay := !n.Until.IsZero() && n.Until.Sub(k.o.Now()) <= 24*time.Hour
	e := added{Account: a, Hash: hash, MustChange: drawn != "" && !forDay}
	if err := k.append(ctx, k.adding(&e)); err != nil {
		return Account{}, "", err
	}
	made, err := k.Account(a.ID)
	return made, drawn, err
}

// adding answers the event of a new account on the newest state.
func (k *Keeper) adding(e *added) func() (event, error) {
	return func() (event, error) {
		k.mu.Lock()
		defer k.mu.Unlock()
		if _, taken := k.logins[e.Login]; taken {
			return event{}, ErrLoginTaken
		}
		if len(k.accounts) >= most {
			return event{}, ErrTooMany
		}
		e.Created = k.o.Now()
		return event{Added: e}, nil
	}
}

func (k *Keeper) append(ctx context.Context, next func() (event, error)) error {
	return k.book.Append(ctx, func() ([]event, error) {
		e, err := next()
		return []event{e}, err
	})
}

func (k *Keeper) hash(ctx context.Context, password string) (string, error) {
	leave, err := k.gate.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return k.o.Cost.hash(clean(password)), nil
}

// Helper is somebody who helps out for a day.
type Helper struct {
	Name   string
	Role   Role // Reception or Staff
	Office queue.OfficeID
	Until  time.Time
}

// AddHelper makes an account that ends by itself, with a drawn login name and
// password. It returns a FieldError for a role that is not for helpers.
func (k *Keeper) AddHelper(ctx context.Context, h Helper, by string) (Account, string, error) {
	if h.Role != Reception && h.Role != Staff {
		return Account{}, "", &FieldError{"role", "want reception or staff"}
	}
	if h.Office == "" {
		return Account{}, "", &FieldError{"office", "a helper is at one office"}
	}
	for {
		n := New{Login: "help-" + draw(1, 4), Name: h.Name, Grants: []Grant{{h.Role, h.Office}}, From: k.o.Now().Add(-time.Minute), Until: h.Until}
		a, password, err := k.Add(ctx, n, by)
		if !errors.Is(err, ErrLoginTaken) {
			return a, password, err
		}
	}
}

// changing writes what happens to an account, unless check refuses on its newest state.
func (k *Keeper) changing(ctx context.Context, id string, e event, check func(a Account) error) error {
	return k.append(ctx, func() (event, error) {
		a, err := k.Account(id)
		if err != nil {
			return event{}, err
		}
		if check != nil {
			err = check(a)
		}
		return e, err
	})
}

// Disable ends an account and its sessions. It returns ErrUnknown or ErrLastAdmin.
func (k *Keeper) Disable(ctx context.Context, id, by string) error {
	return k.changing(ctx, id, event{Disabled: &change{id, by}}, func(a Account) error {
		if !a.Disabled.IsZero() {
			return ledger.ErrDone
		}
		return k.notLast(a, nil)
	})
}

// Enable lets a disabled account in again. Its sessions do not come back.
func (k *Keeper) Enable(ctx context.Context, id, by string) error {
	return k.changing(ctx, id, event{Enabled: &change{id, by}}, func(a Account) error {
		if a.Disabled.IsZero() {
			return ledger.ErrDone
		}
		return nil
	})
}

// SetGrants replaces what an account may do, from the next request on.
func (k *Keeper) SetGrants(ctx context.Context, id string, grants []Grant, by string) error {
	if err := checkGrants(grants); err != nil {
		return err
	}
	return k.changing(ctx, id, event{Granted: &granted{change{id, by}, grants}}, func(a Account) error {
		if a.Subject != nil {
			return ErrFederated
		}
		return k.notLast(a, grants)
	})
}

// notLast refuses to take the last administrator's role away.
func (k *Keeper) notLast(a Account, next []Grant) error {
	if !a.Has(Admin) || (Account{Grants: next}).Has(Admin) {
		return nil
	}
	for _, other := range k.Accounts() {
		if other.ID != a.ID && other.Has(Admin) && other.Valid(k.o.Now()) {
			return nil
		}
	}
	return ErrLastAdmin
}

// Reset gives an account a drawn password, which must be changed, ends its sessions
// and forgets its authenticator. The password can be shown only now.
func (k *Keeper) Reset(ctx context.Context, id, by string) (string, error) {
	drawn := DrawPassword()
	hash, err := k.hash(ctx, drawn)
	if err != nil {
		return "", err
	}
	return drawn, k.changing(ctx, id, event{Password: &password{change{id, by}, hash, true}}, local)
}

func local(a Account) error {
	if a.Subject != nil {
		return ErrFederated
	}
	return nil
}

// EndSessions ends all sessions of an account.
func (k *Keeper) EndSessions(ctx context.Context, id, by string) error {
	return k.changing(ctx, id, event{Ended: &change{id, by}}, nil)
}

// Account returns an account, or ErrUnknown.
func (k *Keeper) Account(id string) (Account, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.accounts[id]
	if !ok {
		return Account{}, ErrUnknown
	}
	return *a, nil
}

// ByLogin returns the account with a login name, or ErrUnknown.
func (k *Keeper) ByLogin(login string) (Account, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.accounts[k.logins[CleanLogin(login)]]
	if !ok {
		return Account{}, ErrUnknown
	}
	return *a, nil
}

// Accounts returns all accounts by login name.
func (k *Keeper) Accounts() []Account {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := make([]Account, 0, len(k.accounts))
	for _, a := range k.accounts {
		list = append(list, *a)
	}
	slices.SortFunc(list, func(a, b Account) int { return cmp.Compare(a.Login, b.Login) })
	return list
}

// Owes is what a person must do before anything else; empty: nothing.
type Owes string

// What a person may owe.
const (
	OwesPassword Owes = "password"
	OwesTOTP     Owes = "totp"
)

// Owes returns what the account must do first. Whoever signs in at the city's
// service shows a second factor there.
func (k *Keeper) Owes(a Account) Owes {
	switch {
	case a.Subject != nil:
		return ""
	case a.MustChange:
		return OwesPassword
	case k.MustTOTP(a) && !a.TOTP:
		return OwesTOTP
	}
	return ""
}

// MustTOTP reports whether an account needs an authenticator.
func (k *Keeper) MustTOTP(a Account) bool {
	return a.Subject == nil && !k.o.OptionalTOTP && (a.Has(Manager) || a.Has(Admin))
}

// Idle returns how long a session lives without an act.
func (k *Keeper) Idle() time.Duration { return k.o.Idle }
