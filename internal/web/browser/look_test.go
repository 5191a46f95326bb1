//go:build browser

package browser

import (
	"testing"

	"vpsops/internal/web/webtest"
	"vpsops/policy/ledger"
)

// everyLook are the ways in which each page must be readable.
var everyLook = map[string]look{
	"desktop": desk, "desktop-dark": desk.inTheDark(), "phone": phone, "phone-dark": phone.inTheDark(),
}

// TestEveryPageIsForEverybody has axe-core look at every page, wide and narrow,
// light and dark.
func TestEveryPageIsForEverybody(t *testing.T) {
	w := webtest.New(t, webtest.Options{})
	pages := somePages(w)
	for name, l := range everyLook {
		t.Run(name, func(t *testing.T) {
			strangers, known := open(w, "", l), open(w, "ana", l)
			strangers.TB, known.TB = t, t
			for page, path := range pages {
				tab := known
				if path.strangers {
					tab = strangers
				}
				tab.goTo(path.path)
				tab.wantAccessible(page)
				tab.photograph(page + "-" + name)
			}
		})
	}
}

type somePage struct {
	path      string
	strangers bool // as somebody whom the page does not know
}

// somePages are a page of each kind.
func somePages(w *webtest.World) map[string]somePage {
	done := w.AskDelete("ana")
	if _, err := w.Desk.Cancel(w.Context(), webtest.Actor("ana"), done); err != nil {
		w.Fatal(err)
	}
	w.Ends("ana", done, ledger.Cancelled)
	return map[string]somePage{
		"sign-in":          {"/login", true},
		"sign-in-link":     {w.LoginURL("ana"), true},
		"sign-in-bad-link": {"/login?code=bad", true},
		"passkeys":         {"/passkeys", false},
		"nothing-here":     {"/nothing", true},
		"requests":         {"/requests", false},
		"request-waiting":  {"/requests/" + w.AskDelete("ana"), false},
		"request-others":   {"/requests/" + w.AskReboot("ben"), false},
		"request-ended":    {"/requests/" + done, false},
	}
}
