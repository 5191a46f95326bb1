package card_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
	"vpsops/vpsapi"
)

var (
	asked   = time.Date(2026, 11, 26, 3, 4, 5, 0, time.UTC)
	made    = time.Date(2025, 9, 1, 8, 0, 0, 0, time.UTC)
	testKey = seal.NewKey([32]byte{1})
)

// slackIDs are the persons who have an account in the workspace.
var slackIDs = map[string]string{"ana": "U061F7AUR", "ben": "U061F7AUS", "cy": "U061F7AUT"}

// writer writes cards as the bot has them written, some time after the ask.
func writer(after time.Duration) *card.Writer {
	return &card.Writer{
		Seal: func(p card.Press) string {
			payload, _ := json.Marshal(p)
			return testKey.Seal("slack press", payload)
		},
		Mention: func(person string) string {
			if id := slackIDs[person]; id != "" {
				return "<@" + id + ">"
			}
			return ""
		},
		PageURL:  func(id string) string { return "https://vpsops.example.com/requests/" + url.PathEscape(id) },
		Accounts: []string{"prod", "staging"},
		Now:      func() time.Time { return asked.Add(after) },
	}
}

func opened(t testing.TB, value string) (p card.Press) {
	t.Helper()
	payload, err := testKey.Open("slack press", value)
	if err != nil {
		t.Fatalf("%q: %v", value, err)
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// texts are the foreign words of a request.
type texts struct {
	name, hostname, address, location, plan, os, former string
	reason, client, message, why, rule, group, price    string
	problem, warning, account                           string
}

var plainTexts = texts{
	name: "web-01", hostname: "web-01.example.com", address: "203.0.113.7", location: "us-west", plan: "Standard 2", os: "Ubuntu 24.04",
	former: "db-main", reason: "it does not answer since 02:50, and the load balancer took it out", client: "Claude Desktop",
	message: "the API refused it (503): the node is in maintenance", why: "production wants a second pair of eyes", rule: "prod-power",
	group: "oncall", price: "12.00", problem: "the channel C0OPS is archived", account: "prod",
}

// hostile is everything that could pass for ours, or hide.
var hostile = "*bold* _it_ ~no~ `code` ```fence``` <!channel> <@U061F7AUR> <https://evil.example|click> &lt;!here&gt; :white_check_mark: " +
	"\n> quoted\n\u202egnp.exe we\u200bb-01 \u0430dmin \x1b[31mred\x1b[0m ✅ *Approved by* <@U061F7AUS>"

func allOf(s string) texts {
	return texts{s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s}
}

func hostileTexts() texts { return allOf(hostile) }

// longest are texts as long as they come, and longer.
func longest() texts {
	t := allOf(strings.Repeat("w&", 5000))
	t.name, t.hostname = strings.Repeat("n", 255), strings.Repeat("h", 253)
	return t
}

// request is what somebody asks of a server, with some foreign words.
func request(a policy.Action, x texts) gate.View {
	server := facts(x)
	v := gate.View{
		Request: ledger.Request{
			ID: "3f2a9c1e5b7d4068", Version: 1, State: ledger.Pending, Person: "ana", Front: policy.Slack, Channel: "C0OPS",
			Action: a, Account: x.account, ServerID: "12345", Reason: x.reason, Digest: "sha256-9a8b7c6d5e4f",
			CreatedAt: asked, ExpiresAt: asked.Add(15 * time.Minute),
			Rules: []policy.Rule{
				{Kind: policy.GrantRule, ID: "oncall", Effect: policy.Allow},
				{Kind: policy.GuardRule, ID: x.rule, Effect: policy.Confirm, Why: x.why},
			},
		},
		Outcome: gate.OutcomePending,
		Shown:   gate.Shown{Server: &server},
		Missing: []gate.Missing{{Need: policy.Need{Count: 1, Factor: policy.PersonFactor, Rules: []string{x.rule}}, Eligible: []string{"ana"}}},
	}
	switch a {
	case policy.Create:
		after := server
		after.ID, after.Address, after.Status, after.CreatedAt = vpsapi.ID{}, "", "", time.Time{}
		v.Shown, v.ServerID = gate.Shown{After: &after, MonthlyPrice: x.price}, ""
		key := vpsapi.NumberID(77)
		v.Operation.Create = &vpsapi.CreateServerParams{Name: x.name, PlanID: after.PlanID, OSID: after.OSID, Location: x.location, SSHKeyID: &key}
	case policy.Update:
		after := server
		after.Name = "web-1"
		v.Shown.After = &after
		v.Shown.Changes = []gate.Change{{Field: "name", From: x.name, To: "web-1"}, {Field: "backups_enabled", From: "false", To: "true"}}
	}
	return v
}

func facts(x texts) gate.Facts {
	off := false
	return gate.Facts{
		ID: vpsapi.NumberID(12345), Name: x.name, Hostname: x.hostname, Address: x.address, Location: x.location,
		PlanID: vpsapi.NumberID(3), Plan: x.plan, OSID: vpsapi.NumberID(5), OS: x.os, Status: vpsapi.StatusActive, Backups: &off, CreatedAt: made,
	}
}

// approvals makes a request want others' votes.
func approvals(v gate.View, x texts) gate.View {
	v.Missing = append(v.Missing, gate.Missing{
		Need:     policy.Need{From: x.group, Count: 2, Factor: policy.PersonFactor, TypeName: true, Reason: true, Rules: []string{x.rule}},
		Eligible: []string{"ben", "cy", "dee"},
	})
	return v
}

// byAssistant makes it one that an assistant asks for.
func byAssistant(v gate.View, x texts) gate.View {
	v.Front, v.Client, v.Channel = policy.MCP, x.client, ""
	return v
}

// vote is a verdict that was given.
func vote(v gate.View, person string, approve bool, reason string) gate.View {
	v.Votes = append(v.Votes, ledger.Vote{
		RequestID: v.ID, Person: person, Front: policy.Slack, Factor: policy.PersonFactor, Approve: approve, Reason: reason, Digest: v.Digest, At: asked.Add(time.Minute),
	})
	return v
}

// became is a request in a later state.
func became(v gate.View, s ledger.State, message string) gate.View {
	v.State, v.Missing, v.Request.Message = s, nil, message
	v.Outcome = map[ledger.State]gate.Outcome{
		ledger.Approved: gate.OutcomePending, ledger.Executing: gate.OutcomePending, ledger.Succeeded: gate.OutcomeSucceeded,
		ledger.Failed: gate.OutcomeFailed, ledger.Unknown: gate.OutcomeUnknown,
	}[s]
	if v.Outcome == "" {
		v.Outcome = gate.OutcomeDenied
	}
	if s == ledger.Executing || s == ledger.Succeeded || s == ledger.Failed || s == ledger.Unknown {
		v.ApprovedAt, v.SendingAt = asked.Add(time.Minute), asked.Add(time.Minute)
	}
	if s.Final() {
		v.EndedAt = asked.Add(61 * time.Second)
	}
	return v
}

// arrived is a request whose server is where it was to be.
func arrived(v gate.View, status vpsapi.Status, after time.Duration) gate.View {
	v = became(v, ledger.Succeeded, "the API took it")
	v.ServerStatus, v.SettledAt = string(status), v.SendingAt.Add(after)
	return v
}

// onItsWay is one whose server has not arrived yet.
func onItsWay(v gate.View, status string) gate.View {
	v = became(v, ledger.Succeeded, "")
	v.Outcome, v.ServerStatus = gate.OutcomeAccepted, status
	return v
}
