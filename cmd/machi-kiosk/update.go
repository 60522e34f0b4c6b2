package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"machi/kiosk/update"
)

// updateCmd installs signed updates and takes back those that do not work.
type updateCmd struct {
	Install installCmd `cmd:"" help:"Install a signed bundle, on trial. Restart the machine's service afterwards."`
	Settle  settleCmd  `cmd:"" help:"Count a start of an update on trial; go back after too many. Run before every start."`
	Confirm confirmCmd `cmd:"" help:"End the trial if the agent answers."`
	Status  statusCmd  `cmd:"" help:"Say what is installed."`
	Pack    packCmd    `cmd:"" help:"Make a signed bundle of a folder."`
}

// slots says where the two slots are and whose updates they take.
type slots struct {
	Root string `help:"Folder of the two slots." default:"/var/lib/machi-update" type:"path"`
	Key  string `help:"File of the public key of updates (PEM, Ed25519)." default:"/etc/machi/update.pub" type:"path"`
}

func (s slots) machine() (update.Machine, error) {
	der, err := readPEM(s.Key)
	if err != nil {
		return update.Machine{}, err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	public, ok := key.(ed25519.PublicKey)
	if err != nil || !ok {
		return update.Machine{}, fmt.Errorf("%s: want an Ed25519 public key", s.Key)
	}
	return update.Machine{Root: s.Root, Key: public}, nil
}

func readPEM(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("%s: want a PEM file", path)
	}
	return block.Bytes, nil
}

type installCmd struct {
	slots
	Bundle string `arg:"" help:"The bundle." type:"existingfile"`
	Older  bool   `help:"Also take a bundle that is not newer than what runs."`
}

// Run installs a bundle.
func (c *installCmd) Run() error {
	m, err := c.machine()
	if err != nil {
		return err
	}
	f, err := os.Open(c.Bundle)
	if err != nil {
		return err
	}
	defer f.Close()
	manifest, err := m.Install(f, c.Older)
	if err != nil {
		return err
	}
	_, err = fmt.Printf("installed %s (%d), on trial\n", manifest.Version, manifest.Serial)
	return err
}

type settleCmd struct{ slots }

// Run prints the slot that is to run; nothing when only the packaged program is there.
func (c *settleCmd) Run() error {
	m, err := c.machine()
	if errors.Is(err, os.ErrNotExist) {
		return nil // a machine that takes no updates
	}
	if err != nil {
		return err
	}
	slot, back, err := m.Settle()
	if back {
		fmt.Fprintln(os.Stderr, "machi-kiosk: the update was taken back")
	}
	fmt.Println(slot)
	return err
}

type confirmCmd struct {
	slots
	AddressFile string `help:"File that the agent writes its address into." default:"/run/machi-kiosk/address" type:"path"`
}

// Run ends the trial if the agent answers with a screen.
func (c *confirmCmd) Run(ctx context.Context) error {
	m, err := c.machine()
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := answers(ctx, c.AddressFile); err != nil {
		return fmt.Errorf("the update stays on trial: %w", err)
	}
	return m.Confirm()
}

// answers reports whether the agent whose address a file holds shows its screen.
func answers(ctx context.Context, addressFile string) error {
	raw, err := os.ReadFile(addressFile)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSpace(string(raw))+"screen", http.NoBody)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20)); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the agent answered %d", answer.StatusCode)
	}
	return nil
}

type statusCmd struct{ slots }

// Run prints what is installed.
func (c *statusCmd) Run() error {
	m, err := c.machine()
	if err != nil {
		return err
	}
	s, err := m.State()
	if err != nil {
		return err
	}
	if s.Slot == "" {
		fmt.Println("only the packaged program")
		return nil
	}
	fmt.Printf("slot %s: %s (%d)", s.Slot, s.Manifest.Version, s.Manifest.Serial)
	if s.OnTrial {
		fmt.Print(", on trial")
	}
	fmt.Println()
	return nil
}

type packCmd struct {
	Folder  string `arg:"" help:"The folder whose files are packed." type:"existingdir"`
	Bundle  string `arg:"" help:"The bundle to write." type:"path"`
	Version string `help:"The version that people read." required:""`
	Serial  int64  `help:"Grows with every release." required:""`
	Secret  string `help:"File of the private key of updates (PEM, Ed25519)." required:"" type:"existingfile"`
}

// Run writes a bundle.
func (c *packCmd) Run() error {
	der, err := readPEM(c.Secret)
	if err != nil {
		return err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	private, ok := key.(ed25519.PrivateKey)
	if err != nil || !ok {
		return fmt.Errorf("%s: want an Ed25519 private key", c.Secret)
	}
	out, err := os.Create(c.Bundle)
	if err != nil {
		return err
	}
	return errors.Join(update.Pack(out, c.Folder, c.Version, c.Serial, private), out.Close())
}
