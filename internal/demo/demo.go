package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"machi/internal/auth"
	"machi/internal/catalog"
	"machi/internal/queue"
	"machi/internal/server"
	"machi/kiosk"
	"machi/kiosk/device"
	"machi/kiosk/print"
)

// Monday is when the demo begins: a busy Monday in April, mid-morning.
var Monday = time.Date(2026, 4, 6, 9, 45, 0, 0, queue.JST)

// mainOffice is the office that has the demo's two machines.
const mainOffice queue.OfficeID = "km-setagaya"

// catalogue is what the demo says beside the built-in one: two offices give numbers to
// people at home, who check in when they come.
const catalogue = "offices: [{id: " + string(mainOffice) + ", from_home: {enabled: true, check_in_by_sheet: true}}, {id: km-kitazawa, from_home: {enabled: true, per_ten_minutes: 2}}]\n"

// pushSubject stands for whoever runs the demo, whom nobody writes to.
const pushSubject = "https://machi.example/"

// staffPIN opens the staff mode of the demo's machines.
const staffPIN = "1234"

// freeCounter is the counter of the main office that is left to the newcomer.
const freeCounter = "2"

// Options say how the demo runs.
type Options struct {
	Speed  float64   // how many times as fast as life; 0: 20
	Start  time.Time // zero: [Monday]
	Listen string    // of the server; empty: 127.0.0.1:8080, or any free port if that is taken
	Seed   uint64    // of the pretend people
	Dir    string    // empty: a temporary folder that is removed at the end
	NoPast bool      // begin without days that have passed
	Out    io.Writer // where the addresses are printed
	Logger *slog.Logger
	// Ready, if set, is called with the server's address once the first page can be opened.
	Ready func(addr string)
}

func (o Options) withDefaults() (Options, error) {
	if o.Speed == 0 {
		o.Speed = 20
	}
	if o.Start.IsZero() {
		o.Start = Monday
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Speed < 0.1 || o.Speed > 600 {
		return o, fmt.Errorf("demo: speed %v: want 0.1 to 600", o.Speed)
	}
	return o, nil
}

// Run runs the demo until the context ends.
func Run(ctx context.Context, o Options) (err error) {
	o, err = o.withDefaults()
	if err != nil {
		return err
	}
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "machi-demo-"); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.Dir)) }()
	}
	offices := filepath.Join(o.Dir, "offices.yaml")
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := os.WriteFile(offices, []byte(catalogue), 0o600); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	s, err := server.New(server.Options{
		Listen: orFree(o.Listen, "127.0.0.1:8080"), Data: filepath.Join(o.Dir, "server"), Catalog: offices,
		Clock: o.Start, Speed: o.Speed, LearnDays: learnDays, OptionalTOTP: true, Tell: server.Tell{PushSubject: pushSubject}, Logger: o.Logger,
	})
	if err != nil {
		return err
	}
	t := &troupe{options: o, server: s, clock: &clock{o.Speed}}
	return t.play(ctx)
}

// troupe is everything that runs in the demo.
type troupe struct {
	options Options
	server  *server.Server
	clock   *clock
	group   sync.WaitGroup

	mu     sync.Mutex
	failed error // the first failure; ends the demo
}

func (t *troupe) play(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t.start(cancel, func() error { return t.server.Run(ctx) })
	if err := t.cast(ctx, cancel); err != nil {
		t.fail(err)
		cancel()
	}
	t.group.Wait()
	return t.failed
}

// start runs a part of the demo; if it fails, the demo ends.
func (t *troupe) start(cancel context.CancelFunc, run func() error) {
	t.group.Go(func() {
		if err := run(); err != nil {
			t.fail(err)
		}
		cancel()
	})
}

func (t *troupe) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failed == nil {
		t.failed = err
	}
}

// cast brings in the machines and the people, and says where to look.
func (t *troupe) cast(ctx context.Context, cancel context.CancelFunc) error {
	offices, err := catalog.Default()
	if err != nil {
		return err
	}
	token, err := t.server.Grant(ctx, auth.Grant{Role: "admin", Name: "demo"})
	if err != nil {
		return err
	}
	api := newClient(t.server.Addr(), token)
	machines, err := t.machines(ctx, cancel, api)
	if err != nil {
		return err
	}
	if err := t.notice(ctx, api); err != nil {
		return err
	}
	door, err := t.door(ctx, api)
	if err != nil {
		return err
	}
	people, err := hire(ctx, t.server)
	if err != nil {
		return err
	}
	if err := t.say(offices, token, door, machines, people); err != nil {
		return err
	}
	for i, id := range offices.IDs() {
		settings, err := offices.Settings(id, queue.BusinessDay(t.options.Start))
		if err != nil {
			return err
		}
		f := newFloor(id, settings, api, t.clock)
		if id == mainOffice {
			f.leaveFree(freeCounter)
			for _, k := range machines {
				f.machines = append(f.machines, presser{k})
			}
		}
		t.group.Go(func() { f.run(ctx, t.options.Seed+uint64(i)) })
	}
	t.group.Go(func() {
		if err := t.past(ctx, offices); err != nil && ctx.Err() == nil {
			t.options.Logger.Error("the past could not be made", "error", err)
		}
	})
	if t.options.Ready != nil {
		t.options.Ready(t.server.Addr())
	}
	return nil
}

// machines enrols and starts the two ticket machines of the main office, as a
// manager and a technician would.
func (t *troupe) machines(ctx context.Context, cancel context.CancelFunc, api *client) ([]*kiosk.Kiosk, error) {
	office := string(mainOffice) + "/kiosks/"
	if _, err := api.post(ctx, office+"pin", map[string]string{"pin": staffPIN}, nil); err != nil {
		return nil, fmt.Errorf("demo: PIN: %w", err)
	}
	var list []*kiosk.Kiosk
	for i, id := range []queue.KioskID{"K1", "K2"} {
		dir := filepath.Join(t.options.Dir, string(id))
		var once struct{ Code string }
		if _, err := api.post(ctx, office+string(id)+"/enrol-code", struct{}{}, &once); err != nil {
			return nil, fmt.Errorf("demo: code for %s: %w", id, err)
		}
		request := device.Request{Server: t.server.Addr(), Code: once.Code, Dir: dir, Office: mainOffice, Kiosk: id}
		if _, err := device.Enrol(ctx, request); err != nil {
			return nil, fmt.Errorf("demo: enrol %s: %w", id, err)
		}
		printer, err := print.Open("png:"+filepath.Join(dir, "printed"), print.Options{})
		if err != nil {
			return nil, err
		}
		k, err := kiosk.New(kiosk.Options{
			Server: t.server.Addr(), Office: mainOffice, Kiosk: id, Dir: dir, Printer: printer,
			Listen: orFree("", "127.0.0.1:"+strconv.Itoa(8090+i)), Clock: t.options.Start, Speed: t.options.Speed, Logger: t.options.Logger,
			// The folder is new: there is no store yet that could be damaged.
			CheckStore: func(context.Context, string) error { return nil },
		})
		if err != nil {
			return nil, err
		}
		t.start(cancel, func() error { return k.Run(ctx) })
		list = append(list, k)
	}
	return list, nil
}

// say prints where to look.
func (t *troupe) say(c *catalog.Catalog, token, door string, machines []*kiosk.Kiosk, people []person) error {
	at := t.server.Addr()
	_, err := fmt.Fprintf(t.options.Out, `
Machi: %d offices of %s with pretend residents and clerks.
Rehearsal clock: %s, %g times as fast. Ctrl-C ends it.

  public page      %[5]s/
  one office       %[5]s/offices/%[6]s
  wall screen      %[5]s/signage/%[6]s
  ticket from home %[5]s/offices/%[6]s/from-home
  screen at a door %[8]s
  manager          %[5]s/manager
  your own counter %[5]s/staff/%[6]s/%[7]s
`, len(c.Offices), c.Ward["ja"], t.options.Start.Format("Mon 2006-01-02 15:04"), t.options.Speed, at, mainOffice, freeCounter, door)
	if err != nil {
		return err
	}
	for i, k := range machines {
		if _, err := fmt.Fprintf(t.options.Out, "  ticket machine %d %s\n", i+1, k.Addr()); err != nil {
			return err
		}
	}
	printed := filepath.Join(t.options.Dir, "K1", "printed")
	if _, err := fmt.Fprintf(t.options.Out, "  their staff mode hold the ward's name for three seconds, PIN %s\n  their paper      %s\n", staffPIN, printed); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(t.options.Out, "\nSign in at %s/staff/login as one of\n", at); err != nil {
		return err
	}
	for _, p := range people {
		if _, err := fmt.Fprintf(t.options.Out, "  %-10s %s   (%s)\n", p.login, p.password, p.is); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(t.options.Out, "or, as programs do, with this token:\n  %s\n\n", token)
	return err
}

// orFree returns the address that was asked for, else the usual one, else any
// free port of this machine.
func orFree(asked, usual string) string {
	if asked != "" {
		return asked
	}
	l, err := net.Listen("tcp", usual)
	if err != nil {
		return "127.0.0.1:0"
	}
	_ = l.Close()
	return usual
}

// presser lets pretend residents press a real machine. One whose press was refused,
// because the one before was a moment ago, goes to the desk.
type presser struct{ kiosk *kiosk.Kiosk }

func (p presser) Press(ctx context.Context, service string) error {
	t, err := p.kiosk.Press(ctx, kiosk.Choice{Service: queue.ServiceID(service), Language: "ja"})
	if err == nil && t.Number == "" {
		return fmt.Errorf("the machine refused: %s", t.Code)
	}
	return err
}
