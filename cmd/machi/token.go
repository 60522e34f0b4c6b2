package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"machi/internal/audit"
	"machi/internal/auth"
	"machi/internal/catalog"
	"machi/internal/queue"
	"machi/internal/server"
)

// tokenCmd manages API tokens. It works beside running servers, which see a new or
// a revoked token within a second.
type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token and print it, once, as the last line of standard output."`
	List   tokenListCmd   `cmd:"" help:"List what tokens there are; the tokens themselves are not kept."`
	Revoke tokenRevokeCmd `cmd:"" help:"End a token by its id."`
}

func (f storeFlags) keeper(ctx context.Context) (*auth.Keeper, func() error, error) {
	o, err := f.options()
	if err != nil {
		return nil, nil, err
	}
	return server.OpenKeeper(ctx, o)
}

type tokenCreateCmd struct {
	storeFlags
	Role    string        `help:"kiosk, signage, web, reception, staff (or clerk), manager or admin." required:""`
	Office  string        `help:"Id of the office; without one the token holds everywhere."`
	Kiosk   string        `help:"With the role kiosk: id of the machine."`
	Name    string        `help:"Who or what it is for; logs say so."`
	Expires time.Duration `help:"How long it holds; without one, until it is revoked."`
	Catalog string        `help:"File of offices, to check the office's id." env:"MACHI_CATALOG" placeholder:"FILE" type:"path"`
}

// Run makes the token.
func (c *tokenCreateCmd) Run(ctx context.Context) (err error) {
	if c.Office != "" {
		if err := checkOffice(c.Catalog, c.Office); err != nil {
			return err
		}
	}
	keeper, done, err := c.keeper(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, done)
	if c.Role == "clerk" {
		c.Role = "staff"
	}
	grant := auth.Grant{Role: auth.Role(c.Role), Office: queue.OfficeID(c.Office), Kiosk: queue.KioskID(c.Kiosk), Name: c.Name}
	if c.Expires > 0 {
		grant.Expires = time.Now().Add(c.Expires)
	}
	token, made, err := keeper.Create(ctx, grant)
	if err != nil {
		return err
	}
	c.note(ctx, audit.Entry{Action: "token.create", Office: made.Office, Target: made.ID, Detail: strings.TrimSpace(fmt.Sprintf("%s %s %s", made.Role, made.Name, made.Kiosk))})
	fmt.Fprintf(os.Stderr, "token %s: role %s, office %s\n", made.ID, made.Role, or(c.Office, "all"))
	fmt.Println(token)
	return nil
}

// checkOffice finds typing errors: a token or a PIN for an office that does not
// exist opens nothing, and nobody would know why.
func checkOffice(file, office string) error {
	source, err := catalog.NewSource(file, func() queue.Date { return "" }, nil)
	if err != nil {
		return err
	}
	known, _ := source.Catalog()
	if _, ok := known.Office(queue.OfficeID(office)); !ok {
		return fmt.Errorf("office %q is not in the catalogue; it has %v (another catalogue: --catalog FILE)", office, known.IDs())
	}
	return nil
}

type tokenListCmd struct{ storeFlags }

// Run lists the tokens.
func (c *tokenListCmd) Run(ctx context.Context) (err error) {
	keeper, done, err := c.keeper(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, done)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tROLE\tOFFICE\tKIOSK\tNAME\tCREATED\tEXPIRES\tREVOKED")
	for _, g := range keeper.List() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%q\t%s\t%s\t%s\n", g.ID, g.Role, or(string(g.Office), "all"), or(string(g.Kiosk), "-"), g.Name,
			stamp(g.Created), stamp(g.Expires), stamp(g.Revoked))
	}
	return w.Flush()
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.In(queue.JST).Format(time.RFC3339)
}

type tokenRevokeCmd struct {
	storeFlags
	ID string `arg:"" help:"Id of the token, as list shows it."`
}

// Run revokes the token.
func (c *tokenRevokeCmd) Run(ctx context.Context) (err error) {
	keeper, done, err := c.keeper(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, done)
	if err := keeper.Revoke(ctx, c.ID); err != nil {
		return fmt.Errorf("revoke %s: %w", c.ID, err)
	}
	c.note(ctx, audit.Entry{Action: "token.revoke", Target: c.ID})
	return nil
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
