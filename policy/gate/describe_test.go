package gate_test

import (
	"strings"
	"testing"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// Whatever the API, an asker or whoever can write the ledger made of a text: a
// sentence about a request stays one sentence.
func TestForeignTextInSentencesAboutARequestIsInert(t *testing.T) {
	hostile := func(what string) string {
		return what + "\n\x1b[2J\u202e\u200b" + strings.Repeat("A", 5000)
	}
	facts := func(n int64) *gate.Facts {
		return &gate.Facts{
			ID: vpsapi.NumberID(n), Name: hostile("name"), Hostname: hostile("hostname"), Address: hostile("address"), Location: hostile("location"),
			PlanID: vpsapi.NumberID(1), Plan: hostile("plan"), OSID: vpsapi.NumberID(2), OS: hostile("system"), Status: vpsapi.Status(hostile("status")),
		}
	}
	states := []ledger.State{
		ledger.Pending, ledger.Approved, ledger.Executing, ledger.Succeeded, ledger.Failed, ledger.Unknown,
		ledger.Denied, ledger.Expired, ledger.Cancelled, ledger.Superseded, ledger.Invalidated,
	}
	for _, action := range []policy.Action{policy.Create, policy.Update, policy.Delete, policy.Start, policy.Stop, policy.Reboot} {
		for _, state := range states {
			v := gate.View{
				Request: ledger.Request{Action: action, State: state, ServerID: "12345", ServerStatus: hostile("status"), Message: hostile("message")},
				Shown: gate.Shown{
					Server: facts(12345), After: facts(12345), MonthlyPrice: hostile("price"),
					Changes: []gate.Change{{Field: "name", From: hostile("from"), To: hostile("to")}},
				},
				Operation: gate.Operation{Action: action, Server: gate.Ref{Text: hostile("ref")}},
				Problems:  []string{hostile("problem")},
			}
			if action == policy.Create {
				key := vpsapi.NumberID(666)
				v.Shown.Server, v.Operation.Create = nil, &vpsapi.CreateServerParams{Name: hostile("name"), SSHKeyID: &key}
			}
			unread := v
			unread.Shown = gate.Shown{}
			for _, text := range []string{v.What(), v.Message(), unread.What(), unread.Message()} {
				if inert.Text(text, inert.Unlimited) != text || len(text) > 2000 {
					t.Errorf("%s, %s: %d bytes: %.300q", action, state, len(text), text)
				}
			}
		}
	}
}

// People say yes to this sentence: what it leaves out they have not seen.
func TestACreateIsDescribedWithAllThatIsSent(t *testing.T) {
	on, key := true, vpsapi.NumberID(666)
	hostname := strings.Repeat("a.", 100) + "evil.example.com"
	for want, op := range map[string]vpsapi.CreateServerParams{
		"": {},
		", SSH key 666, backups on, hostname " + hostname: {SSHKeyID: &key, BackupsEnabled: &on, Hostname: hostname},
		", backups on": {BackupsEnabled: &on},
	} {
		op.Name, op.PlanID, op.OSID, op.Location = "web-1", vpsapi.NumberID(1), vpsapi.NumberID(2), "us-west"
		v := gate.View{
			Request:   ledger.Request{Action: policy.Create},
			Operation: gate.Operation{Action: policy.Create, Create: &op},
			Shown: gate.Shown{MonthlyPrice: "12.00", After: &gate.Facts{
				Name: op.Name, PlanID: op.PlanID, OSID: op.OSID, Location: op.Location, Hostname: op.Hostname, Backups: op.BackupsEnabled,
			}},
		}
		if got, want := v.What(), "create web-1 (plan 1, system 2, in us-west, 12.00 a month"+want+")"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
