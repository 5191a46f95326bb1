package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vpsops/internal/web/provider"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const (
	flowPurpose  = "oidc sign-in"
	flowTime     = 10 * time.Minute // from leaving for the provider to coming back
	callbackPath = "/login/oidc/callback"
)

// flowCookie is what a browser keeps while it is at the provider's: without it
// nobody's answer is taken, so that an answer made for one browser signs no
// other in.
type flowCookie struct {
	provider.Flow
	Next    string `json:"p,omitempty"`
	Expires int64  `json:"e"` // Unix seconds
}

// flowCookieName tells sign-ins in several tabs apart.
func (p *page) flowCookieName(state string) string {
	const enough = 8
	if len(state) < enough {
		return ""
	}
	return p.cookie + "-" + strings.ToLower(state[:enough])
}

// beginOIDC sends a browser to the provider. Another site cannot make it do so
// unseen: its link leads to the page with the button.
func (p *page) beginOIDC(w http.ResponseWriter, r *http.Request) {
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		p.askToSignIn(w, r, http.StatusOK)
		return
	}
	flow, address, err := p.Provider.Begin(r.Context(), p.Origin+callbackPath)
	if err != nil {
		p.providerDown(w, r, err)
		return
	}
	text, err := json.Marshal(flowCookie{flow, localPath(r.URL.Query().Get("next")), p.Now().Add(flowTime).Unix()})
	if err != nil { // a struct of strings marshals
		panic(err)
	}
	p.setFlowCookie(w, flow.State, p.Key.Seal(flowPurpose, text))
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// setFlowCookie is Lax where the session's is Strict: the way back from the
// provider begins on another site.
func (p *page) setFlowCookie(w http.ResponseWriter, state, value string) {
	c := &http.Cookie{ //nolint:gosec // Secure wherever the page is https; over plain loopback a browser would drop it
		Name: p.flowCookieName(state), Value: value, Path: "/", MaxAge: int(flowTime / time.Second),
		HttpOnly: true, Secure: p.secure(), SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// flowOf returns the sign-in that this browser began and that an answer
// belongs to.
func (p *page) flowOf(r *http.Request) (f flowCookie, ok bool) {
	cookies := r.CookiesNamed(p.flowCookieName(r.URL.Query().Get("state")))
	if len(cookies) != 1 {
		return f, false
	}
	text, err := p.Key.Open(flowPurpose, cookies[0].Value)
	if err != nil || json.Unmarshal(text, &f) != nil {
		return f, false
	}
	return f, p.Now().Before(time.Unix(f.Expires, 0))
}

// finishOIDC is where the provider sends a browser back to.
func (p *page) finishOIDC(w http.ResponseWriter, r *http.Request) {
	flow, ok := p.flowOf(r)
	if !ok {
		p.refuseOIDC(w, r, errBadCode("nobody here began this sign-in, or it took too long"))
		return
	}
	p.setFlowCookie(w, flow.State, "") // single use, however it ends
	if wait := p.limits.address(r); wait > 0 {
		p.tooMany(w, r, wait)
		return
	}
	subject, err := p.Provider.Finish(r.Context(), p.Origin+callbackPath, flow.Flow, r.URL.Query())
	var down *provider.UnavailableError
	switch {
	case errors.As(err, &down):
		p.providerDown(w, r, err)
	case err != nil:
		p.refuseOIDC(w, r, err)
	default:
		p.signInOIDC(w, r, flow, policy.Identity{Kind: policy.OIDCSubject, ID: p.Provider.Issuer() + "|" + subject})
	}
}

// signInOIDC begins a session for a person of the policy.
func (p *page) signInOIDC(w http.ResponseWriter, r *http.Request, flow flowCookie, id policy.Identity) {
	person := p.Ballot.PersonOf(id)
	if person == "" {
		p.refuseOIDC(w, r, errBadCode("nobody in the policy has the account "+id.String()))
		return
	}
	if wait := p.limits.person(person); wait > 0 {
		p.tooMany(w, r, wait)
		return
	}
	secret, s := NewSession(p.Key, gate.Voter{Identity: id, Factor: policy.PersonFactor}, person, p.Now())
	err := p.beginSession(r, s, flow.State, time.Unix(flow.Expires, 0))
	switch {
	case errors.Is(err, ledger.ErrSpent):
		p.refuseOIDC(w, r, errBadCode("this sign-in was used before"))
	case err != nil:
		p.fail(w, r, err)
	default:
		p.limits.signedIn(person)
		p.setCookie(w, secret)
		p.arrived(w, r, person, localPath(flow.Next))
	}
}

// arrived leads on from a page of ours: a browser that comes straight from
// another site would hold the session's cookie back.
func (p *page) arrived(w http.ResponseWriter, r *http.Request, person, next string) {
	w.Header().Set("Refresh", "0; url="+next)
	p.render(w, r, http.StatusOK, "arrived", arrivedPage{layout{Title: "Signed in"}, inertName(person), next})
}

type arrivedPage struct {
	layout
	Whom string
	Next string
}

// refuseOIDC says the same to everybody who is not let in.
func (p *page) refuseOIDC(w http.ResponseWriter, r *http.Request, why error) {
	if wait := p.limits.refusal(r); wait > 0 {
		p.tooMany(w, r, wait)
		return
	}
	p.Logger.Warn("a sign-in was refused", "why", why.Error())
	if err := p.Ballot.SignInRefused(r.Context(), why.Error()); err != nil {
		p.fail(w, r, err)
		return
	}
	p.refuse(w, r, http.StatusForbidden, "You are not signed in",
		"This sign-in lets nobody in here. Try once more; if it stays so, ask whoever runs vpsops: its audit trail says why.")
}

func (p *page) providerDown(w http.ResponseWriter, r *http.Request, err error) {
	p.Logger.Error("nobody can sign in by the provider", "error", err)
	w.Header().Set("Retry-After", "10")
	p.refuse(w, r, http.StatusServiceUnavailable, "The sign-in is out of reach",
		p.Provider.Host()+" does not answer as it should, so nobody can sign in by it right now. Nothing is lost: try again in a moment.")
}

// beginOIDCAddress is the sign-in's button, and leads back to a path.
func beginOIDCAddress(next string) string {
	if next = localPath(next); next != "/requests" {
		return "/login/oidc?" + url.Values{"next": {next}}.Encode()
	}
	return "/login/oidc"
}
