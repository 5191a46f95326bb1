//go:build chaos && crash && postgres && unix

package main

import (
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// TestTheJudgeFindsWhatMustNotBe gives TestChaos's judge a case of each kind that
// it is there to find.
func TestTheJudgeFindsWhatMustNotBe(t *testing.T) {
	now := time.Now()
	once := []sandbox.Request{{Executed: true}}
	failed := []sandbox.Request{{}}
	ended := func(s ledger.State) ledger.Request { return ledger.Request{State: s, SendingAt: now} }
	for _, c := range []struct {
		wrong    string // "" where nothing is
		action   policy.Action
		approved string
		told     string
		request  ledger.Request
		calls    []sandbox.Request
	}{
		{"", policy.Stop, "ana", "succeeded", ended(ledger.Succeeded), once},
		{"", policy.Reboot, "ben", "unknown", ended(ledger.Unknown), once},
		{"", policy.Delete, "ana ben", "failed", ended(ledger.Failed), failed},
		{"", policy.Stop, "", "expired", ledger.Request{State: ledger.Expired}, nil},
		{"more than once", policy.Stop, "ana", "succeeded", ended(ledger.Succeeded), append(failed, once...)},
		{"without its votes", policy.Stop, "ben", "succeeded", ended(ledger.Succeeded), once},
		{"without its votes", policy.Reboot, "ana", "succeeded", ended(ledger.Succeeded), once},
		{"without its votes", policy.Delete, "ana", "succeeded", ended(ledger.Succeeded), once},
		{"without its votes", policy.Delete, "ben", "failed", ended(ledger.Failed), failed},
		{"before that was written", policy.Stop, "ana", "succeeded", ledger.Request{State: ledger.Succeeded}, once},
		{"told as done", policy.Stop, "ana", "succeeded", ended(ledger.Succeeded), failed},
		{"told as done", policy.Stop, "ana", "succeeded", ended(ledger.Succeeded), nil},
		{"told as denied", policy.Stop, "ana", "denied", ended(ledger.Denied), once},
		{"told as failed", policy.Stop, "ana", "failed", ended(ledger.Failed), once},
		{"not at its end", policy.Stop, "ana", "unknown", ended(ledger.Unknown), once},
		{"not at its end", policy.Stop, "ana", "approved", ended(ledger.Approved), nil},
		{"told otherwise", policy.Stop, "ana", "expired", ended(ledger.Succeeded), once},
		{"or nothing", policy.Stop, "", "", ended(ledger.Expired), nil},
	} {
		e := &errand{action: c.action, asker: &citizen{name: "ana"}, request: "req_1", final: c.told, approved: make(map[string]bool)}
		for _, name := range strings.Fields(c.approved) {
			e.approved[name] = true
		}
		got := e.wrong(c.request, c.calls)
		if c.wrong == "" && got != "" || !strings.Contains(got, c.wrong) {
			t.Errorf("%s approved by %q, %s, %d calls: %q, want %q", c.action, c.approved, c.request.State, len(c.calls), got, c.wrong)
		}
	}
	if got := (&errand{}).wrong(ledger.Request{}, nil); !strings.Contains(got, "never answered") {
		t.Errorf("an ask without an answer: %q", got)
	}
}

func TestTheJudgeFindsWhatWasMisjudged(t *testing.T) {
	now := time.Now()
	off := now.Add(2 * time.Minute)
	e := &errand{began: now.Add(-time.Second), ended: now.Add(time.Second), approved: map[string]bool{"ana": true}}
	for _, c := range []struct {
		wrong   string // "" where nothing is
		request ledger.Request
		vote    ledger.Vote
	}{
		{"", ledger.Request{CreatedAt: now, ApprovedAt: now, SendingAt: now}, ledger.Vote{Person: "ana", Approve: true, At: now}},
		{"", ledger.Request{CreatedAt: now}, ledger.Vote{Person: "ben", At: off}}, // a no by any clock
		{"did not cast", ledger.Request{CreatedAt: now}, ledger.Vote{Person: "ben", Approve: true, At: now}},
		{"clock", ledger.Request{CreatedAt: now}, ledger.Vote{Person: "ana", Approve: true, At: off}},
		{"clock", ledger.Request{CreatedAt: now.Add(-2 * time.Minute)}, ledger.Vote{}},
		{"clock", ledger.Request{CreatedAt: now, ApprovedAt: off}, ledger.Vote{}},
		{"clock", ledger.Request{CreatedAt: now, SendingAt: off}, ledger.Vote{}},
	} {
		got := e.misjudged(c.request, []ledger.Vote{c.vote})
		if c.wrong == "" && got != "" || !strings.Contains(got, c.wrong) {
			t.Errorf("%+v: %q, want %q", c, got, c.wrong)
		}
	}
}
