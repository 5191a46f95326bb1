package card_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
	"vpsops/vpsapi"
)

// shownText is everything that stands in a message's blocks, in order.
func shownText(t testing.TB, m card.Message) string {
	t.Helper()
	raw, err := json.Marshal(m.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(raw))
}

func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		_, after, found := strings.Cut(text, p)
		if !found {
			t.Fatalf("%q is missing, or stands too early, in %s", p, text)
		}
		text = after
	}
}

func TestTheDangerIsFirstAndTheAskersWordsAreLast(t *testing.T) {
	v := approvals(byAssistant(request(policy.Delete, plainTexts), plainTexts), plainTexts)
	v.Shown.FormerNames = []string{"db-main"}
	m := writer(time.Minute).Request(v)
	inOrder(t, shownText(t, m),
		"for ever", "lately called", "`db-main`", "Delete web-01 for good?", "`web-01`, id 12345", "203.0.113.7", "us-west", "account `prod`",
		"Standard 2", "15 months ago", "an assistant on behalf of <@U061F7AUR>", "calls itself `Claude Desktop`",
		"<@U061F7AUR> to confirm", "2 of `oncall`", "<@U061F7AUS>", "typing the server's name and giving a reason", "<!date^1795663145^",
		"`prod-power`", "unchecked", plainTexts.reason, `"action_id":"approve"`)
	inOrder(t, m.Text, "Delete web-01 for good?", "for ever", "id 12345", "on behalf of ana", plainTexts.reason)
}

// The card that people voted by goes: what they said yes to stays to be read.
func TestADecidedCreateStillShowsAllThatIsSent(t *testing.T) {
	v := request(policy.Create, plainTexts)
	for _, state := range []ledger.State{ledger.Pending, ledger.Executing, ledger.Succeeded, ledger.Denied} {
		v.State = state
		m := writer(time.Minute).Request(v)
		inOrder(t, shownText(t, m), "*Price*", "*Plan*  Standard 2 (id 3)", "*System*  Ubuntu 24.04 (id 5)", "*Where*  us-west", "*Hostname*  `web-01.example.com`", "*Backups*  off", "*SSH key*  id 77")
		inOrder(t, m.Text, "SSH key 77, backups off, hostname web-01.example.com")
	}
}

func TestADecidedUpdateStillShowsWhatItChanges(t *testing.T) {
	v := request(policy.Update, plainTexts)
	for _, state := range states {
		v.State = state
		inOrder(t, shownText(t, writer(time.Minute).Request(v)), "*Changes*  name: `web-01` → `web-1`", "*Changes*  backups: off → on")
	}
}

// The fallback is read aloud.
func TestTheFallbackSaysNothingTwice(t *testing.T) {
	for _, s := range states {
		text := writer(time.Minute).Request(became(request(policy.Reboot, plainTexts), s, "it is so")).Text
		for line := range strings.Lines(text) {
			if rest := strings.Replace(text, line, "", 1); strings.Contains(strings.ToLower(rest), strings.ToLower(strings.TrimSpace(line))) {
				t.Errorf("%s: it says %q twice: %s", s, line, text)
			}
		}
		if n := strings.Count(strings.ToLower(text), "it is so"); n > 1 {
			t.Errorf("%s: it says why %d times: %s", s, n, text)
		}
	}
}

// A reason that imitates the card is still a quotation.
func TestTheAskersWordsAreInABlockOfTheirOwn(t *testing.T) {
	x := plainTexts
	x.reason = "✅ *Approved by* <@U061F7AUS>\n*Needs*  nothing more"
	m := writer(time.Minute).Request(request(policy.Reboot, x))
	raw, err := json.Marshal(m.Blocks[len(m.Blocks)-2])
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), `"rich_text_quote"`) || !strings.Contains(string(raw), "Approved by") {
		t.Errorf("the block before the buttons is %s", raw)
	}
	if got := strings.Count(shownText(t, m), "Approved by"); got != 1 {
		t.Errorf("the reason stands in %d places", got)
	}
}

func TestThereIsNothingToVoteWithOnceItIsDecided(t *testing.T) {
	for _, s := range states {
		v := became(request(policy.Reboot, plainTexts), s, "")
		if s == ledger.Pending {
			v = request(policy.Reboot, plainTexts)
		}
		got := pressed(t, writer(time.Hour).Request(v))
		for _, action := range []string{card.ActApprove, card.ActDeny, card.ActCancel} {
			if _, offered := got[action]; offered != (s == ledger.Pending) {
				t.Errorf("%s: %s offered: %v", s, action, offered)
			}
		}
	}
}

func TestAPasskeyIsGivenOnThePage(t *testing.T) {
	v := request(policy.Delete, plainTexts)
	v.Missing[0].Factor = policy.Passkey
	m := writer(0).Request(v)
	got := pressed(t, m)
	if _, offered := got[card.ActApprove]; offered {
		t.Error("a yes is offered that would not count")
	}
	if _, offered := got[card.ActOpen]; !offered {
		t.Error("the way to the page is missing")
	}
	inOrder(t, shownText(t, m), "with a passkey, on the page")
}

func TestACardNamesAnAskerWhoIsNoLongerListed(t *testing.T) {
	v := request(policy.Delete, plainTexts)
	v.Missing[0].Eligible = nil
	m := writer(0).Request(v)
	inOrder(t, shownText(t, m), "the asker, who is no longer listed, to confirm", "it can only be denied, or expire")
	got := pressed(t, m)
	if _, offered := got[card.ActApprove]; offered {
		t.Error("a yes is offered that nobody can give")
	}
	if _, offered := got[card.ActDeny]; !offered {
		t.Error("no no is offered")
	}
}

func TestACardCallsNoCrowd(t *testing.T) {
	v := approvals(request(policy.Delete, plainTexts), plainTexts)
	v.Missing[1].Eligible = nil
	for i := range 40 {
		v.Missing[1].Eligible = append(v.Missing[1].Eligible, fmt.Sprintf("person-%d", i))
	}
	w := writer(0)
	w.Mention = func(p string) string { return "<@U" + strings.ToUpper(strings.ReplaceAll(p, "-", "")) + ">" }
	text := shownText(t, w.Request(v))
	if n := strings.Count(text, "<@UPERSON"); n != 10 {
		t.Errorf("%d of the group are called", n)
	}
	inOrder(t, text, "30 others")
	if text := shownText(t, w.AuditLine(v)); strings.Contains(text, "<@") {
		t.Errorf("the audit channel is called: %s", text)
	}
}

// The bot compares faces, and edits a message only for another one.
func TestAFaceIsTheSameWhileNothingHappens(t *testing.T) {
	for _, v := range []gate.View{
		request(policy.Delete, plainTexts),
		became(request(policy.Reboot, plainTexts), ledger.Approved, ""),
		arrived(request(policy.Reboot, plainTexts), vpsapi.StatusActive, 42*time.Second),
		became(request(policy.Reboot, plainTexts), ledger.Failed, "x"),
		became(request(policy.Delete, plainTexts), ledger.Unknown, ""),
		became(request(policy.Delete, plainTexts), ledger.Expired, "nobody decided in time"),
	} {
		first := shownText(t, writer(0).Request(v))
		for _, later := range []time.Duration{time.Second, time.Hour, 100 * 24 * time.Hour} {
			if shownText(t, writer(later).Request(v)) != first {
				t.Errorf("%s: another face after %s", v.State, later)
			}
		}
	}
}

func TestWatchingAServerEditsSeldom(t *testing.T) {
	v := onItsWay(request(policy.Reboot, plainTexts), "rebooting")
	edits, last := 0, ""
	for s := range 600 {
		if text := shownText(t, writer(time.Minute+time.Duration(s)*time.Second).Request(v)); text != last {
			edits, last = edits+1, text
		}
	}
	if edits > 20 {
		t.Errorf("%d edits in ten minutes", edits)
	}
}

func TestAServerThatDoesNotComeBackIsLoud(t *testing.T) {
	v := onItsWay(request(policy.Reboot, plainTexts), "rebooting")
	in := v.SendingAt.Sub(asked)
	for _, c := range []struct {
		action policy.Action
		after  time.Duration
		late   bool
	}{
		{policy.Reboot, 3*time.Minute - time.Second, false},
		{policy.Reboot, 3 * time.Minute, true},
		{policy.Start, 2*time.Minute - time.Second, false},
		{policy.Start, 2 * time.Minute, true},
		{policy.Stop, 2 * time.Minute, true},
		{policy.Create, 10*time.Minute - time.Second, false},
		{policy.Create, 10 * time.Minute, true},
		{policy.Delete, time.Hour, false},
		{policy.Update, time.Hour, false},
	} {
		v.Action = c.action
		if got := card.Overdue(v, asked.Add(in+c.after)); got != c.late {
			t.Errorf("%s after %s: overdue %v", c.action, c.after, got)
		}
	}
	v.Action = policy.Reboot
	m := writer(in + 4*time.Minute).Request(v)
	inOrder(t, shownText(t, m), "🚨 web-01 has not come back after 4 min", "still rebooting")
	got := pressed(t, m)
	for _, action := range []string{card.ActShow, card.ActStop, card.ActStart} {
		if got[action] != (card.Press{Server: "12345", Account: "prod"}) {
			t.Errorf("%s means %+v", action, got[action])
		}
	}
	v.Outcome, v.SettledAt = gate.OutcomeSucceeded, asked.Add(in+5*time.Minute)
	if m := writer(time.Hour).Request(v); strings.Contains(shownText(t, m), "🚨") {
		t.Error("it came back, and the card still calls")
	}
}

func TestEachEndSaysWhatBecameOfIt(t *testing.T) {
	reboot := vote(request(policy.Reboot, plainTexts), "ana", true, "")
	for name, c := range map[string]struct {
		v    gate.View
		want []string
	}{
		"running":     {became(reboot, ledger.Executing, ""), []string{"Rebooting web-01", "sent 40 s ago", "confirmed by <@U061F7AUR>"}},
		"on its way":  {onItsWay(reboot, "rebooting"), []string{"Rebooting web-01", "took it 40 s ago", "is rebooting"}},
		"done":        {arrived(reboot, vpsapi.StatusActive, 42*time.Second), []string{"✅ Rebooted web-01", "is active, 42 s after the call"}},
		"failed":      {became(reboot, ledger.Failed, "the API refused it: no"), []string{"❌ Failed: rebooting web-01", "The API refused it: no."}},
		"unknown":     {became(reboot, ledger.Unknown, ""), []string{"❓ Not known yet", "leaves no trace"}},
		"expired":     {became(reboot, ledger.Expired, "nobody decided in time"), []string{"⌛ Expired", "Nobody decided in time. Nothing was sent."}},
		"cancelled":   {became(reboot, ledger.Cancelled, "taken back by ana"), []string{"Cancelled", "Taken back by ana."}},
		"superseded":  {became(reboot, ledger.Superseded, "replaced by x"), []string{"Replaced by a newer ask", "Replaced by x."}},
		"invalidated": {became(reboot, ledger.Invalidated, "it is another now"), []string{"Void", "It is another now."}},
		"denied by a person": {
			became(vote(reboot, "ben", false, "not during the sale"), ledger.Denied, "denied by ben"),
			[]string{"🚫 Denied", "Nothing was sent", "denied by <@U061F7AUS> through Slack: “not during the sale”"},
		},
		"denied by the policy": {denied(plainTexts), []string{"🚫 Denied", "it would go with break-glass: 2 of platform", "*Denied by the rule*  `prod-power`"}},
	} {
		t.Run(name, func(t *testing.T) { inOrder(t, shownText(t, writer(100*time.Second).Request(c.v)), c.want...) })
	}
}

func TestALinkIsNoLink(t *testing.T) {
	x := plainTexts
	x.message, x.why = "see https://evil.example/login", "ask at https://evil.example"
	w := writer(time.Minute)
	for _, m := range []card.Message{w.AuditLine(became(request(policy.Reboot, x), ledger.Failed, x.message)), w.Request(request(policy.Reboot, x))} {
		for _, word := range strings.Fields(shownText(t, m)) {
			if strings.Contains(word, "evil") && !strings.Contains(word, "`") {
				t.Errorf("a link stands open in %s", shownText(t, m))
			}
		}
	}
}

func TestAMentionThatIsTooLongIsAName(t *testing.T) {
	w := writer(0)
	w.Mention = func(string) string { return strings.Repeat("a", 5000) }
	m := w.Request(request(policy.Reboot, plainTexts))
	inOrder(t, shownText(t, m), "*Asked by*  `ana`", "*Needs*  `ana` to confirm")
	if err := problems(t, messageFace("long mention", m)); err != nil {
		t.Error(err)
	}
}

func TestTheAuditLineSaysAllInOneLine(t *testing.T) {
	v := arrived(vote(vote(byAssistant(request(policy.Reboot, plainTexts), plainTexts), "ana", true, ""), "ben", true, "ok"), vpsapi.StatusActive, 42*time.Second)
	text := shownText(t, writer(time.Hour).AuditLine(v))
	inOrder(t, text, "✅ done", "*Reboot* `web-01` (id 12345)", "an assistant on behalf of `ana`", "`prod`", "confirmed by `ana`", "approved by `ben`", "took 42 s", "`3f2a9c1e5b7d4068`")
	if strings.Contains(text, `\n`) {
		t.Errorf("it has several lines: %s", text)
	}
}

func TestANameThatMayPassForAnotherIsMarked(t *testing.T) {
	for where, change := range map[string]func(*gate.View){
		"its name":     func(v *gate.View) { v.Shown.Server.Name = "w\u0435b-01" },
		"its hostname": func(v *gate.View) { v.Shown.Server.Hostname = "w\u0435b-01.example.com" },
		"a former one": func(v *gate.View) { v.Shown.FormerNames = []string{"db\u200b-01"} },
		"the new one":  func(v *gate.View) { v.Shown.Changes = []gate.Change{{Field: "name", From: "a", To: "w\u0435b"}} },
	} {
		v := request(policy.Update, plainTexts)
		v.Shown.Changes = nil
		plain := shownText(t, writer(0).Request(v))
		change(&v)
		const mark = "may not be what it looks like"
		m := writer(0).Request(v)
		if odd := shownText(t, m); strings.Contains(plain, mark) || strings.Count(odd, mark) != 1 || strings.Count(m.Text, mark) != 1 {
			t.Errorf("%s is not marked once: %s; %s", where, odd, m.Text)
		}
	}
}
