//go:build browser

package browser

import (
	"testing"
	"time"

	"vpsops/internal/web/webtest"
	"vpsops/policy"
	"vpsops/policy/gate"
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
	w.SetPolicy(fuller())
	cancelled := w.AskDelete("ana")
	if _, err := w.Desk.Cancel(w.Context(), webtest.Actor("ana"), cancelled); err != nil {
		w.Fatal(err)
	}
	w.Ends("ana", cancelled, ledger.Cancelled)
	hold := gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeSet, Value: "databases", Because: "the disks are being swapped", For: time.Hour}
	if _, err := w.Desk.Hold(w.Context(), webtest.Actor("ana"), hold); err != nil {
		w.Fatal(err)
	}
	denied, err := w.Desk.Ask(w.Context(), webtest.Actor("ana"), gate.Operation{Action: policy.Stop, Server: webtest.ServerID("12346")})
	if err != nil {
		w.Fatal(err)
	}
	return map[string]somePage{
		"sign-in":          {"/login", true},
		"sign-in-link":     {w.LoginURL("ana"), true},
		"sign-in-bad-link": {"/login?code=bad", true},
		"passkeys":         {"/passkeys", false},
		"nothing-here":     {"/nothing", true},
		"requests":         {"/requests", false},
		"request-waiting":  {"/requests/" + w.AskDelete("ana"), false},
		"request-denied":   {"/requests/" + denied.ID, false},
		"request-ended":    {"/requests/" + cancelled, false},
		"servers":          {"/servers", false},
		"servers-none":     {"/servers?q=nothing", false},
		"server":           {"/servers/12345", false},
		"server-frozen":    {"/servers/12346", false},
		"ask-delete":       {"/servers/12345/delete", false},
		"ask-update":       {"/servers/12345/update", false},
		"ask-glass":        {"/servers/12345/reboot", false},
		"create":           {"/servers/new", false},
		"locks":            {"/locks", false},
		"audit":            {"/audit", false},
		"audit-narrow":     {"/audit?person=nobody", false},
		"policy":           {"/policy", false},
	}
}

// fuller is a policy with something of everything.
func fuller() policy.Document {
	d := webtest.Document()
	d.Grants = append(d.Grants, policy.Grant{ID: "holders", Who: []string{policy.Everyone}, Actions: []policy.Action{policy.Lock, policy.Freeze}})
	d.Guards = append(d.Guards, policy.Guard{
		ID: "no-restart", Actions: []policy.Action{policy.Reboot}, Servers: []string{"web"}, Deny: "the web servers are being measured",
		BreakGlass: &policy.Require{Approve: 1, From: "sre", Reason: true},
	})
	d.ServerSets["web"] = []policy.ServerMatch{{Name: []string{"web-*"}}}
	return d
}
