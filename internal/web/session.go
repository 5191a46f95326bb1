package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const sessionTime = 8 * time.Hour

// visitor is somebody whom the page knows.
type visitor struct {
	gate.Voter
	Person  string
	Binding string          // what the tokens of their forms are bound to
	Session *ledger.Session // nil where Identify knows them
}

func (v visitor) actor() policy.Actor {
	return policy.Actor{Identity: v.Identity, Front: policy.Page}
}

// cookieName is the installation's own, since every port of a host gets every
// cookie of that host. The __Host- prefix needs https (RFC 6265bis, 4.1.3.2).
func cookieName(key seal.Key, secure bool) string {
	if secure {
		return "__Host-" + installation(key)
	}
	return installation(key)
}

// NewSession makes a sign-in of a person whom the page is as sure of as by
// says, and the secret that their browser keeps. Keep it with
// [gate.Ballot.SignIn].
func NewSession(key seal.Key, by gate.Voter, person string, now time.Time) (secret string, s ledger.Session) {
	secret = rand.Text() + rand.Text()
	s = ledger.Session{
		IDHash: hashOf(secret), Identity: by.Identity, Person: person,
		OwnOnly: by.OwnOnly, Factor: by.Factor,
		Created: now, Expires: now.Add(sessionTime),
	}
	s.CSRF = sessionMark(key, s)
	return secret, s
}

// sessionMark is a secret of the session's that only this installation could
// have given it: who can write the ledger, and has no key, signs nobody in.
func sessionMark(key seal.Key, s ledger.Session) string {
	payload, err := json.Marshal([]any{s.IDHash, s.Identity, s.Person, s.OwnOnly, s.Factor, s.Created.Unix(), s.Expires.Unix()})
	if err != nil { // plain values marshal
		panic(err)
	}
	_, mark, _ := strings.Cut(key.Seal("session", payload), ".")
	return mark
}

// beginSession keeps a session, uses its one-time code up and ends the session
// that the browser came with: what somebody planted there is worth nothing.
func (p *page) beginSession(r *http.Request, s ledger.Session, code string, codeExpires time.Time) error {
	if err := p.Ballot.SignIn(r.Context(), s, code, codeExpires); err != nil {
		return err
	}
	return p.endSession(r.Context(), r)
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// setCookie gives the browser a session's secret; "" takes it away.
func (p *page) setCookie(w http.ResponseWriter, secret string) {
	c := &http.Cookie{ //nolint:gosec // Secure wherever the page is https; over plain loopback a browser would drop it
		Name: p.cookie, Value: secret, Path: "/",
		HttpOnly: true, Secure: p.secure(), SameSite: http.SameSiteStrictMode,
	}
	if secret == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// session finds the live session of a request, or ledger.ErrNotFound. Two
// cookies of the name mean that somebody else has set one: neither counts.
func (p *page) session(r *http.Request) (ledger.Session, error) {
	cookies := r.CookiesNamed(p.cookie)
	if len(cookies) != 1 || cookies[0].Value == "" {
		return ledger.Session{}, ledger.ErrNotFound
	}
	s, err := p.Ballot.SignedIn(r.Context(), hashOf(cookies[0].Value))
	if err == nil && subtle.ConstantTimeCompare([]byte(s.CSRF), []byte(sessionMark(p.Key, s))) != 1 {
		p.Logger.Error("a sign-in in the ledger was not put there by this installation", "person", s.Person)
		return ledger.Session{}, ledger.ErrNotFound
	}
	return s, err
}

// visitor finds out who somebody is, as the policy has it now. The error is
// ledger.ErrNotFound for a stranger.
func (p *page) visitor(r *http.Request) (visitor, error) {
	s, err := p.session(r)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return visitor{}, err
	}
	if err == nil {
		by := gate.Voter{Identity: s.Identity, Front: policy.Page, Factor: s.Factor, OwnOnly: s.OwnOnly}
		if person := p.Ballot.PersonOf(s.Identity); person != "" && person == s.Person {
			return visitor{Voter: by, Person: person, Binding: s.CSRF, Session: &s}, nil
		}
		return visitor{}, ledger.ErrNotFound
	}
	if p.Identify == nil {
		return visitor{}, ledger.ErrNotFound
	}
	by, known := p.Identify(r)
	person := p.Ballot.PersonOf(by.Identity)
	if !known || person == "" {
		return visitor{}, ledger.ErrNotFound
	}
	return visitor{Voter: by, Person: person, Binding: "identity " + by.Identity.String()}, nil
}

// signedIn lets only known persons through. What a stranger is told does not
// hang on what they asked for.
func (p *page) signedIn(next func(http.ResponseWriter, *http.Request, visitor)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := p.visitor(r)
		switch {
		case errors.Is(err, ledger.ErrNotFound):
			p.askToSignIn(w, r, http.StatusUnauthorized)
		case err != nil:
			p.fail(w, r, err)
		default:
			next(w, r, v)
		}
	}
}

// endSession ends the session that a browser came with, if any.
func (p *page) endSession(ctx context.Context, r *http.Request) error {
	s, err := p.session(r)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return p.Ballot.SignOut(ctx, s, false)
}
