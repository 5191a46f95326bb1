//go:build browser

package browser

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"

	"vpsops/internal/web"
	"vpsops/internal/web/provider"
	"vpsops/internal/web/webtest"
	"vpsops/policy/ledger"
)

// The provider's own accounts.
const (
	benAtProvider      = "test-user2" // listed as ben
	strangerAtProvider = "test-user@127.0.0.1"
	passwordAtProvider = "verysecure"
)

// withProvider is a world whose page takes people by an OpenID provider that
// others wrote.
func withProvider(t *testing.T) *webtest.World {
	t.Helper()
	idp := httptest.NewUnstartedServer(nil)
	issuer := "http://" + idp.Listener.Addr().String()
	d := webtest.Document()
	ben := d.People["ben"]
	ben.OIDC = append(ben.OIDC, issuer+"|id2")
	d.People["ben"] = ben
	w := webtest.New(t, webtest.Options{Document: d, Start: time.Now(), Page: func(c *web.Config) {
		c.Provider = provider.New(provider.Config{Issuer: issuer, ClientID: "page", ClientSecret: "a secret", Now: c.Now})
	}})
	storage.RegisterClients(storage.WebClient("page", "a secret", w.Origin+"/login/oidc/callback"))
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	idp.Config.Handler = exampleop.SetupServer(issuer, storage.NewStorage(storage.NewUserStore(issuer)), quiet, false, op.WithAllowInsecure())
	idp.Start()
	t.Cleanup(idp.Close)
	return w
}

func (t *tab) signInAtProvider(user string) {
	t.Helper()
	t.press("main a.primary")
	t.typeIn("#username", user)
	t.typeIn("#password", passwordAtProvider)
	t.press("button[type=submit]")
}

// arrives waits until the browser has gone on by itself to a path.
func (t *tab) arrives(path string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		address, err := chromedp.Run(t.ctx, chromedp.Location()) // it may fail between two pages
		if err == nil && address == t.Origin+path {
			t.do(chromedp.WaitReady(chromedp.CSS("footer")))
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the browser is at %s, and not at %s: %v", address, path, err)
		}
		t.do(chromedp.Sleep(50 * time.Millisecond))
	}
}

func TestSignInByAProvider(t *testing.T) {
	for name, l := range map[string]look{"with scripts": desk, "without scripts": {width: 1280, height: 900, noScript: true}} {
		t.Run(name, func(t *testing.T) {
			w := withProvider(t)
			id := w.AskReboot("ana")
			ben := open(w, "", l)
			ben.wantStatus(ben.goTo("/requests/"+id), http.StatusUnauthorized)
			ben.signInAtProvider(benAtProvider)
			ben.arrives("/requests/" + id) // it went on to where they came from
			ben.wantText("Restart db-server-01", "ben")
			ben.wantStatus(ben.press(approveButton), http.StatusOK)
			ben.wantText("You have approved this")
			ben.press("header form button") // signs out
			ben.wantStatus(ben.goTo("/requests"), http.StatusUnauthorized)
		})
	}
}

func TestAStrangerOfTheProvidersIsNotLetIn(t *testing.T) {
	w := withProvider(t)
	id := w.AskReboot("ana")
	stranger := open(w, "", desk)
	stranger.goTo("/requests/" + id)
	stranger.signInAtProvider(strangerAtProvider)
	stranger.wantText("You are not signed in")
	stranger.wantStatus(stranger.goTo("/requests/"+id), http.StatusUnauthorized)
	if got := w.State(id); got != ledger.Pending {
		t.Errorf("the request is %s", got)
	}
}
