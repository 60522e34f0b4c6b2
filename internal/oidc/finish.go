package oidc

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Person is who the service says has signed in.
type Person struct {
	Issuer, Subject string // who it is, for ever
	Login, Name     string // what people call them; may be empty
	Grants          []Grant
}

// maxField bounds what a token may say in one field.
const (
	maxField  = 255
	maxGroups = 2000
)

// Finish ends a sign-in with what the browser brings from the service: it returns the
// person and where they wanted to go. Its errors are those of this package.
func (s *Service) Finish(ctx context.Context, sealed string, query url.Values) (Person, string, error) {
	now := s.o.Now()
	a, ok := s.sealer.open(sealed)
	if !ok || now.Sub(a.Began) > attemptFor || a.Began.Sub(now) > skew {
		return Person{}, "", ErrAttempt
	}
	k, err := s.learn(ctx)
	if err != nil {
		return Person{}, a.Next, err
	}
	code, err := s.codeOf(a, k, query)
	if err != nil {
		return Person{}, a.Next, err
	}
	if !s.used.take(a.State, now) {
		return Person{}, a.Next, fmt.Errorf("%w: it was used before", ErrAttempt)
	}
	token, err := k.oauth.Exchange(s.withClient(ctx), code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Person{}, a.Next, exchangeError(err)
	}
	p, err := s.personOf(ctx, k, token, a)
	return p, a.Next, err
}

// codeOf checks the service's answer as the browser brings it.
func (s *Service) codeOf(a attempt, k *known, query url.Values) (string, error) {
	for _, name := range []string{"state", "code", "error", "iss"} {
		if len(query[name]) > 1 {
			return "", fmt.Errorf("%w: %s comes twice", ErrAnswer, name)
		}
	}
	iss, named := query.Get("iss"), query.Has("iss")
	switch {
	case subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(a.State)) != 1:
		return "", fmt.Errorf("%w: another state", ErrAnswer)
	case named && iss != s.o.Issuer, !named && k.namesIss:
		return "", fmt.Errorf("%w: another issuer", ErrAnswer)
	case query.Get("error") != "":
		return "", fmt.Errorf("%w: %.100q", ErrDenied, query.Get("error"))
	case query.Get("code") == "" || len(query.Get("code")) > 4096:
		return "", fmt.Errorf("%w: no code", ErrAnswer)
	}
	return query.Get("code"), nil
}

func exchangeError(err error) error {
	var answered *oauth2.RetrieveError
	if !errors.As(err, &answered) || answered.Response == nil {
		return fmt.Errorf("%w: exchange the code: %.200q", ErrUnavailable, err.Error())
	}
	kind, status := ErrUnavailable, answered.Response.StatusCode
	if status >= 400 && status < 500 {
		kind = ErrAnswer
	}
	return fmt.Errorf("%w: exchange the code: %d %.100q", kind, status, answered.ErrorCode)
}

// claims are what we look at of an ID token.
type claims struct {
	Expires  *seconds `json:"exp"`
	Issued   *seconds `json:"iat"`
	Begins   *seconds `json:"nbf"`
	Party    string   `json:"azp"`
	ACR      string   `json:"acr"`
	Name     string   `json:"name"`
	Username string   `json:"preferred_username"`
}

// seconds is a moment on the wire.
type seconds time.Time

// UnmarshalJSON reads a number of seconds.
func (s *seconds) UnmarshalJSON(raw []byte) error {
	var n float64
	if err := json.Unmarshal(raw, &n); err != nil || n < 0 || n > 1e11 {
		return fmt.Errorf("%.40q is no moment", raw)
	}
	*s = seconds(time.Unix(int64(n), 0))
	return nil
}

func (s *seconds) before(t time.Time) bool { return time.Time(*s).Before(t) }

func (s *seconds) after(t time.Time) bool { return time.Time(*s).After(t) }

func (s *Service) personOf(ctx context.Context, k *known, token *oauth2.Token, a attempt) (Person, error) {
	raw, ok := token.Extra("id_token").(string)
	if !ok || raw == "" {
		return Person{}, fmt.Errorf("%w: no ID token", ErrAnswer)
	}
	id, err := k.verifier.Verify(s.withClient(ctx), raw)
	if err != nil {
		return Person{}, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		return Person{}, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	if why := s.wrong(id, c, a); why != "" {
		return Person{}, fmt.Errorf("%w: %s", ErrAnswer, why)
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return Person{}, fmt.Errorf("%w: %w", ErrAnswer, err)
		}
	}
	grants, err := s.grants(id)
	if err != nil {
		return Person{}, err
	}
	return Person{Issuer: s.o.Issuer, Subject: id.Subject, Login: plain(c.Username), Name: plain(cmp.Or(c.Name, c.Username)), Grants: grants}, nil
}

// wrong says what speaks against a token that is signed well, or "".
func (s *Service) wrong(id *gooidc.IDToken, c claims, a attempt) string {
	now := s.o.Now()
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.Nonce)) != 1:
		return "another nonce"
	case id.Subject == "" || len(id.Subject) > maxField:
		return "no subject"
	case len(id.Audience) != 1 && c.Party == "":
		return "for others as well, and it does not say who asked"
	case c.Party != "" && c.Party != s.o.ClientID:
		return "another party asked"
	case c.Expires == nil || c.Issued == nil:
		return "without its time"
	case c.Expires.before(now.Add(-skew)):
		return "expired"
	case c.Issued.after(now.Add(skew)) || c.Issued.before(a.Began.Add(-skew)):
		return "not issued for this sign-in"
	case c.Begins != nil && c.Begins.after(now.Add(skew)):
		return "not valid yet"
	case s.o.ACR != "" && c.ACR != s.o.ACR:
		return "without the strength that was asked for"
	}
	return ""
}

// grants returns what the person's groups may do here, in one order whatever theirs.
func (s *Service) grants(id *gooidc.IDToken) ([]Grant, error) {
	all := map[string]json.RawMessage{}
	if err := id.Claims(&all); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	var groups []string
	if raw, ok := all[s.o.GroupsClaim]; ok {
		var one string
		if json.Unmarshal(raw, &one) == nil {
			groups = []string{one}
		} else if err := json.Unmarshal(raw, &groups); err != nil {
			return nil, fmt.Errorf("%w: groups that are no texts", ErrAnswer)
		}
	}
	var grants []Grant
	for _, name := range groups[:min(len(groups), maxGroups)] {
		grants = append(grants, s.o.Groups[name]...)
	}
	slices.SortFunc(grants, func(x, y Grant) int { return cmp.Or(cmp.Compare(x.Office, y.Office), cmp.Compare(x.Role, y.Role)) })
	if grants = slices.Compact(grants); len(grants) == 0 {
		return nil, fmt.Errorf("%w: %d groups", ErrNoRole, len(groups))
	}
	return grants, nil
}

// plain takes from a name what is not printed, and bounds it.
func plain(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "")))
	if runes := []rune(text); len(runes) > 40 {
		text = string(runes[:40])
	}
	return text
}
