package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"machi/internal/account"
	"machi/internal/audit"
	"machi/internal/queue"
	"machi/internal/server"
)

// userCmd looks after people's accounts beside running servers, which follow within
// a second. It is for the beginning and for when nobody can sign in; otherwise
// managers and administrators use the page /admin.
type userCmd struct {
	List       userListCmd       `cmd:"" help:"List the accounts."`
	Add        userAddCmd        `cmd:"" help:"Make an account and print its password, once, as the last line of standard output."`
	Disable    userDisableCmd    `cmd:"" help:"End an account and its sessions."`
	Enable     userEnableCmd     `cmd:"" help:"Let a disabled account in again."`
	Reset      userResetCmd      `cmd:"" help:"Give an account a new password, print it once and forget its authenticator."`
	FirstAdmin userFirstAdminCmd `cmd:"" help:"Print a one-time code with which the first administrator comes in."`
}

func (f storeFlags) people(ctx context.Context) (*account.Keeper, func() error, error) {
	o, err := f.options()
	if err != nil {
		return nil, nil, err
	}
	return server.OpenPeople(ctx, o)
}

type userListCmd struct{ storeFlags }

// Run lists the accounts.
func (c *userListCmd) Run(ctx context.Context) (err error) {
	people, done, err := c.people(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, done)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LOGIN\tNAME\tROLES\tSIGNS IN BY\tCREATED\tUNTIL\tDISABLED")
	for _, a := range people.Accounts() {
		by := "password"
		switch {
		case a.Subject != nil:
			by = "the city's service"
		case a.TOTP:
			by = "password and app"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.Login, a.Name, roles(a.Grants), by, stamp(a.Created), stamp(a.Until), stamp(a.Disabled))
	}
	return w.Flush()
}

func roles(grants []account.Grant) string {
	var list []string
	for _, g := range grants {
		list = append(list, string(g.Role)+"@"+or(string(g.Office), "all"))
	}
	return strings.Join(list, " ")
}

type userAddCmd struct {
	storeFlags
	Login   string   `arg:"" help:"Login name: 2 to 32 of a-z 0-9 . - _"`
	Name    string   `help:"As colleagues and the records know the person." required:""`
	Role    []string `help:"reception, staff, manager or admin; of one office with @ and its id, such as staff@km-setagaya. Several with commas." required:""`
	Catalog string   `help:"File of offices, to check the offices' ids." env:"MACHI_CATALOG" placeholder:"FILE" type:"path"`
}

// Run makes the account.
func (c *userAddCmd) Run(ctx context.Context) (err error) {
	n := account.New{Login: c.Login, Name: c.Name}
	for _, text := range c.Role {
		role, office, _ := strings.Cut(text, "@")
		if role == "clerk" {
			role = string(account.Staff)
		}
		if office != "" {
			if err := checkOffice(c.Catalog, office); err != nil {
				return err
			}
		}
		n.Grants = append(n.Grants, account.Grant{Role: account.Role(role), Office: queue.OfficeID(office)})
	}
	people, done, err := c.people(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, done)
	a, password, err := people.Add(ctx, n, operator())
	if err != nil {
		return err
	}
	c.note(ctx, audit.Entry{Action: "account.add", Target: a.Login, Detail: roles(a.Grants)})
	fmt.Fprintf(os.Stderr, "account %s: %s; the password must be changed at the first time\n", a.Login, roles(a.Grants))
	fmt.Println(password)
	return nil
}

// withAccount does something to the account with a login name.
func (f storeFlags) withAccount(ctx context.Context, login, act string, do func(k *account.Keeper, id string) error) (err error) {
	people, done, err := f.people(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, done)
	a, err := people.ByLogin(login)
	if err != nil {
		return fmt.Errorf("there is no account %q", login)
	}
	if err := do(people, a.ID); err != nil {
		return fmt.Errorf("%s: %w", login, err)
	}
	f.note(ctx, audit.Entry{Action: act, Target: a.Login})
	return nil
}

type userDisableCmd struct {
	storeFlags
	Login string `arg:"" help:"Login name."`
}

// Run disables the account.
func (c *userDisableCmd) Run(ctx context.Context) error {
	return c.withAccount(ctx, c.Login, "account.disable", func(k *account.Keeper, id string) error { return k.Disable(ctx, id, operator()) })
}

type userEnableCmd struct {
	storeFlags
	Login string `arg:"" help:"Login name."`
}

// Run enables the account.
func (c *userEnableCmd) Run(ctx context.Context) error {
	return c.withAccount(ctx, c.Login, "account.enable", func(k *account.Keeper, id string) error { return k.Enable(ctx, id, operator()) })
}

type userResetCmd struct {
	storeFlags
	Login string `arg:"" help:"Login name."`
}

// Run prints the new password.
func (c *userResetCmd) Run(ctx context.Context) error {
	return c.withAccount(ctx, c.Login, "account.reset", func(k *account.Keeper, id string) error {
		password, err := k.Reset(ctx, id, operator())
		if err == nil {
			fmt.Println(password)
		}
		return err
	})
}

type userFirstAdminCmd struct{ storeFlags }

// Run prints the code.
func (c *userFirstAdminCmd) Run(ctx context.Context) (err error) {
	people, done, err := c.people(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, done)
	code, until, err := people.NewFirstCode(ctx)
	if errors.Is(err, account.ErrNotFirst) {
		return errors.New("there is an administrator already; machi user reset LOGIN gives one a new password")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "until %s, at /staff/first of the server:\n", until.In(queue.JST).Format(time.TimeOnly))
	fmt.Println(code)
	return nil
}
