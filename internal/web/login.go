package web

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const (
	loginPurpose = "login"
	loginTime    = 10 * time.Minute
)

// loginCode is what a one-time link holds.
type loginCode struct {
	Identity policy.Identity `json:"i"`
	Next     string          `json:"p,omitempty"`
	Nonce    string          `json:"n"`
	Expires  int64           `json:"e"` // Unix seconds
}

// LoginURL makes a one-time link that signs in whoever opens it as the person
// with that identity: good once, for ten minutes. next is the page to go on
// to, such as "/requests/req_…"; anything but a page that only who is signed in sees
// becomes /requests.
// Nothing but the key is needed, so another process may make the link. It is a
// credential: it must not pass through a model, an answer or a structured log.
func LoginURL(origin string, key seal.Key, id policy.Identity, now time.Time, next string) string {
	code, err := json.Marshal(loginCode{Identity: id, Next: next, Nonce: rand.Text(), Expires: now.Add(loginTime).Unix()})
	if err != nil { // a struct of strings marshals
		panic(err)
	}
	return origin + "/login?" + url.Values{"code": {key.Seal(loginPurpose, code)}}.Encode()
}

// errBadCode is a code that opens nothing; its text is for the audit trail.
type errBadCode string

func (e errBadCode) Error() string { return string(e) }

// openCode returns a code that may still be good, and its person.
func (p *page) openCode(text string) (c loginCode, person string, err error) {
	payload, err := p.Key.Open(loginPurpose, text)
	if err != nil {
		return c, "", errBadCode("the code was not made with this key")
	}
	if err := json.Unmarshal(payload, &c); err != nil {
		return c, "", errBadCode("the code cannot be read")
	}
	if !p.Now().Before(time.Unix(c.Expires, 0)) {
		return c, "", errBadCode("the code is too old")
	}
	if person = p.Ballot.PersonOf(c.Identity); person == "" {
		return c, "", errBadCode("nobody in the policy has the account " + c.Identity.String())
	}
	return c, person, nil
}

// showLogin only shows a button: a preview or a prefetch of the link neither
// signs anybody in nor uses the code up.
func (p *page) showLogin(w http.ResponseWriter, r *http.Request) {
	text := r.URL.Query().Get("code")
	if text == "" {
		if v, err := p.visitor(r); err == nil {
			p.signedInAlready(w, r, v)
			return
		}
		p.askToSignIn(w, r, http.StatusOK)
		return
	}
	_, person, err := p.openCode(text)
	if err != nil {
		p.badCode(w, r, http.StatusForbidden)
		return
	}
	p.render(w, r, http.StatusOK, "login", loginPage{layout{Title: "Sign in"}, text, inertName(person)})
}

type loginPage struct {
	layout
	Code string
	Whom string
}

// login uses a code up and begins a session with a fresh secret, whatever
// cookie the browser came with.
func (p *page) login(w http.ResponseWriter, r *http.Request) {
	code, person, err := p.openCode(r.PostForm.Get("code"))
	if err != nil {
		p.refuseCode(w, r, err)
		return
	}
	if wait := p.limits.person(person); wait > 0 {
		p.tooMany(w, r, wait)
		return
	}
	// A link is this person's, but on a machine that an assistant shares: its
	// sign-in decides for this person alone.
	secret, s := NewSession(p.Key, gate.Voter{Identity: code.Identity, Factor: policy.PersonFactor, OwnOnly: true}, person, p.Now())
	err = p.beginSession(r, s, code.Nonce, time.Unix(code.Expires, 0))
	if errors.Is(err, ledger.ErrSpent) {
		p.refuseCode(w, r, errBadCode("the code was used before"))
		return
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.limits.signedIn(person)
	p.setCookie(w, secret)
	http.Redirect(w, r, localPath(code.Next), http.StatusSeeOther)
}

func (p *page) refuseCode(w http.ResponseWriter, r *http.Request, why error) {
	if wait := p.limits.refusal(r); wait > 0 {
		setRetryAfter(w, wait)
		p.badCode(w, r, http.StatusTooManyRequests)
		return
	}
	p.Logger.Warn("a sign-in was refused", "why", why.Error())
	if err := p.Ballot.SignInRefused(r.Context(), why.Error()); err != nil {
		p.fail(w, r, err)
		return
	}
	p.badCode(w, r, http.StatusForbidden)
}

// badCode says the same to every code that opens nothing.
func (p *page) badCode(w http.ResponseWriter, r *http.Request, status int) {
	p.render(w, r, status, "badcode", layout{Title: "This link does not work any more"})
}

func (p *page) askToSignIn(w http.ResponseWriter, r *http.Request, status int) {
	data := signInPage{layout: layout{Title: "Sign in"}}
	next := ""
	switch {
	case status == http.StatusUnauthorized && r.Method == http.MethodPost:
		next = backTo(r)
		data.Title, data.Sent, data.Back = "Nothing was done", true, next
	case status == http.StatusUnauthorized:
		next = pathAndQuery(r)
		data.Again = next
	}
	p.addProvider(&data, next)
	p.render(w, r, status, "signin", data)
}

// signedInAlready is for who comes to sign in and is: by a link, which lets them decide
// less than the provider would, perhaps.
func (p *page) signedInAlready(w http.ResponseWriter, r *http.Request, v visitor) {
	data := signInPage{layout: p.layout("You are signed in", v), OwnOnly: v.OwnOnly}
	p.addProvider(&data, "")
	p.render(w, r, http.StatusOK, "signin", data)
}

func (p *page) addProvider(data *signInPage, next string) {
	if p.Provider != nil {
		data.Provider, data.Begin = p.Provider.Host(), beginOIDCAddress(next)
	}
}

type signInPage struct {
	layout
	Again    string // the address to try again, for a browser that held the cookie back
	Sent     bool   // a form came from somebody who isn't signed in, or not any more
	Back     string // the address of the page with that form; "" for none
	OwnOnly  bool   // the sign-in that there is decides its own person's requests alone
	Provider string // by whom one can sign in; "" for nobody
	Begin    string // the address of that
}

// localPath is where to go after the sign-in: one of the pages that only who is
// signed in sees, and never another site.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "/requests"
	}
	clean := u.EscapedPath()
	if !isOurs(clean) || strings.ContainsAny(clean, `\%`) || strings.Contains(clean, "..") || strings.Contains(clean, "//") {
		return "/requests"
	}
	asked, err := url.ParseQuery(u.RawQuery)
	switch {
	case err != nil: // without what can't be read it may be another account's page
		return "/requests"
	case len(asked) > 0:
		return clean + "?" + asked.Encode()
	}
	return clean
}

func isOurs(path string) bool {
	if strings.HasPrefix(path, "/passkeys/") {
		return strings.HasPrefix(path, "/passkeys/grant/")
	}
	place, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch "/" + place {
	case hereRequests, hereServers, hereLocks, hereAudit, herePolicy, "/passkeys":
		return strings.HasPrefix(path, "/")
	}
	return false
}

// logout ends this session, or every one of the person's.
func (p *page) logout(w http.ResponseWriter, r *http.Request, v visitor) {
	if _, ok := p.openFormToken(v, aboutSignOut, r.PostForm.Get("sign_out")); !ok {
		p.refuseToken(w, r)
		return
	}
	if v.Session != nil {
		if err := p.Ballot.SignOut(r.Context(), *v.Session, r.PostForm.Get("everywhere") == "yes"); err != nil {
			p.fail(w, r, err)
			return
		}
	}
	p.setCookie(w, "")
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
