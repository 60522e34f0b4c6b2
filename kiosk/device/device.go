package device

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"machi/internal/queue"
	"machi/internal/signature"
)

const (
	keyName  = "device.json"
	nextName = "device.next.json"

	enrolWithin = 15 * time.Second
	maxAnswer   = 64 << 10
)

var (
	// ErrNotEnrolled says that a folder holds no key.
	ErrNotEnrolled = errors.New("device: the machine is not enrolled")
	// ErrOther says that a code was made for another machine, which is let in by it now.
	ErrOther = errors.New("device: the code was made for another machine")
	// ErrOpenFile says that others on the machine could read the key.
	ErrOpenFile = errors.New("device: the key's file can be read by others; want mode 0600")
)

// Refused is a server's no to an enrolment, such as wrong_code.
type Refused struct {
	Status int
	Code   string
}

// Error returns the code.
func (r *Refused) Error() string {
	return fmt.Sprintf("device: the server refused: %s (%d)", r.Code, r.Status)
}

// Device is what a machine was enrolled as.
type Device struct {
	Server   string         `json:"server"`
	Office   queue.OfficeID `json:"office"`
	Kiosk    queue.KioskID  `json:"kiosk"`
	KeyID    string         `json:"key_id"`
	Enrolled time.Time      `json:"enrolled"`
	Seed     []byte         `json:"seed"` // of the private key

	key ed25519.PrivateKey
}

// Load reads a machine's key from a folder. It returns ErrNotEnrolled or ErrOpenFile,
// or an error for a damaged file.
func Load(dir string) (*Device, error) {
	d, err := read(filepath.Join(dir, keyName))
	if err != nil {
		return nil, err
	}
	if d.KeyID != signature.KeyID(d.key.Public().(ed25519.PublicKey)) || d.Office == "" || d.Kiosk == "" {
		return nil, fmt.Errorf("device: %s is damaged; enrol the machine again", keyName)
	}
	return d, nil
}

func read(path string) (*Device, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, ErrNotEnrolled
	case err != nil:
		return nil, fmt.Errorf("device: %w", err)
	case info.Mode().Perm()&0o077 != 0:
		return nil, ErrOpenFile
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	var d Device
	if err := json.Unmarshal(raw, &d); err != nil || len(d.Seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("device: %s is damaged; enrol the machine again", filepath.Base(path))
	}
	d.key = ed25519.NewKeyFromSeed(d.Seed)
	return &d, nil
}

// Sign signs a request as of a moment. The request's body must be one that can be
// read again, as that of http.NewRequest is.
func (d *Device) Sign(r *http.Request, at time.Time) error {
	var body []byte
	if r.GetBody != nil {
		again, err := r.GetBody()
		if err != nil {
			return fmt.Errorf("device: %w", err)
		}
		if body, err = io.ReadAll(again); err != nil {
			return fmt.Errorf("device: %w", err)
		}
	}
	return signature.Sign(r, body, d.key, at)
}

// Request says how a machine is to be enrolled. Server, Code and Dir are required.
type Request struct {
	Server string // base URL
	Code   string // one-time, eight digits, however they are grouped
	Dir    string
	// Office and Kiosk are what the machine is; empty: what the code says.
	Office queue.OfficeID
	Kiosk  queue.KioskID
}

// Enrol makes a key in a folder and has a server let it in by a one-time code. A
// *Refused says why the server does not; ErrOther that the code let in another
// machine than the one that was meant: its key is not kept, and the code is spent.
// Who lost the answer asks again with the same code: the key is kept until then. An
// earlier key of the folder holds until the new one is let in.
func Enrol(ctx context.Context, q Request) (*Device, error) {
	server, code, dir := q.Server, plain(q.Code), q.Dir
	base, err := url.Parse(server)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("device: server %q: want http://host or https://host", server)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	d, fresh, err := nextKey(dir, server)
	if err != nil {
		return nil, err
	}
	err = d.ask(ctx, base, code)
	var no *Refused
	if errors.As(err, &no) && no.Code == "bad_value" && !fresh {
		// The key was let in before, and its answer was lost for too long.
		if err := os.Remove(filepath.Join(dir, nextName)); err != nil {
			return nil, fmt.Errorf("device: %w", err)
		}
		if d, _, err = nextKey(dir, server); err != nil {
			return nil, err
		}
		err = d.ask(ctx, base, code)
	}
	if err != nil {
		return nil, err
	}
	if q.Office != "" && q.Office != d.Office || q.Kiosk != "" && q.Kiosk != d.Kiosk {
		return nil, errors.Join(fmt.Errorf("%w: %s of %s", ErrOther, d.Kiosk, d.Office), os.Remove(filepath.Join(dir, nextName)))
	}
	if err := replace(filepath.Join(dir, keyName), d); err != nil {
		return nil, err
	}
	_ = os.Remove(filepath.Join(dir, nextName)) // it is found out to be old, otherwise
	return d, nil
}

// plain returns a code as it was made: people type it in groups, and with an input
// method that makes digits wide.
func plain(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '０' <= r && r <= '９':
			return r - '０' + '0'
		case unicode.IsSpace(r), r == '-':
			return -1
		}
		return r
	}, code)
}

// nextKey returns the key that is to be let in: one whose fate is open, or a new one.
func nextKey(dir, server string) (d *Device, fresh bool, err error) {
	path := filepath.Join(dir, nextName)
	if d, err := read(path); err == nil && d.Server == server {
		return d, false, nil
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, false, fmt.Errorf("device: %w", err)
	}
	d = &Device{Server: server, KeyID: signature.KeyID(public), Seed: private.Seed(), key: private}
	return d, true, replace(path, d)
}

// ask sends the public key with the code and takes what the server makes of it.
func (d *Device) ask(ctx context.Context, base *url.URL, code string) error {
	ctx, cancel := context.WithTimeout(ctx, enrolWithin)
	defer cancel()
	raw, err := json.Marshal(map[string]string{
		"code": code, "hardware": Hardware(), "public_key": base64.StdEncoding.EncodeToString(d.key.Public().(ed25519.PublicKey)),
	})
	if err != nil {
		return fmt.Errorf("device: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base.JoinPath("api/v1/enrol").String(), bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("device: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("device: %w", err)
	}
	defer answer.Body.Close()
	if raw, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer)); err != nil {
		return fmt.Errorf("device: %w", err)
	}
	if answer.StatusCode != http.StatusCreated {
		no := &Refused{Status: answer.StatusCode}
		no.Code = codeOf(raw)
		return no
	}
	var let struct {
		Office queue.OfficeID `json:"office"`
		Kiosk  queue.KioskID  `json:"kiosk"`
		KeyID  string         `json:"key_id"`
		Time   time.Time      `json:"server_time"`
	}
	if err := json.Unmarshal(raw, &let); err != nil || let.KeyID != d.KeyID || let.Office == "" || let.Kiosk == "" {
		return fmt.Errorf("device: the server's answer is not about this machine")
	}
	d.Office, d.Kiosk, d.Enrolled = let.Office, let.Kiosk, let.Time
	return nil
}

// codeOf returns the code of a problem, or "".
func codeOf(raw []byte) string {
	var p struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(raw, &p) // without a code the status has to do
	return p.Code
}

// replace puts a value into a file that only its owner reads, whole or not at all.
func replace(path string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("device: %w", err)
	}
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("device: %w", err)
	}
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("device: %w", err)
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("device: %w", err)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("device: %w", err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("device: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}
