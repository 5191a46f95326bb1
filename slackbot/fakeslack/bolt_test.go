//go:build bolt

// What Slack's own framework makes of this Slack: `make slack-interop`.

package fakeslack_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vpsops/slackbot/fakeslack"
)

// patient: how fast Node starts and answers isn't what is tested.
var patient = fakeslack.Options{AckWithin: time.Minute, Patience: time.Minute}

// node runs one of the apps until the test ends, and returns what it says once
// it is ready.
func node(t *testing.T, s *fakeslack.Slack, script ...string) string {
	t.Helper()
	folder, err := filepath.Abs("../../interop/slack")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", script...)
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	cmd.Env = append(os.Environ(), "SLACK_API_URL="+s.URL(), "SLACK_BOT_TOKEN="+s.App().BotToken,
		"SLACK_APP_TOKEN="+s.App().AppToken, "SLACK_SIGNING_SECRET="+s.App().SigningSecret)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close() // the app ends with it
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	what, ok := strings.CutPrefix(strings.TrimSpace(line), "ready: ")
	if !ok {
		t.Fatalf("%s said %q, %v", script, line, err)
	}
	return what
}

func TestBoltTellsOurDeliveriesFromForgeries(t *testing.T) {
	s := workspace(t, patient)
	s.DeliverTo(node(t, s, "verify.mjs"))
	ana := s.As(t, ana)
	now := time.Now()
	for name, c := range map[string]struct {
		how  fakeslack.How
		want int
	}{
		"signed":                 {fakeslack.SentAt(now), 200},
		"four minutes old":       {fakeslack.SentAt(now.Add(-4 * time.Minute)), 200},
		"six minutes old":        {fakeslack.SentAt(now.Add(-6 * time.Minute)), 401},
		"unsigned":               {fakeslack.Unsigned(), 401},
		"tampered with":          {fakeslack.Tampered(), 401},
		"signed by someone else": {fakeslack.SignedWith("0123456789abcdef0123456789abcdef"), 401},
	} {
		t.Run(name, func(t *testing.T) {
			if o := ana.Types(ops, "/vps list “smart” & <odd>", c.how); o.Status != c.want {
				t.Errorf("a command was answered %d, want %d", o.Status, c.want)
			}
			if o := ana.OpensHome(c.how); o.Status != c.want {
				t.Errorf("an event was answered %d, want %d", o.Status, c.want)
			}
		})
	}
}

func TestBoltRunsAgainstItInSocketMode(t *testing.T) {
	s := workspace(t, patient)
	node(t, s, "bolt.mjs")
	runsBolt(t, s)
}

func TestBoltRunsAgainstItOverHTTP(t *testing.T) {
	s := workspace(t, patient)
	s.DeliverTo(node(t, s, "bolt.mjs", "http"))
	if err := s.VerifyURL(t.Context()); err != nil {
		t.Error(err)
	}
	if o := s.ProbeSSL(t.Context()); !o.Acknowledged {
		t.Errorf("%+v", o)
	}
	if o := s.As(t, ana).Types(ops, "/vps whoami", fakeslack.Tampered()); o.Status != 401 {
		t.Errorf("%+v", o)
	}
	runsBolt(t, s)
}

func runsBolt(t *testing.T, s *fakeslack.Slack) {
	t.Helper()
	ana, ben := s.As(t, ana), s.As(t, ben)

	if o := ana.Types(ops, "/vps whoami"); o.Notice == nil || o.Notice.Text != "UANA asked for whoami" {
		t.Errorf("%+v", o)
	}

	ana.Types(ops, "/vps reboot web-01")
	ben.Presses(ben.AwaitsText(ops, "web-01"), "approve")
	if m := ana.AwaitsText(ops, "approved by UBEN with v-approve"); m.Has("approve") {
		t.Errorf("the buttons are still there: %+v", m)
	}

	ana.Types(ops, "/vps create")
	modal := ana.AwaitsModal("A new server")
	if o := ana.Searches(modal, "plan", "small"); len(o.Options) != 1 || o.Options[0].Text != "Plan small" {
		t.Errorf("%+v", o)
	}
	if o := ana.Submits(modal, map[string]string{"name": "taken", "plan": "p1"}); o.FieldErrors["name"] == "" || o.Error != "" {
		t.Errorf("%+v", o)
	}
	if o := ana.Submits(modal, map[string]string{"name": "web-02"}); !o.Acknowledged {
		t.Errorf("%+v", o)
	}
	ana.AwaitsText(ana.DirectMessage(), "web-02 on p1 was asked for")

	ana.Types(ops, "/vps create")
	ana.Closes(ana.AwaitsModal("A new server"))
	ana.AwaitsText(ana.DirectMessage(), "never mind")

	ana.OpensHome()
	ana.AwaitsHome("Nothing awaits your vote")
}

// Each kind of delivery, as Bolt's own types have it.
func TestBoltTypesOurPayloads(t *testing.T) {
	s := workspace(t, patient)
	everyPayload(t, s)
	folder := t.TempDir()
	for i, d := range s.Deliveries() {
		name := filepath.Join(folder, fmt.Sprintf("%d.json", i))
		if err := os.WriteFile(name, payloadOf(t, d), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "node", "payloads.mjs", folder)
	cmd.Dir = "../../interop/slack"
	said, err := cmd.CombinedOutput()
	t.Logf("%s", said)
	if err != nil {
		t.Error(err)
	}
}

// everyPayload has each kind of delivery made once or more.
func everyPayload(t *testing.T, s *fakeslack.Slack) {
	t.Helper()
	api := client(t, s)
	s.AddUserGroup(fakeslack.UserGroup{ID: "SSRE", Users: []string{ana}})
	s.DeliverToHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if trigger := r.FormValue("trigger_id"); trigger != "" {
			if _, err := api.OpenView(trigger, form("A form")); err != nil {
				t.Error(err)
			}
		}
		if strings.Contains(r.FormValue("payload"), "block_suggestion") {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"options": []}`))
		}
	}))
	ana := s.As(t, ana)
	ana.Types(ops, "/vps list")
	ana.Submits(ana.AwaitsModal("A form"), map[string]string{"name": "web-01"})
	ana.Types(ops, "/vps list")
	ana.Closes(ana.AwaitsModal("A form"))
	if _, _, err := api.PostMessage(ops, card("Reboot?")); err != nil {
		t.Fatal(err)
	}
	ana.Presses(ana.AwaitsText(ops, "Reboot?"), "approve")
	if _, err := api.PublishView("UANA", menus(), ""); err != nil {
		t.Fatal(err)
	}
	home := ana.AwaitsHome("Server")
	ana.Searches(home, "server", "web")
	ana.Chooses(home, "status", "a")
	ana.OpensHome()
	ana.Types(ops, "@vps help")
	ana.Types(ana.DirectMessage(), "hello")
	s.SetGroupMembers(t.Context(), "SSRE", ben)
}

// payloadOf is what an HTTP delivery says, as JSON.
func payloadOf(t *testing.T, d fakeslack.Delivered) []byte {
	t.Helper()
	if d.Kind == "event" {
		return d.Body
	}
	form, err := url.ParseQuery(string(d.Body))
	if err != nil {
		t.Fatal(err)
	}
	if payload := form.Get("payload"); payload != "" {
		return []byte(payload)
	}
	fields := map[string]string{}
	for name := range form {
		fields[name] = form.Get(name)
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
