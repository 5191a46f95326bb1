//go:build browser

package browser

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"vpsops/internal/web/webtest"
	"vpsops/policy/ledger"
)

// The buttons and fields of a request's page.
const (
	approveButton = "form:has(input[value=approve]) button"
	denyButton    = "form:has(input[value=deny]) button"
	typedName     = "#typed_name"
)

func TestSignInByLinkAndADeleteApprovedByTypingItsName(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	id := w.AskDelete("ana")
	ana := open(w, "", desk)
	ana.wantStatus(ana.goTo(w.LoginURL("ana")), http.StatusOK)
	ana.wantStatus(ana.press("main form button"), http.StatusOK)
	ana.wantText("Delete web-server-01 for good")
	ana.wantStatus(ana.press(".row a"), http.StatusOK)
	ana.typeIn(typedName, "web-server-01")
	ana.wantStatus(ana.press(approveButton), http.StatusOK)
	w.Ends("ana", id, ledger.Succeeded)
	ana.wantText("It is done")
	if sent := w.Writes(); !slices.Equal(sent, []string{"DELETE /api/v1/servers/12345/"}) {
		t.Errorf("sent %q", sent)
	}
}

func TestAWrongNameApprovesNothing(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	id := w.AskDelete("ana")
	ana := open(w, "ana", desk)
	ana.goTo("/requests/" + id)
	ana.typeIn(typedName, "web-server-02")
	ana.wantStatus(ana.press(approveButton), http.StatusUnprocessableEntity)
	ana.wantText("This did not count")
	ana.wantAccessible("a refused vote")
	w.WantUntouched(id)
}

func TestADenialEndsIt(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	id := w.AskDelete("ana")
	ana := open(w, "ana", phone)
	ana.goTo("/requests/" + id)
	ana.typeIn("#reason_no", "we still need it")
	ana.wantStatus(ana.press(denyButton), http.StatusOK)
	ana.wantText("denied", "we still need it")
	if got := w.State(id); got != ledger.Denied || len(w.Writes()) > 0 {
		t.Errorf("it is %s, and %q was sent", got, w.Writes())
	}
}

func TestOfTwoTabsAtOnceOneDecides(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	id := w.AskDelete("ana")
	ana := open(w, "", desk)
	ana.goTo(w.LoginURL("ana"))
	ana.press("main form button")
	ana.goTo("/requests/" + id)
	deaf := desk
	deaf.noScript = true // it does not learn by itself that it is over
	other := ana.beside(deaf)
	other.goTo("/requests/" + id)
	ana.toFront()
	ana.press(denyButton)
	other.toFront()
	other.typeIn(typedName, "web-server-01")
	other.wantStatus(other.press(approveButton), http.StatusConflict)
	other.wantText("denied")
	if got := w.State(id); got != ledger.Denied || len(w.Writes()) > 0 {
		t.Errorf("it is %s, and %q was sent", got, w.Writes())
	}
}

func TestTheBackButtonAfterTheVoteVotesNoSecondTime(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	id := w.AskReboot("ana")
	ben := open(w, "ben", desk)
	ben.goTo("/requests")
	ben.goTo("/requests/" + id)
	ben.press(approveButton)
	ben.wantText("You have approved this")
	ben.moves(chromedp.NavigateBack())
	ben.wantText("You have approved this")
	if ben.has(approveButton) {
		t.Error("there is a button to approve it once more")
	}
	if n := w.Events("vote"); n != 1 {
		t.Errorf("there are %d votes", n)
	}
	w.WantUntouched(id)
}

func TestARequestThatExpiredWhileOpenIsNotApproved(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	id := w.AskDelete("ana")
	ana := open(w, "ana", desk)
	ana.goTo("/requests/" + id)
	ana.typeIn(typedName, "web-server-01")
	w.Clock.Advance(16 * time.Minute)
	ana.wantStatus(ana.press(approveButton), http.StatusConflict)
	ana.wantText("expired")
	if got := w.State(id); got != ledger.Expired || len(w.Writes()) > 0 {
		t.Errorf("it is %s, and %q was sent", got, w.Writes())
	}
}

func TestWithoutScriptsEverythingIsThere(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	id := w.AskDelete("ana")
	l := phone
	l.noScript = true
	ana := open(w, "", l)
	ana.goTo(w.LoginURL("ana"))
	ana.press("main form button")
	ana.press(".row a")
	ana.typeIn(typedName, "web-server-01")
	ana.wantStatus(ana.press(approveButton), http.StatusOK)
	w.Ends("ana", id, ledger.Succeeded)
}
