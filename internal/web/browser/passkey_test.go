//go:build browser

package browser

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"vpsops/internal/web"
	"vpsops/internal/web/webtest"
	"vpsops/policy"
	"vpsops/policy/ledger"
)

// passkeyWorld wants a passkey for every delete.
func passkeyWorld(t *testing.T) *webtest.World {
	t.Helper()
	d := webtest.Document()
	d.Guards[1].Require.Factor = policy.Passkey
	return webtest.New(t, webtest.Options{Document: d})
}

// plugIn gives the browser a virtual authenticator whose person is there and
// verified.
func (t *tab) plugIn() webauthn.AuthenticatorID {
	t.Helper()
	var made webauthn.AddVirtualAuthenticatorResult
	t.call(func(ctx context.Context) (err error) {
		if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		made, err = chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportUsb,
			HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		return err
	})
	return made.AuthenticatorID
}

func (t *tab) setVerified(id webauthn.AuthenticatorID, verified bool) {
	t.Helper()
	t.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: id, IsUserVerified: verified})
		return err
	})
}

// enrols signs in by link and registers a first passkey.
func (t *tab) enrols(person string) webauthn.AuthenticatorID {
	t.Helper()
	t.goTo(t.LoginURL(person))
	t.press("main form button")
	key := t.plugIn()
	t.wantStatus(t.goTo(web.GrantURL(t.Origin, webtest.Key, person, t.Clock.Now())), http.StatusOK)
	t.wantAccessible("registering a passkey")
	t.typeIn("#name", "blue key")
	t.press("main form button")
	t.wantText("blue key", "not used yet")
	return key
}

func TestAPasskeyRegisteredInTheBrowserApprovesADelete(t *testing.T) {
	w := passkeyWorld(t)
	id := w.AskDelete("ana")
	ana := open(w, "", desk)
	ana.enrols("ana")
	ana.photograph("passkeys")
	ana.goTo("/requests/" + id)
	ana.wantAccessible("a request that wants a passkey")
	ana.photograph("request-passkey")
	ana.typeIn(typedName, "web-server-01")
	ana.press(approveButton)
	ana.wantText("It is done")
	w.Ends("ana", id, ledger.Succeeded)
	ana.goTo("/passkeys")
	ana.wantText("used last")
	ana.wantAccessible("the passkeys")
	ana.press("form[action='/passkeys/add'] button") // with the one there is, another
	ana.wantText("Register a passkey")
	if n := w.Events("passkey-added"); n != 1 {
		t.Errorf("%d keys were added", n)
	}
}

func TestAPasskeyThatVerifiesNobodyApprovesNothing(t *testing.T) {
	w := passkeyWorld(t)
	id := w.AskDelete("ana")
	ana := open(w, "", desk)
	key := ana.enrols("ana")
	ana.setVerified(key, false)
	ana.goTo("/requests/" + id)
	ana.typeIn(typedName, "web-server-01")
	ana.do(chromedp.Click(chromedp.CSS(approveButton)))
	ana.wantText("Your passkey was not used")
	w.WantUntouched(id)
	ana.setVerified(key, true) // and the same form still works
	ana.press(approveButton)
	w.Ends("ana", id, ledger.Succeeded)
}

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// send posts a form from the page, as whoever drives the browser could.
func (t *tab) send(path string, form url.Values) {
	t.Helper()
	var fields strings.Builder
	for name, values := range form {
		fields.WriteString("add(" + quote(name) + "," + quote(values[0]) + ");")
	}
	t.moves(chromedp.Evaluate[chromedp.Void]("(() => { const f = document.createElement('form'); f.method = 'post'; f.action = " + quote(path) + ";" +
		"const add = (n, v) => { const i = document.createElement('input'); i.name = n; i.value = v; f.append(i); };" +
		fields.String() + "document.body.append(f); f.submit(); })()"))
}

func TestAPasskeysAnswerOfTheBrowsersIsForThisAndOnce(t *testing.T) {
	w := passkeyWorld(t)
	id := w.AskDelete("ana")
	other := w.AskReboot("ana")
	ana := open(w, "", desk)
	ana.enrols("ana")
	ana.goTo("/requests/" + id)
	// What the page would send, caught where it is made.
	ana.do(chromedp.Evaluate[chromedp.Void](`HTMLFormElement.prototype.submit = function () { window.caught = Object.fromEntries(new FormData(this)); }`))
	ana.typeIn(typedName, "web-server-01")
	ana.do(chromedp.Click(chromedp.CSS(approveButton)))
	form := url.Values{}
	for name, value := range ask(ana, chromedp.Evaluate[map[string]string](`new Promise(done => { const look = () => window.caught ? done(window.caught) : setTimeout(look, 10); look(); })`, chromedp.EvalAwaitPromise)) {
		form.Set(name, value)
	}
	ana.goTo("/requests/" + other)
	elsewhere := url.Values{"csrf": {ana.value("form:has(input[value=deny]) input[name=csrf]")}, "verdict": {"approve"}, "passkey": form["passkey"], "passkey_token": form["passkey_token"]}
	ana.send("/requests/"+other+"/vote", elsewhere)
	ana.wantText("This did not count")
	w.WantUntouched(other)

	ana.goTo("/requests/" + id)
	ana.send("/requests/"+id+"/vote", form)
	w.Ends("ana", id, ledger.Succeeded)
	ana.send("/requests/"+id+"/vote", form)
	if n := w.Events("vote"); n != 1 {
		t.Errorf("there are %d votes", n)
	}
}
