//go:build browser

package browser

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"vpsops/internal/web"
	"vpsops/internal/web/webtest"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

func TestAPageThatIsOpenShowsByItselfWhatOthersDo(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	id := w.AskReboot("ana")
	ana, list := open(w, "ana", desk), open(w, "ben", phone)
	ana.goTo("/requests/" + id)
	ana.wantText("Nobody has voted yet")
	list.goTo("/requests")
	list.wantText("Restart db-server-01")
	ben, cy := open(w, "ben", desk), open(w, "cy", desk)
	ben.goTo("/requests/" + id)
	ben.press(approveButton)
	ana.typeIn("#reason_no", "on second")
	ana.wantText("ben approved")
	if got := ana.value("#reason_no"); got != "on second" {
		t.Errorf("what was typed has become %q", got)
	}
	list.wantText("Nothing waits for you")
	cy.goTo("/requests/" + id)
	cy.press(approveButton)
	ana.wantText("cy approved")
	ana.press(approveButton) // a form that came by itself
	w.Ends("ana", id, ledger.Succeeded)
	ana.wantText("It is done")
	ana.wantAccessible("a page that has changed by itself")
}

// wantSaid waits until a screen reader was told of a change.
func (t *tab) wantSaid(text string) {
	t.Helper()
	said, deadline := "", time.Now().Add(patience)
	for time.Now().Before(deadline) {
		if said = ask(t, chromedp.Evaluate[string](`document.getElementById("announcement").textContent`)); strings.Contains(said, text) {
			return
		}
		t.do(chromedp.Sleep(50 * time.Millisecond))
	}
	t.Errorf("a screen reader is told %q, want %q", said, text)
}

// held is the id of what has the focus, or the text of what has none.
func (t *tab) held() string {
	t.Helper()
	return ask(t, chromedp.Evaluate[string](`document.activeElement.id || document.activeElement.textContent.trim()`))
}

func TestAScreenReaderIsToldOfWhatOthersDo(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	id := w.AskReboot("ana")
	ana, list := open(w, "ana", desk), open(w, "ben", desk)
	ana.goTo("/requests/" + id)
	list.goTo("/requests")
	list.wantText("Restart db-server-01")
	ben, cy := open(w, "ben", desk), open(w, "cy", desk)
	ben.goTo("/requests/" + id)
	ben.press(approveButton)
	ana.wantSaid("Still needed: 1 person of sre (cy) must approve.")
	ana.press(approveButton)
	list.wantSaid("Waiting for you")
	ana.wantText("1 person of sre (cy) must approve")
	cy.goTo("/requests/" + id)
	cy.press(approveButton)
	ana.wantSaid("It is done. The server is active.")
}

func TestAWarningOfALockComesAndGoesByItself(t *testing.T) {
	d := webtest.Document()
	d.Grants = append(d.Grants, policy.Grant{ID: "holders", Who: []string{"ben"}, Actions: []policy.Action{policy.Lock}})
	w := webtest.New(t, webtest.Options{Document: d, Page: func(c *web.Config) { c.KeepAlive = 100 * time.Millisecond }})
	id := w.AskDelete("ana")
	ana := open(w, "ana", phone)
	ana.goTo("/requests/" + id)
	ana.typeIn("#typed_name", "web-")
	held, err := w.Desk.Hold(w.Context(), webtest.Actor("ben"), gate.HoldOrder{
		Kind: ledger.LockHold, Scope: ledger.ScopeServer, Server: webtest.ServerID("12345"), Because: "disk swap", For: time.Hour,
	})
	ana.check(err)
	const denied = "If it is approved now, it is denied: this server is locked by ben"
	ana.wantText(denied)
	ana.wantSaid(denied)
	if got := ana.value("#typed_name"); got != "web-" {
		t.Errorf("what was typed has become %q", got)
	}
	ana.wantAccessible("a request that a lock bars")
	ana.photograph("barred-phone")
	_, err = w.Desk.Lift(w.Context(), webtest.Actor("ben"), held.ID)
	ana.check(err)
	for deadline := time.Now().Add(patience); ana.has("#state .warning"); ana.do(chromedp.Sleep(50 * time.Millisecond)) {
		if time.Now().After(deadline) {
			t.Fatal("the warning stays when the lock is gone")
		}
	}
	ana.wantSaid("Still needed: ana must confirm")
}

func TestTheKeyboardStaysWhereItIsInAList(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	first := w.AskReboot("ana")
	ben := open(w, "ben", desk)
	ben.goTo("/requests")
	ben.do(chromedp.Focus(chromedp.CSS("a.cover")))
	const selected = `getSelection().toString()`
	const sameRow = `document.querySelector("a.cover") === window.row`
	ask(ben, chromedp.Evaluate[any](`window.row = document.querySelector("a.cover"); getSelection().selectAllChildren(document.querySelector(".row .meta")); null`))
	marked := ask(ben, chromedp.Evaluate[string](selected))
	const look = `document.dispatchEvent(new Event("visibilitychange")); null`

	w.Clock.Advance(5 * time.Minute) // times alone have changed
	ask(ben, chromedp.Evaluate[any](look))
	ben.wantText("asked 5 minutes ago", "expires in 10 minutes")
	if !ask(ben, chromedp.Evaluate[bool](sameRow)) {
		t.Error("a list of which nothing but the time has changed was put in anew")
	}
	if got := ask(ben, chromedp.Evaluate[string](selected)); marked == "" || got == "" {
		t.Errorf("what was selected, %q, has become %q", marked, got)
	}

	w.AskReboot("cy") // another row comes
	ben.wantText("cy, through")
	if got, want := ben.held(), "open-"+first; got != want {
		t.Errorf("the keyboard is at %q, want %q", got, want)
	}
}

func TestARefusedVotesPageGoesOn(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	id := w.AskDelete("ana")
	ana := open(w, "ana", desk)
	ana.goTo("/requests/" + id)
	ana.typeIn("#typed_name", "web-server-02")
	ana.wantStatus(ana.press(approveButton), http.StatusUnprocessableEntity)
	ana.wantText("This did not count.", "exactly as it is written")
	ana.photograph("refused")
	if _, err := w.Desk.Cancel(w.Context(), webtest.Actor("ana"), id); err != nil {
		t.Fatal(err)
	}
	ana.wantText("cancelled", "Nothing was done")
	ana.wantSaid("Nothing was done")
	if ana.has(approveButton) {
		t.Error("it still offers to approve what was cancelled")
	}
}

func TestEveryPlaceOfTheBarIsSeenOnASmallPhone(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	for _, width := range []int64{320, 360} {
		ana := open(w, "ana", look{width: width, height: 740})
		ana.goTo("/policy")
		const beyond = `{ const l = document.querySelector(".places ul"); l.scrollWidth - l.clientWidth }`
		if n := ask(ana, chromedp.Evaluate[int](beyond)); n > 0 {
			t.Errorf("at %d pixels, %d of the bar are cut", width, n)
		}
	}
}
