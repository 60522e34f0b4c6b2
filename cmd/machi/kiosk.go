package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"machi/internal/audit"
	"machi/internal/auth"
	"machi/internal/catalog"
	"machi/internal/pin"
	"machi/internal/queue"
)

// kioskCmd manages ticket machines and their keys. It works beside running servers,
// which see a new code or a revoked machine within a second.
type kioskCmd struct {
	Code   kioskCodeCmd   `cmd:"" help:"Make the one-time code with which a machine enrols; print it as the last line of standard output."`
	List   kioskListCmd   `cmd:"" help:"List the machines that were enrolled and what became of their keys."`
	Revoke kioskRevokeCmd `cmd:"" help:"Revoke everything that opens for a machine: key, tokens, open code."`
	PIN    kioskPINCmd    `cmd:"" name:"pin" help:"Set the PIN of the staff mode at an office's machines, read from standard input."`
}

// kioskFlags name a machine.
type kioskFlags struct {
	storeFlags
	Office string `help:"Id of the office." required:""`
	Kiosk  string `help:"Id of the machine in the catalogue, such as K1." required:""`
}

type kioskCodeCmd struct {
	kioskFlags
	Catalog string `help:"File of offices, to check the machine's id." env:"MACHI_CATALOG" placeholder:"FILE" type:"path"`
}

// Run makes the code.
func (c *kioskCodeCmd) Run(ctx context.Context) (err error) {
	office, kiosk := queue.OfficeID(c.Office), queue.KioskID(c.Kiosk)
	if err := checkKiosk(c.Catalog, office, kiosk); err != nil {
		return err
	}
	keeper, done, err := c.keeper(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, done)
	code, until, err := keeper.NewCode(ctx, office, kiosk, "operator")
	if err != nil {
		return err
	}
	c.note(ctx, audit.Entry{Action: "kiosk.code", Office: office, Target: string(kiosk)})
	fmt.Fprintf(os.Stderr, "code for kiosk %s of %s, good until %s:\n", kiosk, office, stamp(until))
	fmt.Println(code)
	return nil
}

// checkKiosk finds typing errors: a code for a machine that does not exist opens
// nothing, and nobody would know why.
func checkKiosk(file string, office queue.OfficeID, kiosk queue.KioskID) error {
	source, err := catalog.NewSource(file, func() queue.Date { return "" }, nil)
	if err != nil {
		return err
	}
	known, _ := source.Catalog()
	o, ok := known.Office(office)
	if !ok {
		return fmt.Errorf("office %q is not in the catalogue; it has %v (another catalogue: --catalog FILE)", office, known.IDs())
	}
	if !slices.Contains(o.Kiosks, kiosk) {
		return fmt.Errorf("kiosk %q is not in the catalogue of %s; it has %v", kiosk, office, o.Kiosks)
	}
	return nil
}

type kioskListCmd struct {
	storeFlags
	Office string `help:"Id of the office; without one, all."`
}

// Run lists the machines.
func (c *kioskListCmd) Run(ctx context.Context) (err error) {
	keeper, done, err := c.keeper(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, done)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "OFFICE\tKIOSK\tKEY\tSTATE\tENROLLED\tSTARTED\tBY")
	for _, d := range keeper.Devices(queue.OfficeID(c.Office)) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%q\n", d.Office, d.Kiosk, d.KeyID, stateOf(d), stamp(d.Enrolled), stamp(d.Started), d.By)
	}
	return w.Flush()
}

func stateOf(d auth.Device) string {
	switch {
	case !d.Revoked.IsZero():
		return "revoked " + stamp(d.Revoked)
	case d.Barred != "":
		return "barred (copied: " + d.Barred + ")"
	}
	return "active"
}

type kioskRevokeCmd struct{ kioskFlags }

// Run revokes the machine.
func (c *kioskRevokeCmd) Run(ctx context.Context) (err error) {
	keeper, done, err := c.keeper(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, done)
	if err := keeper.EndKiosk(ctx, queue.OfficeID(c.Office), queue.KioskID(c.Kiosk)); err != nil {
		return fmt.Errorf("revoke kiosk %s of %s: %w", c.Kiosk, c.Office, err)
	}
	c.note(ctx, audit.Entry{Action: "kiosk.revoke", Office: queue.OfficeID(c.Office), Target: c.Kiosk})
	return nil
}

type kioskPINCmd struct {
	storeFlags
	Office  string `help:"Id of the office." required:""`
	Remove  bool   `help:"Take the PIN away: the staff mode stays shut."`
	Catalog string `help:"File of offices, to check the office's id." env:"MACHI_CATALOG" placeholder:"FILE" type:"path"`
}

// Run sets the PIN. It is read, not given as a flag: flags can be seen by others.
func (c *kioskPINCmd) Run(ctx context.Context) (err error) {
	if err := checkOffice(c.Catalog, c.Office); err != nil {
		return err
	}
	hash := ""
	if !c.Remove {
		fmt.Fprint(os.Stderr, "PIN (4 to 8 digits): ")
		typed, err := bufio.NewReader(io.LimitReader(os.Stdin, 64)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		typed = strings.TrimSpace(typed)
		if err := pin.Check(typed); err != nil {
			return err
		}
		hash = pin.Hash(typed)
	}
	keeper, done, err := c.keeper(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, done)
	if err := keeper.SetPIN(ctx, queue.OfficeID(c.Office), hash); err != nil {
		return err
	}
	c.note(ctx, audit.Entry{Action: "kiosk.pin", Office: queue.OfficeID(c.Office)})
	return nil
}
