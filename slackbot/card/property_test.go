package card_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
	"vpsops/slackbot/command/runner"
	"vpsops/vpsapi"
)

// awkward are texts in which something could pass for ours.
func awkward() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{
			"*", "_", "~", "`", "```", "<", ">", "&", "|", "<!channel>", "<!here|x>", "<@U061F7AUR>", "<https://evil.example|ok>", "&lt;!channel&gt;", "&amp;",
			":skull:", ":", "@channel", "#general", "\n", "\n> ", "\r\n", "\t", " ", "  ", "\u00a0", "\u202e", "\u200b", "\u0430", "\x1b[31m", "\x00", "\xff", "😀", "🛑 *This",
			"*Approved by* ", "https://evil.example", "<!date^1^{time}|x>", "e\u0301\u0301\u0301\u0301\u0301",
		}),
		rapid.StringMatching(`[a-zA-Z0-9.-]{1,12}`),
		rapid.String(),
		rapid.Map(rapid.IntRange(1, 700), func(n int) string { return strings.Repeat("&", n) }),
	)
	return rapid.Map(rapid.SliceOfN(piece, 0, 6), func(pieces []string) string { return strings.Join(pieces, "") })
}

func drawTexts(t *rapid.T) texts {
	draw := func(what string) string { return awkward().Draw(t, what) }
	return texts{
		draw("name"), draw("hostname"), draw("address"), draw("location"), draw("plan"), draw("os"), draw("former"), draw("reason"), draw("client"),
		draw("message"), draw("why"), draw("rule"), draw("group"), draw("price"), draw("problem"), draw("warning"), draw("account"),
	}
}

var states = []ledger.State{
	ledger.Pending, ledger.Approved, ledger.Executing, ledger.Succeeded, ledger.Failed, ledger.Unknown, ledger.Denied, ledger.Expired,
	ledger.Cancelled, ledger.Superseded, ledger.Invalidated,
}

func drawRequest(t *rapid.T, x texts) gate.View {
	v := request(rapid.SampledFrom([]policy.Action{policy.Create, policy.Update, policy.Delete, policy.Start, policy.Stop, policy.Reboot}).Draw(t, "action"), x)
	v.ID, v.Person = awkward().Draw(t, "id"), rapid.OneOf(awkward(), rapid.Just("ana")).Draw(t, "person")
	if rapid.Bool().Draw(t, "by assistant") {
		v = byAssistant(v, x)
	}
	if rapid.Bool().Draw(t, "approvals") {
		v = approvals(v, x)
		v.Missing[1].Eligible = rapid.SliceOfN(awkward(), 0, 40).Draw(t, "eligible")
	}
	for i := range rapid.IntRange(0, 9).Draw(t, "votes") {
		v = vote(v, rapid.OneOf(awkward(), rapid.Just("ben")).Draw(t, "voter"), i%3 < 2, x.reason)
	}
	for range rapid.IntRange(0, 12).Draw(t, "rules") {
		v.Rules = append(v.Rules, policy.Rule{ID: x.rule, Effect: policy.Deny, Why: x.why, BreakGlass: rapid.Bool().Draw(t, "broken")})
	}
	v.Shown.FormerNames, v.Shown.Warnings = []string{x.former, x.name}, []string{x.warning, x.message}
	v.Problems = rapid.SliceOfN(awkward(), 0, 6).Draw(t, "problems")
	if rapid.Bool().Draw(t, "not looked up") {
		v.Shown = gate.Shown{}
		v.Operation.Server.Text = x.name
	}
	if s := rapid.SampledFrom(states).Draw(t, "state"); s != ledger.Pending {
		v = became(v, s, x.message)
		v.ServerStatus = x.location
		if rapid.Bool().Draw(t, "on its way") && s == ledger.Succeeded {
			v.Outcome = gate.OutcomeAccepted
		}
	}
	return v
}

// Whatever anybody writes, Slack takes what is made of it, and nothing in it is
// markup but ours.
func TestForeignWordsAreNeverOurs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawTexts(t)
		v := drawRequest(t, x)
		w := writer(time.Duration(rapid.IntRange(0, 900).Draw(t, "seconds")) * time.Second)
		s := apiServer(x)
		s.Status = vpsapi.Status(rapid.SampledFrom([]string{"active", "stopped", x.name}).Draw(t, "status"))
		hold := ledger.Hold{Kind: ledger.FreezeHold, Scope: ledger.ScopeSet, Value: x.group, Owner: x.client, Because: x.reason}
		inForce := gate.HoldInForce{Hold: hold, Remark: x.message}
		choices := runner.Choices{
			Plans:     []vpsapi.Plan{{ID: s.Plan.ID, Name: x.plan, Available: true, Locations: []string{x.location, x.name}}},
			Locations: []string{x.location, x.name}, Systems: []vpsapi.OS{s.OS},
		}
		for _, f := range []face{
			messageFace("request", w.Request(v)), messageFace("reminder", w.Reminder(v)), messageFace("audit", w.AuditLine(v)),
			messageFace("again", w.Again(v, "C0INCIDENTS", []string{"C0APPROVALS", "<" + x.name})),
			messageFace("note", w.Note(x.message)),
			messageFace("server", w.Server(runner.Server{Account: x.account, Server: s, Holds: []gate.HoldInForce{inForce}})),
			messageFace("list", w.Servers(runner.Servers{Account: x.account, Accounts: []string{"a", x.account}, Rows: []vpsapi.Server{s, s}, Total: 9}, card.Press{Text: x.name, Where: x.location, Status: x.os})),
			messageFace("requests", w.Result(runner.Result{Text: x.message, Requests: &runner.Requests{Open: []gate.View{v}}})),
			messageFace("trail", w.Result(runner.Result{Trail: &runner.Trail{Rows: []ledger.Row{{Event: ledger.Event{Kind: x.rule, Person: x.client, RequestID: x.name, Detail: x.message}}}}})),
			{"modal", "approve", w.VoteForm(v, true, true, false)},
			{"modal", "deny", w.VoteForm(v, false, false, false)},
			{"modal", "create", w.CreateForm(choices, card.CreateDraft{Account: x.account, Name: x.name, NameProblem: x.message, Plan: x.plan, System: x.os, Location: x.location, Hostname: x.hostname, SSHKey: x.former, Reason: x.reason})},
			{"modal", "update", w.UpdateForm(runner.Server{Account: x.account, Server: s}, x.reason)},
			{"modal", "notice", w.Notice(x.name, x.message)},
			{"home", "home", w.Home(card.Home{Waiting: []gate.View{v}, Own: []gate.View{v}})},
		} {
			holds(t, f)
		}
	})
}

func TestTheSnapshotsHoldNothingForeign(t *testing.T) {
	for _, f := range faces() {
		holds(t, f)
	}
}

func holds(t fataler, f face) {
	t.Helper()
	if err := problems(t, f); err != nil {
		t.Fatalf("%s %s: %v", f.kind, f.name, err)
	}
	var shown any
	if err := json.Unmarshal(encoded(t, f), &shown); err != nil {
		t.Fatal(err)
	}
	if fault := faultIn(shown); fault != "" {
		t.Fatalf("%s %s: %s", f.kind, f.name, fault)
	}
}

// faultIn says where in a face something foreign is alive.
func faultIn(v any) string {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if fault := faultIn(item); fault != "" {
				return fault
			}
		}
	case map[string]any:
		text, _ := v["text"].(string)
		switch {
		case v["type"] == "mrkdwn":
			return markupIn(text)
		case v["blocks"] != nil && text != "": // the fallback of a message
			if strings.ContainsAny(text, "<>") || loneAmpersand.MatchString(text) {
				return fmt.Sprintf("the fallback holds a control sequence: %q", text)
			}
		}
		if fault := livingIn(text); fault != "" {
			return fault
		}
		for _, item := range v {
			if fault := faultIn(item); fault != "" {
				return fault
			}
		}
	}
	return ""
}

var (
	framed        = regexp.MustCompile("`[^`\n]+`")
	ourControl    = regexp.MustCompile(`<@U061F7AU[RST]>|<#C0APPROVALS>|<!date\^\d+\^(\{date_short_pretty\} at )?\{time(_secs)?\}\|[^<>|]+>`)
	emoji         = regexp.MustCompile(`:[a-z0-9_+-]+:`)
	loneAmpersand = regexp.MustCompile(`&(amp|lt|gt)?([^;a-z]|$)`)
)

// markupIn says what of a mrkdwn text is markup and not ours.
func markupIn(text string) string {
	if fault := livingIn(text); fault != "" {
		return fault
	}
	for _, frame := range framed.FindAllString(text, -1) {
		if strings.ContainsAny(frame, "<>") || strings.HasPrefix(frame, "` ") || strings.HasSuffix(frame, " `") {
			return fmt.Sprintf("a frame that opens: %q", frame)
		}
	}
	for _, line := range strings.Split(ourControl.ReplaceAllString(framed.ReplaceAllString(text, "□"), "■"), "\n") {
		if strings.ContainsAny(line, "<>&_~`@#|") || strings.Count(line, "*")%2 != 0 || emoji.MatchString(line) || strings.Contains(line, "://") {
			return fmt.Sprintf("markup that is not ours: %q in %q", line, text)
		}
	}
	return ""
}

// livingIn says what of a text moves, hides or reverses.
func livingIn(text string) string {
	for _, line := range strings.Split(text, "\n") {
		if shown := inert.Text(strings.ReplaceAll(line, "\ufe0f", ""), inert.Unlimited); shown != strings.ReplaceAll(line, "\ufe0f", "") {
			return fmt.Sprintf("a text that is not inert: %q", line)
		}
	}
	return ""
}
