//go:build browser

package browser

import (
	"net/http"
	"testing"

	"vpsops/internal/web/webtest"
	"vpsops/policy/ledger"
)

func TestARestartIsAskedFoundAndConfirmedByKeyboardAlone(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	ana := open(w, "ana", desk)
	ana.goTo("/servers")
	ana.typeIn("#q", "web")
	ana.enter("#q")
	ana.wantText("1 to 1 of 1")
	ana.enter(".row a")
	ana.wantText("Ask for a change")
	ana.enter("a[href='/servers/12345/reboot']")
	ana.wantText("What you ask")
	ana.typeIn("#reason", "it hangs")
	ana.enter(".decision form button")
	ana.wantText("it hangs", "waiting")
	ana.enter(approveButton)
	ana.wantText("It is done")
	if sent := w.Writes(); len(sent) != 1 || sent[0] != "POST /api/v1/servers/12345/reboot/" {
		t.Errorf("sent %q", sent)
	}
}

func TestALockIsPutUpAndLiftedOnAPhone(t *testing.T) {
	w := webtest.New(t, webtest.Options{Document: fuller()})
	ana := open(w, "ana", phone)
	ana.goTo("/servers/12345")
	ana.typeIn("#because", "disk swap")
	ana.wantStatus(ana.press("form[action$=lock] button"), http.StatusOK)
	ana.wantText("Server 12345 is locked", "disk swap")
	ana.wantStatus(ana.press("form[action$=lift] button"), http.StatusOK)
	ana.wantText("Nothing is locked or frozen")
}

func TestADoubleClickAsksOnce(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	ana := open(w, "ana", desk)
	ana.goTo("/servers/12345/stop")
	ana.doubleClick(".decision form button")
	ana.wantText("Requests")
	if n := w.Events("ask"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	for _, r := range w.Own("ana") {
		if r.State != ledger.Pending {
			t.Errorf("%s is %s", r.ID, r.State)
		}
	}
}
