// Package web is the confirmation page: where a person signs in, sees what
// somebody asks to have done to which server, and says yes or no.
//
// It works without scripts. Nobody asks, votes or changes anything else by GET or
// HEAD; but the provider's answer to a sign-in comes by GET, as OpenID Connect has
// it. A vote counts for exactly what the page showed: the token in its form is bound to the sign-in,
// to the request and to the digest of what was shown.
package web

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"vpsops/internal/seal"
	"vpsops/internal/web/provider"
	"vpsops/policy/gate"
)

// Config is what the page is made of. Ballot, Key and Origin are needed.
type Config struct {
	// Ballot is the gate, as people vote through it.
	Ballot *gate.Ballot
	// Key seals sign-in links and the tokens of forms. Every process with
	// the same key takes what another has sealed.
	Key seal.Key
	// Origin is the page's one address as a browser writes an Origin header:
	// scheme, host and port, in lower case, without a default port or a
	// final slash, such as "http://vpsops-3f9a2c1b.localhost:8321". Where it
	// is https, cookies are Secure.
	Origin string
	// OtherHosts are further values of the Host header under which the page
	// is found, such as "127.0.0.1:8321". A GET or HEAD there is sent on to
	// Origin; anything else is refused.
	OtherHosts []string
	// Provider signs people in; nil for none. Who comes by it is as sure to be
	// themselves as a factor of person.
	Provider *provider.Provider
	// BehindProxy believes a proxy on this machine or in its private network
	// when it says whom it passes on. Only limits go by it.
	BehindProxy bool
	// Identify is another way to know who somebody is, beside the sign-in
	// by link; nil for none. It is asked where no session is found, and
	// must be safe for concurrent use.
	Identify func(*http.Request) (gate.Voter, bool)
	// Now is the clock; time.Now where nil.
	Now func() time.Time
	// KeepAlive is the time between an event stream's signs of life, at which
	// it also looks whether its visitor is still signed in; 15 seconds where
	// 0.
	KeepAlive time.Duration
	// Logger is told of refusals and failures, never of a code or cookie;
	// nil discards.
	Logger *slog.Logger
}

// Paths are the patterns under which a mux must hand requests to the handler
// of [New], beside "/" itself.
func Paths() []string {
	return []string{
		"/requests", "/requests/", "/servers", "/servers/", "/locks", "/locks/", "/audit", "/policy",
		"/login", "/login/", "/logout", "/passkeys", "/passkeys/", "/assets/",
	}
}

// Page is the page's handler. It is safe for concurrent use.
type Page struct {
	http.Handler
	page *page
}

// Close ends the streams of events, which otherwise end when their readers go.
// Call it when the server begins to shut down.
func (p *Page) Close() { p.page.streams.end() }

// page is the handler behind New.
type page struct {
	Config
	party     func() (*webauthn.WebAuthn, error)
	host      string // of Origin
	cookie    string // its name
	limits    *limits
	streams   *streams
	following following
}

// New returns the page's handler. It answers [Paths], sends "/" on to
// /requests, and everything else with 404, or with 405 where another method is right.
func New(c Config) *Page {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.KeepAlive == 0 {
		c.KeepAlive = keepAlive
	}
	p := &page{Config: c, limits: newLimits(c.BehindProxy, c.Now), streams: newStreams()}
	p.party = sync.OnceValues(func() (*webauthn.WebAuthn, error) { return relyingParty(c.Origin) })
	if u, err := url.Parse(c.Origin); err == nil {
		p.host = u.Host
	}
	p.cookie = cookieName(c.Key, p.secure())
	return &Page{withHeaders(p.atOrigin(p.routes())), p}
}

func (p *page) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/requests", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /login", p.showLogin)
	mux.HandleFunc("POST /login", p.ownForm(p.login))
	if p.Provider != nil {
		mux.HandleFunc("GET /login/oidc", p.beginOIDC)
		mux.HandleFunc("GET "+callbackPath, p.finishOIDC)
	}
	mux.HandleFunc("GET /passkeys", p.signedIn(p.showPasskeys))
	mux.HandleFunc("POST /passkeys", p.ownForm(p.signedIn(p.registerPasskey)))
	mux.HandleFunc("GET /passkeys/grant/{code}", p.signedIn(p.showGrant))
	mux.HandleFunc("GET /passkeys/add", goBack)
	mux.HandleFunc("GET /passkeys/remove", goBack)
	mux.HandleFunc("POST /passkeys/add", p.ownForm(p.signedIn(p.addPasskey)))
	mux.HandleFunc("POST /passkeys/remove", p.ownForm(p.signedIn(p.removePasskey)))
	mux.HandleFunc("POST /logout", p.ownForm(p.signedIn(p.logout)))
	mux.HandleFunc("GET /requests", p.signedIn(p.showRequests))
	mux.HandleFunc("GET /requests/events", p.signedIn(p.listEvents))
	mux.HandleFunc("GET /requests/{id}/events", p.signedIn(p.requestEvents))
	mux.HandleFunc("GET /requests/{id}", p.signedIn(p.showRequest))
	mux.HandleFunc("GET /requests/{id}/vote", goBack)
	mux.HandleFunc("POST /requests/{id}/vote", p.ownForm(p.signedIn(p.vote)))
	mux.HandleFunc("GET /requests/{id}/cancel", goBack)
	mux.HandleFunc("POST /requests/{id}/cancel", p.ownForm(p.signedIn(p.cancel)))
	mux.HandleFunc("GET /servers", p.signedIn(p.showServers))
	mux.HandleFunc("GET /servers/new", p.signedIn(p.showCreate))
	mux.HandleFunc("POST /servers/new", p.ownForm(p.signedIn(p.create)))
	mux.HandleFunc("GET /servers/{id}", p.signedIn(p.showServer))
	mux.HandleFunc("GET /servers/{id}/{action}", p.signedIn(p.showAsk))
	mux.HandleFunc("POST /servers/{id}/{action}", p.ownForm(p.signedIn(p.ask)))
	mux.HandleFunc("GET /servers/{id}/lock", goBack)
	mux.HandleFunc("POST /servers/{id}/lock", p.ownForm(p.signedIn(p.lock)))
	mux.HandleFunc("GET /locks", p.signedIn(p.showLocks))
	mux.HandleFunc("POST /locks", p.ownForm(p.signedIn(p.freeze)))
	mux.HandleFunc("GET /locks/{id}/lift", goBack)
	mux.HandleFunc("POST /locks/{id}/lift", p.ownForm(p.signedIn(p.lift)))
	mux.HandleFunc("GET /audit", p.signedIn(p.showTrail))
	mux.HandleFunc("GET /policy", p.signedIn(p.showStanding))
	mux.HandleFunc("GET /assets/{name}", p.serveAsset)
	mux.HandleFunc(everythingElse, p.elsewhere(mux))
	return mux
}

func (p *page) secure() bool { return strings.HasPrefix(p.Origin, "https://") }
