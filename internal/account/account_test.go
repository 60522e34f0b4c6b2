package account_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"machi/internal/account"
	"machi/internal/eventlog/memlog"
	"machi/internal/queue"
)

var noon = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

const good = "ねこが三匹 屋根の上で寝る" // 13 characters

// clock is a clock that tests set.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(0, c.at.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.at.Add(int64(d)) }

// city is an installation: a store, a clock, and any number of servers.
type city struct {
	t     *testing.T
	store *memlog.Store
	clock *clock
	most  int // sessions
}

func newCity(t *testing.T) *city {
	t.Helper()
	c := &city{t: t, store: memlog.New(), clock: &clock{}}
	c.clock.at.Store(noon.UnixNano())
	return c
}

func (c *city) open() *account.Keeper {
	c.t.Helper()
	k, err := account.Open(c.t.Context(), account.Options{
		Store: c.store, Key: []byte("the installation's key"), Now: c.clock.now, Cost: account.Cost{Memory: 8, Passes: 1},
		MaxSessions: c.most,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return k
}

// follow lets a server follow the logs as it does in production.
func (c *city) follow(k *account.Keeper) *account.Keeper {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = k.Run(ctx) })
	c.t.Cleanup(func() { cancel(); running.Wait() })
	return k
}

func (c *city) add(k *account.Keeper, login string, grants ...account.Grant) account.Account {
	c.t.Helper()
	a, _, err := k.Add(c.t.Context(), account.New{Login: login, Name: "佐藤 花子", Grants: grants, Password: good}, "test")
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

func (c *city) signIn(k *account.Keeper, login string) account.SignedIn {
	c.t.Helper()
	in, err := k.SignIn(c.t.Context(), account.Credentials{Login: login, Password: good, Source: "10.0.0.1"})
	if err != nil {
		c.t.Fatalf("%s: %v", login, err)
	}
	return in
}

func clerk(office queue.OfficeID) account.Grant {
	return account.Grant{Role: account.Staff, Office: office}
}

// eventually waits for a condition that another goroutine brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for tick := time.NewTicker(time.Millisecond); !ok(); {
		select {
		case <-ctx.Done():
			tick.Stop()
			t.Fatal("never: ", what)
		case <-tick.C:
		}
	}
}

func TestASessionStandsForItsAccountOnEveryServer(t *testing.T) {
	c := newCity(t)
	a, b := c.open(), c.open()
	made := c.add(a, "sato", clerk("km-setagaya"))
	in := c.signIn(a, "ＳＡＴＯ") // as a Japanese keyboard may write it
	for name, k := range map[string]*account.Keeper{"the same": a, "another": b, "a new one": c.open()} {
		s, who, err := k.Check(t.Context(), in.Token)
		if err != nil || who.ID != made.ID || s.ID != in.Session.ID || who.Label() != "佐藤 花子 (sato)" {
			t.Errorf("%s server: %+v, %+v, %v", name, s, who, err)
		}
	}
	for _, bad := range []string{"", "machis_", in.Token + "x", strings.ToUpper(in.Token), strings.TrimPrefix(in.Token, "machis_")} {
		if _, _, err := a.Check(t.Context(), bad); !errors.Is(err, account.ErrUnknown) {
			t.Errorf("token %q: %v, want unknown", bad, err)
		}
	}
}

func TestSigningInTellsStrangersNothing(t *testing.T) {
	c := newCity(t)
	k := c.open()
	c.add(k, "sato", clerk("o"))
	ended := c.add(k, "ended", clerk("o"))
	if err := k.Disable(t.Context(), ended.ID, "test"); err != nil {
		t.Fatal(err)
	}
	day, _, err := k.Add(t.Context(), account.New{Login: "helper", Name: "応援", Grants: []account.Grant{clerk("o")}, Password: good, Until: noon.Add(time.Hour)}, "test")
	if err != nil || day.Until.IsZero() {
		t.Fatal(err)
	}
	c.clock.advance(2 * time.Hour)
	for name, login := range map[string]string{"wrong password": "sato", "unknown": "nobody", "disabled": "ended", "helper of yesterday": "helper", "no name": ""} {
		password := good
		if name == "wrong password" {
			password = "another good password"
		}
		_, err := k.SignIn(t.Context(), account.Credentials{Login: login, Password: password, Source: name})
		if !errors.Is(err, account.ErrCredentials) {
			t.Errorf("%s: %v, want the one answer", name, err)
		}
	}
}

// TestGuessesAtOnceAreNeverMoreThanTheLimit guesses a thousand times at once, at two
// servers, at a name that exists and at one that does not.
func TestGuessesAtOnceAreNeverMoreThanTheLimit(t *testing.T) {
	for _, login := range []string{"sato", "nobody"} {
		t.Run(login, func(t *testing.T) {
			c := newCity(t)
			c.add(c.open(), "sato", clerk("o"))
			servers := []*account.Keeper{c.open(), c.open()}
			var looked, refused, busy atomic.Int64
			var group sync.WaitGroup
			for i := range 1000 {
				group.Go(func() {
					for { // whoever is told that it is busy comes back
						_, err := servers[i%2].SignIn(t.Context(), account.Credentials{Login: login, Password: fmt.Sprint("guess number ", i), Source: fmt.Sprint(i)})
						var limited *account.Limited
						switch {
						case errors.Is(err, account.ErrBusy):
							busy.Add(1)
							continue
						case errors.Is(err, account.ErrCredentials):
							looked.Add(1)
						case errors.As(err, &limited) && limited.Wait > 0:
							refused.Add(1)
						default:
							t.Errorf("a guess was answered with %v", err)
						}
						return
					}
				})
			}
			group.Wait()
			if looked.Load() != 5 || looked.Load()+refused.Load() != 1000 {
				t.Errorf("%d guesses were looked at, want 5; %d refused, %d times busy", looked.Load(), refused.Load(), busy.Load())
			}
			c.clock.advance(16 * time.Minute)
			c.signIn(servers[1], "sato")
		})
	}
}

func TestRightPasswordsAreNoGuesses(t *testing.T) {
	c := newCity(t)
	k := c.open()
	c.add(k, "sato", clerk("o"))
	for range 20 {
		c.signIn(k, "sato")
	}
	if n := len(k.Sessions("")); n != 10 {
		t.Errorf("%d sessions of one person, want at most 10", n)
	}
	for i := range 60 { // one source guesses at many names
		_, err := k.SignIn(t.Context(), account.Credentials{Login: fmt.Sprint("name", i), Password: "x", Source: "10.9.9.9"})
		var limited *account.Limited
		if want := i >= 50; want != errors.As(err, &limited) {
			t.Fatalf("guess %d of one source: %v", i, err)
		}
	}
	c.signIn(k, "sato") // from elsewhere
}

// TestOneHouseIsOneSource takes another address of one IPv6 network for each guess: a
// house has 2^64 of them.
func TestOneHouseIsOneSource(t *testing.T) {
	k := newCity(t).open()
	for i := range 51 {
		_, err := k.SignIn(t.Context(), account.Credentials{Login: fmt.Sprint("name", i), Password: "x", Source: fmt.Sprintf("2001:db8:1:2::%x", i+1)})
		var limited *account.Limited
		if want := i >= 50; want != errors.As(err, &limited) {
			t.Fatalf("guess %d of one house: %v", i, err)
		}
	}
	for source, want := range map[string]string{
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::%eth0": "2001:db8:1:2::/64", "10.0.0.1": "10.0.0.1", "::ffff:10.0.0.1": "10.0.0.1", "": "", "x": "x",
	} {
		if got := account.Network(source); got != want {
			t.Errorf("the network of %q is %q, want %q", source, got, want)
		}
	}
}

// TestAGivenPasswordIsChangedUnlessItLivesForADay makes accounts that end.
func TestAGivenPasswordIsChangedUnlessItLivesForADay(t *testing.T) {
	k := newCity(t).open()
	for login, one := range map[string]struct {
		until time.Time
		must  bool
	}{"staff": {must: true}, "helper": {until: noon.Add(12 * time.Hour)}, "season": {noon.AddDate(0, 3, 0), true}} {
		a, drawn, err := k.Add(t.Context(), account.New{Login: login, Name: "佐藤", Grants: []account.Grant{clerk("o")}, Until: one.until}, "x")
		if err != nil || drawn == "" || a.MustChange != one.must {
			t.Errorf("%s: must change %v, %v", login, a.MustChange, err)
		}
	}
}

// TestSessionsThatEndedKeepNobodyOut signs in again and again, as a probe does that
// nobody thinks of.
func TestSessionsThatEndedKeepNobodyOut(t *testing.T) {
	c := newCity(t)
	c.most = 25
	k := c.open()
	c.add(k, "sato", clerk("o"))
	first := c.signIn(k, "sato")
	for range 60 {
		c.signIn(k, "sato")
	}
	if _, _, err := k.Check(t.Context(), first.Token); !errors.Is(err, account.ErrUnknown) {
		t.Errorf("the first session: %v", err)
	}
	if n := len(k.Sessions("")); n != 10 {
		t.Errorf("%d sessions", n)
	}
}

func TestSessionsEnd(t *testing.T) {
	ends := map[string]func(c *city, k *account.Keeper, in account.SignedIn) error{
		"signed out": func(_ *city, k *account.Keeper, in account.SignedIn) error {
			return k.EndSession(t.Context(), in.Session.ID, "x")
		},
		"all ended": func(_ *city, k *account.Keeper, in account.SignedIn) error {
			return k.EndSessions(t.Context(), in.Account.ID, "x")
		},
		"disabled": func(_ *city, k *account.Keeper, in account.SignedIn) error {
			return k.Disable(t.Context(), in.Account.ID, "x")
		},
		"password reset": func(_ *city, k *account.Keeper, in account.SignedIn) error {
			_, err := k.Reset(t.Context(), in.Account.ID, "x")
			return err
		},
		"idle": func(c *city, _ *account.Keeper, _ account.SignedIn) error {
			c.clock.advance(31 * time.Minute)
			return nil
		},
		"helper's day": func(c *city, _ *account.Keeper, _ account.SignedIn) error {
			c.clock.advance(25 * time.Minute)
			return nil
		},
		"password change": func(_ *city, k *account.Keeper, in account.SignedIn) error {
			_, err := k.ChangePassword(t.Context(), in.Session, good, "いぬが四匹 庭の中を走る")
			return err
		},
		"twelve hours": func(c *city, k *account.Keeper, in account.SignedIn) error {
			for range 13 * 4 {
				c.clock.advance(15 * time.Minute)
				k.Touch(in.Session.ID)
			}
			return nil
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			c := newCity(t)
			here, there := c.follow(c.open()), c.follow(c.open())
			until := time.Time{}
			if name == "helper's day" {
				until = noon.Add(20 * time.Minute)
			}
			if _, _, err := here.Add(t.Context(), account.New{Login: "sato", Name: "佐藤", Grants: []account.Grant{clerk("o")}, Password: good, Until: until}, "x"); err != nil {
				t.Fatal(err)
			}
			in := c.signIn(here, "sato")
			eventually(t, "the session is known elsewhere", func() bool { _, _, err := there.Check(t.Context(), in.Token); return err == nil })
			if err := end(c, here, in); err != nil {
				t.Fatal(err)
			}
			for _, k := range []*account.Keeper{here, there} {
				eventually(t, "the session ends", func() bool { _, _, err := k.Check(t.Context(), in.Token); return errors.Is(err, account.ErrUnknown) })
			}
			if list := c.open().Sessions(""); len(list) > 1 || len(list) == 1 && list[0].ID == in.Session.ID {
				t.Errorf("a new server lists %+v", list)
			}
		})
	}
}

func TestASessionLivesOverMidnightAndItsEndHolds(t *testing.T) {
	c := newCity(t)
	c.clock.advance(20*time.Hour + 50*time.Minute) // 23:50 UTC
	k := c.open()
	c.add(k, "sato", clerk("o"))
	keep, gone := c.signIn(k, "sato"), c.signIn(k, "sato")
	c.clock.advance(20 * time.Minute)
	if err := k.EndSession(t.Context(), gone.Session.ID, "x"); err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]*account.Keeper{"the same": k, "a new": c.open()} {
		if _, _, err := k.Check(t.Context(), keep.Token); err != nil {
			t.Errorf("%s server forgot the session at midnight: %v", name, err)
		}
		if _, _, err := k.Check(t.Context(), gone.Token); !errors.Is(err, account.ErrUnknown) {
			t.Errorf("%s server takes a session that was ended: %v", name, err)
		}
	}
}

// TestAnEndThatIsReadBeforeItsBeginningHolds ends sessions a moment after midnight: the
// other server reads both days' books at once, in whatever order.
func TestAnEndThatIsReadBeforeItsBeginningHolds(t *testing.T) {
	for range 60 {
		c := newCity(t)
		c.clock.at.Store(time.Date(2026, 11, 21, 23, 59, 59, 0, time.UTC).UnixNano())
		a, b := c.open(), c.open()
		c.add(a, "sato", clerk("o"))
		in := c.signIn(a, "sato")
		c.clock.advance(2 * time.Second)
		if err := a.EndSession(t.Context(), in.Session.ID, "x"); err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.Check(t.Context(), in.Token); !errors.Is(err, account.ErrUnknown) {
			t.Fatalf("a session that has ended opens at another server: %v", err)
		}
	}
}

func TestWhatAnAccountMayNotBe(t *testing.T) {
	c := newCity(t)
	k := c.open()
	c.add(k, "sato", clerk("o"))
	ok := account.New{Login: "suzuki", Name: "鈴木", Grants: []account.Grant{clerk("o")}, Password: good}
	cases := map[string]struct {
		change func(n *account.New)
		want   error
	}{
		"login taken":       {func(n *account.New) { n.Login = "Ｓato " }, account.ErrLoginTaken},
		"login empty":       {func(n *account.New) { n.Login = "" }, &account.FieldError{}},
		"login with spaces": {func(n *account.New) { n.Login = "a b" }, &account.FieldError{}},
		"login of brackets": {func(n *account.New) { n.Login = "a(b)" }, &account.FieldError{}},
		"no name":           {func(n *account.New) { n.Name = " " }, &account.FieldError{}},
		"a forged name":     {func(n *account.New) { n.Name = "佐藤 花子 (sato)" }, &account.FieldError{}},
		"a new line":        {func(n *account.New) { n.Name = "a\nadmin did it" }, &account.FieldError{}},
		"hidden characters": {func(n *account.New) { n.Name = "a\u202eb" }, &account.FieldError{}},
		"long name":         {func(n *account.New) { n.Name = strings.Repeat("あ", 41) }, &account.FieldError{}},
		"no grants":         {func(n *account.New) { n.Grants = nil }, &account.FieldError{}},
		"unknown role":      {func(n *account.New) { n.Grants = []account.Grant{{Role: "emperor"}} }, &account.FieldError{}},
		"machine's role":    {func(n *account.New) { n.Grants = []account.Grant{{Role: "kiosk"}} }, &account.FieldError{}},
		"admin of one":      {func(n *account.New) { n.Grants = []account.Grant{{Role: account.Admin, Office: "o"}} }, &account.FieldError{}},
		"a grant twice":     {func(n *account.New) { n.Grants = append(n.Grants, n.Grants[0]) }, &account.FieldError{}},
		"over before begun": {func(n *account.New) { n.From, n.Until = noon, noon }, &account.FieldError{}},
		"short password":    {func(n *account.New) { n.Password = "Ab3$efghijk" }, account.TooShort},
	}
	for name, test := range cases {
		n := ok
		test.change(&n)
		_, _, err := k.Add(t.Context(), n, "x")
		if reflect.TypeOf(err) != reflect.TypeOf(test.want) || reflect.TypeOf(err) != reflect.TypeFor[*account.FieldError]() && !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %T %v", name, err, test.want, test.want)
		}
	}
	if n := len(k.Accounts()); n != 1 {
		t.Errorf("%d accounts after refusals, want 1", n)
	}
}

func TestPasswords(t *testing.T) {
	for _, bad := range []string{
		"", "eleven.char", "password1234", "PassWord2026!!", "P@ssw0rd!P@ssw0rd!", "Setagaya2026!", "setagaya-setagaya", "世田谷区役所2026年度", "administrator!",
		"qwertyuiop123", "123456789012", "aaaaaaaaaaaa1", "abababababab", "1qaz2wsx3edc", "ｐａｓｓｗｏｒｄ１２３４", "sakura1sakura2", "tanaka.taro.12", "welcome-machi-2026",
		"zxcvbnmasdfghjkl", "correct horse battery staple", "iloveyou2iloveyou2", strings.Repeat("long enough ", 11),
		"hanako.sato-26", "花子花子花子花子花子花子",
	} {
		var weak account.Weak
		if err := account.CheckPassword(bad, "hanako.sato", "佐藤 花子"); !errors.As(err, &weak) {
			t.Errorf("%q is taken: %v", bad, err)
		}
	}
	for _, fine := range []string{good, "purple-lamp-forty-rivers", "k7-vd92-mmxq-p4", "雨の日は傘を二本持って行く", "hanako.sato likes green tea"} {
		if err := account.CheckPassword(fine, "hanako.sato", "佐藤 花子"); err != nil {
			t.Errorf("%q: %v", fine, err)
		}
	}
}

// TestEveryServersCodeLetsTheFirstAdministratorIn: servers that start together print one
// each, and nobody can tell which was drawn last.
func TestEveryServersCodeLetsTheFirstAdministratorIn(t *testing.T) {
	c := newCity(t)
	a, b := c.open(), c.open()
	text, _, err := a.NewFirstCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	later, _, err := b.NewFirstCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := func(code, login string) error {
		_, err := b.AddFirst(t.Context(), account.First{Code: code, Login: login, Name: "伊藤", Password: good, Source: "s"})
		return err
	}
	if err := first("abcd-efgh-jkmn", "ito"); !errors.Is(err, account.ErrFirstCode) {
		t.Errorf("a wrong code: %v", err)
	}
	if err := first(text, "ito"); err != nil {
		t.Errorf("the code of the server that started first: %v", err)
	}
	if err := first(later, "sato"); !errors.Is(err, account.ErrFirstCode) {
		t.Errorf("the other one after it: %v", err)
	}
}

func TestTheFirstAdministratorComesByACode(t *testing.T) {
	c := newCity(t)
	a, b := c.open(), c.open()
	first := func(k *account.Keeper, code, password string) error {
		_, err := k.AddFirst(t.Context(), account.First{Code: code, Login: "admin.ito", Name: "伊藤", Password: password, Source: "s"})
		return err
	}
	if err := first(a, "abcd-efgh-jkmn", good); !errors.Is(err, account.ErrFirstCode) {
		t.Errorf("without any code: %v", err)
	}
	text, until, err := a.NewFirstCode(t.Context())
	if err != nil || !until.Equal(noon.Add(10*time.Minute)) {
		t.Fatal(text, until, err)
	}
	if err := first(b, text, "short"); !errors.Is(err, account.TooShort) {
		t.Errorf("a weak password: %v", err)
	}
	for range 5 {
		if err := first(b, "abcd-efgh-jkmn", good); !errors.Is(err, account.ErrFirstCode) {
			t.Errorf("a wrong code: %v", err)
		}
	}
	if err := first(a, text, good); !errors.Is(err, account.ErrFirstCode) {
		t.Errorf("the right code after five wrong ones: %v", err)
	}
	text, _, _ = b.NewFirstCode(t.Context())
	c.clock.advance(11 * time.Minute)
	if err := first(a, text, good); !errors.Is(err, account.ErrFirstCode) {
		t.Errorf("an old code: %v", err)
	}
	text, _, _ = b.NewFirstCode(t.Context())
	var made, refused atomic.Int64
	var group sync.WaitGroup
	for _, k := range []*account.Keeper{a, b, a, b} {
		group.Go(func() {
			if first(k, strings.ToUpper(text), good) == nil {
				made.Add(1)
			} else {
				refused.Add(1)
			}
		})
	}
	group.Wait()
	if made.Load() != 1 || refused.Load() != 3 {
		t.Errorf("%d administrators came in by one code", made.Load())
	}
	if _, _, err := a.NewFirstCode(t.Context()); !errors.Is(err, account.ErrNotFirst) {
		t.Errorf("another code: %v", err)
	}
	boss, _ := a.ByLogin("admin.ito")
	if err := a.Disable(t.Context(), boss.ID, "x"); !errors.Is(err, account.ErrLastAdmin) {
		t.Errorf("the last administrator disabled: %v", err)
	}
	if err := a.SetGrants(t.Context(), boss.ID, []account.Grant{clerk("o")}, "x"); !errors.Is(err, account.ErrLastAdmin) {
		t.Errorf("the last administrator's role taken: %v", err)
	}
}

func TestTheCitysServiceDecidesAboutItsPeople(t *testing.T) {
	c := newCity(t)
	k := c.open()
	c.add(k, "sato", clerk("o"))
	subject := account.Subject{Issuer: "https://id.example", ID: "42"}
	in := func(p account.Person) (account.SignedIn, error) {
		return k.SignInSubject(t.Context(), subject, p, "10.0.0.1", "browser")
	}
	first, err := in(account.Person{Login: "sato", Name: "佐藤 (x)", Grants: []account.Grant{{Role: account.Manager, Office: "o"}}})
	if err != nil || first.Account.Login == "sato" || k.Owes(first.Account) != "" {
		t.Fatalf("signed in as %+v, %v", first.Account, err)
	}
	again, err := in(account.Person{Login: "other", Name: "other", Grants: []account.Grant{clerk("p")}})
	if err != nil || again.Account.ID != first.Account.ID || again.Account.Grants[0] != clerk("p") {
		t.Errorf("at the second time %+v, %v", again.Account, err)
	}
	if _, who, err := k.Check(t.Context(), first.Token); err != nil || who.Grants[0] != clerk("p") {
		t.Errorf("the older session stands for %+v, %v", who, err)
	}
	var field *account.FieldError
	if _, err := in(account.Person{Login: "x", Name: "x"}); !errors.As(err, &field) || field.Field != "grants" {
		t.Errorf("without a role: %v", err)
	}
	if err := k.Disable(t.Context(), first.Account.ID, "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := in(account.Person{Login: "x", Name: "x", Grants: []account.Grant{clerk("p")}}); !errors.Is(err, account.ErrCredentials) {
		t.Errorf("disabled here: %v", err)
	}
	if _, err := k.Reset(t.Context(), first.Account.ID, "x"); !errors.Is(err, account.ErrFederated) {
		t.Errorf("a password for it: %v", err)
	}
}

func TestTheLogsHoldNoSecret(t *testing.T) {
	c := newCity(t)
	k := c.open()
	c.add(k, "boss", account.Grant{Role: account.Admin})
	in := c.signIn(k, "boss")
	begun, _ := k.BeginTOTP(t.Context(), in.Session, "", "Machi")
	recovery, err := k.ConfirmTOTP(t.Context(), in.Session, code(t, begun.Secret, noon))
	if err != nil {
		t.Fatal(err)
	}
	_, helper, err := k.AddHelper(t.Context(), account.Helper{Name: "応援", Role: account.Staff, Office: "o", Until: noon.Add(time.Hour)}, "x")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = k.SignIn(t.Context(), account.Credentials{Login: "typed-the-password-here", Password: "x", Source: "192.0.2.77"})
	secrets := append([]string{good, begun.Secret, in.Token, strings.TrimPrefix(in.Token, account.TokenPrefix), helper, "typed-the-password-here", "192.0.2.77"}, recovery...)
	streams, err := c.store.Streams(t.Context())
	if err != nil || len(streams) != 2 {
		t.Fatalf("streams %v, %v", streams, err)
	}
	for _, stream := range streams {
		for _, r := range c.store.Records(stream) {
			for _, secret := range secrets {
				if strings.Contains(string(r.Body), secret) {
					t.Errorf("%s, record %d holds %q", stream, r.Number, secret)
				}
			}
		}
	}
}

func TestWhoeverIsActiveStaysSignedInElsewhere(t *testing.T) {
	c := newCity(t)
	k := c.open()
	c.add(k, "sato", clerk("o"))
	in := c.signIn(k, "sato")
	c.clock.advance(20 * time.Minute)
	k.Touch(in.Session.ID)
	if err := k.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.clock.advance(20 * time.Minute)
	if _, _, err := c.open().Check(t.Context(), in.Token); err != nil {
		t.Errorf("a new server takes an active person for idle: %v", err)
	}
}
