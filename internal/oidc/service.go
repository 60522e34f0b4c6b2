package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Why somebody could not be signed in. What the service answered exactly is for the
// log.
var (
	// ErrUnavailable says that the service does not answer as one does.
	ErrUnavailable = errors.New("oidc: the sign-in service does not answer")
	// ErrAttempt says that no sign-in is under way in this browser, or for too long.
	ErrAttempt = errors.New("oidc: no sign-in is under way")
	// ErrDenied says that the service did not let the person in.
	ErrDenied = errors.New("oidc: the sign-in service refused")
	// ErrAnswer says that an answer is not to be believed.
	ErrAnswer = errors.New("oidc: the answer is not to be believed")
	// ErrNoRole says that none of the person's groups may do anything here.
	ErrNoRole = errors.New("oidc: the person has no role here")
)

// Service is the city's sign-in service.
type Service struct {
	o      Options
	client *http.Client
	sealer sealer
	used   used

	mu     sync.Mutex // held while the service is asked for its addresses
	known  *known
	failed time.Time
}

// known is what the service says of itself.
type known struct {
	oauth    oauth2.Config
	verifier *gooidc.IDTokenVerifier
	namesIss bool // its answers name the issuer
	at       time.Time
}

// New returns a service that was not asked anything yet.
func New(o Options) (*Service, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	transport := o.Transport
	if transport == nil {
		transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: askWithin, ResponseHeaderTimeout: askWithin,
			MaxResponseHeaderBytes: 64 << 10, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		}
	}
	client := &http.Client{
		Transport: limited{transport}, Timeout: askWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Service{o: o, client: client, sealer: newSealer(o.Key)}, nil
}

// Begin begins a sign-in: it returns where to send the browser, and what the browser
// must bring back. Next is kept for the end. It returns [ErrUnavailable] while the
// service is away.
func (s *Service) Begin(ctx context.Context, next string) (address, sealed string, err error) {
	k, err := s.learn(ctx)
	if err != nil {
		return "", "", err
	}
	a := attempt{State: random(), Nonce: random(), Verifier: oauth2.GenerateVerifier(), Next: next, Began: s.o.Now()}
	if sealed, err = s.sealer.seal(a); err != nil {
		return "", "", err
	}
	with := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(a.Verifier), gooidc.Nonce(a.Nonce)}
	if s.o.ACR != "" {
		with = append(with, oauth2.SetAuthURLParam("acr_values", s.o.ACR))
	}
	return k.oauth.AuthCodeURL(a.State, with...), sealed, nil
}

// learn returns what the service says of itself, and asks it where that is unknown or
// old. What is known holds while the service is away.
func (s *Service) learn(ctx context.Context) (*known, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	if s.known != nil && now.Sub(s.known.at) < keepFor {
		return s.known, nil
	}
	if now.Sub(s.failed) < tryAgain && !now.Before(s.failed) {
		return s.orKnown(ErrUnavailable)
	}
	k, err := s.discover(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.failed = now
		}
		s.o.Logger.Warn("the sign-in service does not say what it is", "issuer", s.o.Issuer, "error", err)
		return s.orKnown(fmt.Errorf("%w: %w", ErrUnavailable, err))
	}
	k.at = now
	s.known = k
	return k, nil
}

func (s *Service) orKnown(err error) (*known, error) {
	if s.known != nil {
		return s.known, nil
	}
	return nil, err
}

// metadata is what we look at of the service's own description.
type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Keys          string   `json:"jwks_uri"`
	Methods       []string `json:"token_endpoint_auth_methods_supported"`
	Challenges    []string `json:"code_challenge_methods_supported"`
	NamesIssuer   bool     `json:"authorization_response_iss_parameter_supported"`
}

func (s *Service) discover(ctx context.Context) (*known, error) {
	provider, err := gooidc.NewProvider(s.withClient(ctx), s.o.Issuer)
	if err != nil {
		return nil, err
	}
	var m metadata
	if err := provider.Claims(&m); err != nil {
		return nil, err
	}
	for _, address := range []string{m.Authorization, m.Token, m.Keys} {
		if err := checkURL(address); err != nil {
			return nil, err
		}
	}
	if len(m.Challenges) > 0 && !slices.Contains(m.Challenges, "S256") {
		return nil, fmt.Errorf("it takes no S256 challenge, only %v", m.Challenges)
	}
	style := oauth2.AuthStyleInHeader // what holds where nothing is said
	if len(m.Methods) > 0 && !slices.Contains(m.Methods, "client_secret_basic") {
		if !slices.Contains(m.Methods, "client_secret_post") {
			return nil, fmt.Errorf("it takes no client secret, only %v", m.Methods)
		}
		style = oauth2.AuthStyleInParams
	}
	return &known{
		oauth: oauth2.Config{
			ClientID: s.o.ClientID, ClientSecret: s.o.ClientSecret, RedirectURL: s.o.RedirectURL,
			Endpoint: oauth2.Endpoint{AuthURL: m.Authorization, TokenURL: m.Token, AuthStyle: style},
			Scopes:   append([]string{gooidc.ScopeOpenID}, s.o.Scopes...),
		},
		// Its time is checked by check, which allows for clocks that differ.
		verifier: provider.VerifierContext(s.withClient(context.WithoutCancel(ctx)), &gooidc.Config{
			ClientID: s.o.ClientID, SupportedSigningAlgs: algorithms, SkipExpiryCheck: true,
		}),
		namesIss: m.NamesIssuer,
	}, nil
}

func (s *Service) withClient(ctx context.Context) context.Context {
	return gooidc.ClientContext(ctx, s.client)
}
