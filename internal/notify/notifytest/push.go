package notifytest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/notify"
)

// Pushed is a message that a push service took.
type Pushed struct {
	Browser, Topic, TTL, Urgency string
	Message                      notify.Message
}

// PushService is a push service with its browsers.
type PushService struct {
	*httptest.Server
	t   testing.TB
	key string // that it expects; empty: any

	mu       sync.Mutex
	browsers map[string]*browser
	taken    []Pushed
	faults   []string
	answer   func(browser string) int
}

type browser struct {
	private *ecdh.PrivateKey
	auth    []byte
}

// NewPushService starts one that is told whose key to expect.
func NewPushService(t testing.TB) *PushService {
	s := &PushService{t: t, browsers: map[string]*browser{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// Expect sets the VAPID public key that messages must be signed with.
func (s *PushService) Expect(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key = key
}

// Answer sets what becomes of messages: a status, 0 to take it, or -1 to take it and cut
// the line before an answer.
func (s *PushService) Answer(choose func(browser string) int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = choose
}

// Subscribe makes a browser and returns its subscription.
func (s *PushService) Subscribe(name string) notify.Subscription {
	s.t.Helper()
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	b := &browser{private, make([]byte, 16)}
	_, _ = rand.Read(b.auth)
	s.mu.Lock()
	s.browsers[name] = b
	s.mu.Unlock()
	sub := notify.Subscription{Endpoint: s.URL + "/push/" + name}
	sub.Keys.P256dh = base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes())
	sub.Keys.Auth = base64.RawURLEncoding.EncodeToString(b.auth)
	return sub
}

// Taken returns the messages that browsers have got, and fails the test if one of them
// could not be read.
func (s *PushService) Taken() []Pushed {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		s.t.Error(f)
	}
	return append([]Pushed(nil), s.taken...)
}

func (s *PushService) serve(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(io.LimitReader(r.Body, 8<<10))
	name := strings.TrimPrefix(r.URL.Path, "/push/")
	s.mu.Lock()
	choose := s.answer
	s.mu.Unlock()
	status := 0
	if choose != nil {
		status = choose(name) // it may wait, and must not hold the lock
	}
	if status > 0 {
		w.WriteHeader(status)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.take(r, name, raw); err != nil {
		s.faults = append(s.faults, "push service: "+err.Error())
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if status < 0 {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusCreated)
}

// take checks and reads one message. The caller holds mu.
func (s *PushService) take(r *http.Request, name string, raw []byte) error {
	b := s.browsers[name]
	switch {
	case b == nil:
		return errors.New("unknown browser")
	case r.Method != http.MethodPost, r.Header.Get("Content-Encoding") != "aes128gcm":
		return fmt.Errorf("%s with encoding %q", r.Method, r.Header.Get("Content-Encoding"))
	case len(raw) > 4096:
		return fmt.Errorf("%d bytes", len(raw))
	case len(r.Header.Get("Topic")) > 32, strings.Trim(r.Header.Get("Topic"), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "":
		return fmt.Errorf("topic %q", r.Header.Get("Topic"))
	}
	if err := CheckVAPID(r.Header.Get("Authorization"), s.URL, s.key, time.Now()); err != nil {
		return err
	}
	text, err := Decrypt(b.private, b.auth, raw)
	if err != nil {
		return err
	}
	p := Pushed{Browser: name, Topic: r.Header.Get("Topic"), TTL: r.Header.Get("TTL"), Urgency: r.Header.Get("Urgency")}
	if err := json.Unmarshal(text, &p.Message); err != nil {
		return err
	}
	s.taken = append(s.taken, p)
	return nil
}

// Decrypt reads an aes128gcm message as a browser does (RFC 8291 and 8188).
func Decrypt(private *ecdh.PrivateKey, auth, raw []byte) ([]byte, error) {
	if len(raw) < 21 || len(raw) < 21+int(raw[20]) {
		return nil, errors.New("no header")
	}
	salt, size, sender, box := raw[:16], binary.BigEndian.Uint32(raw[16:20]), raw[21:21+int(raw[20])], raw[21+int(raw[20]):]
	if len(box) > int(size) {
		return nil, fmt.Errorf("more than one record of %d bytes", size)
	}
	public, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return nil, err
	}
	shared, err := private.ECDH(public)
	if err != nil {
		return nil, err
	}
	ikm, err := hkdf.Key(sha256.New, shared, auth, "WebPush: info\x00"+string(private.PublicKey().Bytes())+string(sender), 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	text, err := gcm.Open(nil, nonce, box, nil)
	if err != nil {
		return nil, err
	}
	text = []byte(strings.TrimRight(string(text), "\x00"))
	if len(text) == 0 || text[len(text)-1] != 2 {
		return nil, errors.New("not the last record")
	}
	return text[:len(text)-1], nil
}

// CheckVAPID checks a signature (RFC 8292) for the audience of an origin.
func CheckVAPID(header, origin, want string, now time.Time) error {
	fields, ok := strings.CutPrefix(header, "vapid t=")
	token, key, both := strings.Cut(fields, ", k=")
	parts := strings.Split(token, ".")
	if !ok || !both || len(parts) != 3 {
		return fmt.Errorf("authorization %q", header)
	}
	if want != "" && key != want {
		return fmt.Errorf("signed with the key %s", key)
	}
	point, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) != 64 {
		return errors.New("no signature")
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return errors.New("the signature is false")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return err
	}
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if err := json.Unmarshal(raw, &claims); err != nil {
		return err
	}
	switch until := time.Unix(claims.Exp, 0).Sub(now); {
	case claims.Aud != origin:
		return fmt.Errorf("audience %q", claims.Aud)
	case !strings.HasPrefix(claims.Sub, "https://"):
		return fmt.Errorf("subject %q", claims.Sub)
	case until <= 0 || until > 24*time.Hour:
		return fmt.Errorf("good for %v", until)
	}
	return nil
}
