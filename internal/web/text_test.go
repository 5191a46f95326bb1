package web_test

import (
	"net/http"
	"strings"
	"testing"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

func TestForeignTextIsInert(t *testing.T) {
	s := newStand(t, options{})
	hostile := `<script>alert(1)</script>"'><img src=x onerror=alert(2)>` + "\u202egnp\u200b\x1b[31m"
	s.API.EditServer(webServer, func(v *sandbox.Server) {
		v.Name, v.Hostname, v.Location, v.Plan.Name, v.OS.Name = hostile, hostile, hostile, hostile, hostile
	})
	who := actor("ana")
	who.Client = "Slack official" + hostile
	v, err := s.Desk.Ask(t.Context(), who, gate.Operation{
		Action: policy.Reboot, Server: server("12345"),
		Reason: "The user approved.\n\n</blockquote><h1>Approved by ben</h1>" + hostile + strings.Repeat("x", 10_000)[:900],
	})
	if err != nil {
		t.Fatal(err)
	}
	ana := s.as("ana")
	for _, path := range []string{"/requests", "/requests/" + v.ID} {
		r := ana.get(path)
		r.want(http.StatusOK, "&lt;script&gt;", "may not be what it looks like", `\u{202e}gnp\u{200b}`)
		r.wantNot("<script>", "<img src=x", "<h1>Approved", "\u202e", "\u200b", "\x1b")
	}
	r := ana.get("/requests/" + v.ID)
	r.want(http.StatusOK, "as claimed", "unverified")
	r.wantNot(gate.OddName) // the mark stands beside the name
	main := r.body[:strings.Index(r.body, `<section class="card decision"`)]
	if said := strings.LastIndex(main, "<section"); !strings.Contains(main[said:], "The user approved.") {
		t.Error("the asker's words are not last")
	}
	ana.vote(v.ID, "deny", "reason", hostile).want(http.StatusSeeOther)
	r = ana.get("/requests/" + v.ID)
	r.want(http.StatusOK, "&lt;script&gt;")
	r.wantNot("<script>", "<img src=x", "\u202e")
}

func TestALookAlikeNameIsMarked(t *testing.T) {
	s := newStand(t, options{})
	plain := s.Ask("ana", gate.Operation{Action: policy.Reboot, Server: server("12345")})
	s.as("ana").get("/requests/" + plain).wantNot("may not be what it looks like")
	s.API.EditServer(webServer, func(v *sandbox.Server) { v.Name = "wеb-server-01" }) // a Cyrillic letter
	s.as("ana").get("/requests/"+plain).want(http.StatusOK, "may not be what it looks like", "was web-server-01 when this was asked")
}

func TestThePageShowsTheServerAsItIsNow(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	ana := s.as("ana")
	r := ana.get("/requests/" + id)
	r.want(http.StatusOK, "The server, as it is now", "12345", "web-server-01", "Claude Code", "as claimed", "an AI assistant (MCP)", "a deleted server cannot be brought back")
	r.wantNot("has changed since")

	s.API.EditServer(webServer, func(v *sandbox.Server) { v.Hostname = "other.example.com" })
	ana.get("/requests/"+id).want(http.StatusOK, "The server has changed since this was asked", "other.example.com")

	s.API.EditServer(webServer, func(v *sandbox.Server) { v.IPAddress = "203.0.113.77" })
	ana.get("/requests/"+id).want(http.StatusOK, "not the server that was asked about", "203.0.113.77")

	if err := s.API.SetFaults([]sandbox.Fault{{Kind: sandbox.KindStatus, Status: http.StatusBadGateway}}); err != nil {
		t.Fatal(err)
	}
	ana.get("/requests/"+id).want(http.StatusOK, "cannot be read right now", "as it was when this was asked", "web-server-01")
	if err := s.API.SetFaults(nil); err != nil {
		t.Fatal(err)
	}

	s.API.RemoveServer(webServer)
	ana.get("/requests/"+id).want(http.StatusOK, "This server is gone")
	ana.vote(id, "approve", "typed_name", "web-server-01").want(http.StatusSeeOther)
	s.Ends("ana", id, ledger.Invalidated)
	ana.get("/requests/"+id).want(http.StatusOK, "the server is gone; nothing was sent")
	if w := s.Writes(); len(w) > 0 {
		t.Errorf("sent: %q", w)
	}
}

func TestADeleteShowsTheFormerName(t *testing.T) {
	s := newStand(t, options{})
	rename := "scratch"
	id := s.Ask("ana", gate.Operation{Action: policy.Update, Server: server("12346"), Update: updateName(rename)})
	ana := s.as("ana")
	ana.get("/requests/"+id).want(http.StatusOK, "Rename db-server-01 to scratch", "What changes")
	ana.vote(id, "approve").want(http.StatusSeeOther)
	s.Ends("ana", id, ledger.Succeeded)
	id = s.Ask("ana", gate.Operation{Action: policy.Delete, Server: server("12346"), Name: rename})
	ana.get("/requests/"+id).want(http.StatusOK, "Delete scratch for good", "Was called", "db-server-01")
}

func TestACreateShowsItsPrice(t *testing.T) {
	s := newStand(t, options{})
	id := s.Ask("ana", gate.Operation{Action: policy.Create, Create: createParams(t)})
	s.as("ana").get("/requests/"+id).want(http.StatusOK, "Create web-99 for", "a month", "The new server")
}

func TestACreateShowsAllThatIsSent(t *testing.T) {
	s := newStand(t, options{})
	params, key, on := createParams(t), vpsapi.NumberID(666), true
	params.Hostname = strings.Repeat("a.", 100) + "evil.example.com"
	params.SSHKeyID, params.BackupsEnabled = &key, &on
	id := s.Ask("ana", gate.Operation{Action: policy.Create, Create: params})
	s.as("ana").get("/requests/"+id).want(http.StatusOK, "<dt>SSH key</dt><dd>id 666", "<dt>Backups</dt><dd>on", "<dt>Hostname</dt><dd>"+params.Hostname+"<")

	id = s.Ask("ben", gate.Operation{Action: policy.Create, Create: createParams(t)})
	s.as("ben").get("/requests/"+id).wantNot("SSH key", "Backups", "Hostname")
}

func TestThePageLooksAgainOnlyWhereNobodyTypes(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskReboot("ana")
	if got := s.as("ben").get("/requests/" + id).refresh(); got != "" {
		t.Errorf("a page with a form goes away after %s seconds", got)
	}
	if got := s.byLink("ben").get("/requests/" + id).refresh(); got == "" {
		t.Error("a page that only waits does not look again")
	}
	done := s.AskDelete("ana")
	s.as("ana").vote(done, "deny").want(http.StatusSeeOther)
	if got := s.as("ana").get("/requests/" + done).refresh(); got != "" {
		t.Errorf("a page that is done with looks again after %s seconds", got)
	}
}
