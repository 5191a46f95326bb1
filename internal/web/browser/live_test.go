//go:build browser

package browser

import (
	"testing"

	"vpsops/internal/web/webtest"
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
