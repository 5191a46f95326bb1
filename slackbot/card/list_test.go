package card_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
	"vpsops/slackbot/command"
	"vpsops/slackbot/command/runner"
	"vpsops/vpsapi"
)

// fleet is a list of servers as the runner hands it over: 500 rows at most.
func fleet(n int) runner.Servers {
	r := runner.Servers{Account: "prod", Accounts: []string{"prod", "staging"}, Total: n}
	statuses := []vpsapi.Status{vpsapi.StatusActive, vpsapi.StatusActive, vpsapi.StatusStopped, vpsapi.StatusRebooting, vpsapi.StatusSuspended}
	locations := []string{"us-west", "us-east", "eu-central"}
	for i := range min(n, 500) {
		s := apiServer(plainTexts)
		s.ID, s.Name = vpsapi.NumberID(int64(12345+i)), fmt.Sprintf("web-%02d", i+1)
		s.Status, s.Location = statuses[i%len(statuses)], locations[i%len(locations)]
		s.IPAddress = fmt.Sprintf("203.0.113.%d", i%250+1)
		r.Rows = append(r.Rows, s)
	}
	return r
}

func listFaces() []face {
	w := writer(time.Minute)
	hostileList, longList := fleet(20), fleet(20)
	for i := range hostileList.Rows {
		hostileList.Rows[i] = apiServer(hostileTexts())
		longList.Rows[i] = apiServer(longest())
	}
	return []face{
		messageFace("list_0", w.Servers(fleet(0), card.Press{Text: "nosuch"})),
		messageFace("list_1", w.Servers(fleet(1), card.Press{})),
		messageFace("list_50", w.Servers(fleet(50), card.Press{})),
		messageFace("list_50_page_2", w.Servers(fleet(50), card.Press{Page: 1, Status: "active", Where: "us-west"})),
		messageFace("list_10000", w.Servers(fleet(10_000), card.Press{Page: 24, Text: "web"})),
		messageFace("list_hostile", w.Servers(hostileList, card.Press{Text: hostile})),
		messageFace("list_longest", w.Servers(longList, card.Press{Text: longest().reason, Where: longest().location})),
	}
}

// menus are the presses that a list's menus lead to, by what they say.
func menus(t *testing.T, m card.Message) map[string]card.Press {
	t.Helper()
	all := map[string]card.Press{}
	for _, b := range m.Blocks {
		actions, is := b.(*slack.ActionBlock)
		if !is {
			continue
		}
		for _, e := range actions.Elements.ElementSet {
			if s, is := e.(*slack.SelectBlockElement); is {
				if card.Action(s.ActionID) != card.ActList {
					t.Errorf("a menu does %q", s.ActionID)
				}
				for _, o := range s.Options {
					all[o.Text.Text] = opened(t, o.Value)
				}
			}
		}
	}
	return all
}

func TestEveryServerIsOnSomePage(t *testing.T) {
	for _, n := range []int{1, 20, 21, 50, 10_000} {
		r, at, seen := fleet(n), card.Press{Where: "us-west", Text: "web"}, map[string]bool{}
		for {
			got := pressed(t, writer(0).Servers(r, at))
			next, more := card.Press{}, false
			for action, p := range got {
				if p.Server != "" {
					continue
				}
				if card.Action(action) != card.ActList || p.Where != "us-west" || p.Text != "web" || p.Account != "prod" {
					t.Fatalf("%s means %+v", action, p)
				}
				if p.Page > at.Page {
					next, more = p, true
				}
			}
			for _, s := range rowsOf(t, writer(0).Servers(r, at)) {
				seen[s] = true
			}
			if !more {
				break
			}
			at = next
		}
		if len(seen) != len(r.Rows) {
			t.Errorf("of %d servers %d can be reached", len(r.Rows), len(seen))
		}
	}
}

// rowsOf are the ids of the servers on a page.
func rowsOf(t *testing.T, m card.Message) (ids []string) {
	t.Helper()
	for _, b := range m.Blocks {
		if s, is := b.(*slack.SectionBlock); is && s.Accessory != nil {
			ids = append(ids, opened(t, s.Accessory.ButtonElement.Value).Server)
		}
	}
	if len(ids) > card.PageRows {
		t.Errorf("%d servers on a page", len(ids))
	}
	return ids
}

func TestAMenuLeadsToAFilterAndKeepsTheOthers(t *testing.T) {
	got := menus(t, writer(0).Servers(fleet(50), card.Press{Status: "active", Text: "web", Page: 2}))
	for said, want := range map[string]card.Press{
		"Any status": {Account: "prod", Text: "web"},
		"stopped":    {Account: "prod", Status: "stopped", Text: "web"},
		"us-east":    {Account: "prod", Status: "active", Where: "us-east", Text: "web"},
	} {
		if got[said] != want {
			t.Errorf("%s leads to %+v, want %+v", said, got[said], want)
		}
	}
	if c := got["us-east"].Command(); c != (command.Command{Verb: command.VerbList, Account: "prod", Status: "active", Location: "us-east", Text: "web"}) {
		t.Errorf("the command is %+v", c)
	}
}

func TestAPageThatIsNoMoreIsTheLast(t *testing.T) {
	if ids := rowsOf(t, writer(0).Servers(fleet(21), card.Press{Page: 99})); len(ids) != 1 {
		t.Errorf("%d servers on the last page", len(ids))
	}
	if ids := rowsOf(t, writer(0).Servers(fleet(21), card.Press{Page: -1})); len(ids) != card.PageRows {
		t.Errorf("%d servers on the first page", len(ids))
	}
}

func TestAServerOffersWhatItsStateAllows(t *testing.T) {
	for status, want := range map[vpsapi.Status]string{
		vpsapi.StatusActive: "reboot show stop", vpsapi.StatusStopped: "show start", vpsapi.StatusSuspended: "show",
		vpsapi.StatusRebooting: "show", "new-in-2027": "reboot show start stop",
	} {
		s := runner.Server{Account: "prod", Server: apiServer(plainTexts)}
		s.Status = status
		got := pressed(t, writer(0).Server(s))
		if actions := strings.Join(slices.Sorted(maps.Keys(got)), " "); actions != want {
			t.Errorf("%s: %s, want %s", status, actions, want)
		}
		for action, p := range got {
			if p != (card.Press{Server: "12345", Account: "prod"}) {
				t.Errorf("%s means %+v", action, p)
			}
		}
	}
}

// Within a frame Slack shows no signs, and what stands in one is somebody else's.
func TestNoStateStandsInAFrame(t *testing.T) {
	for state, says := range map[ledger.State]string{
		ledger.Pending: "🟡 waiting", ledger.Approved: "⏳ being done", ledger.Executing: "⏳ being done",
		ledger.Succeeded: "✅ done", ledger.Failed: "❌ failed", ledger.Unknown: "❓ not known yet",
		ledger.Denied: "🚫 Denied", ledger.Expired: "⌛ Expired", ledger.Cancelled: "↩️ Cancelled",
		ledger.Superseded: "↩️ Replaced by a newer ask", ledger.Invalidated: "⚠️ Void",
	} {
		v := became(request(policy.Reboot, plainTexts), state, "")
		row := writer(time.Minute).Result(runner.Result{Requests: &runner.Requests{Own: []gate.View{v}}})
		inOrder(t, shownText(t, row), `\n`+says+" · asked by")
		inOrder(t, shownText(t, writer(time.Minute).AuditLine(v)), `"`+says+" · ")
		home, err := json.Marshal(writer(time.Minute).Home(card.Home{Person: "ana", Own: []gate.View{v}}))
		if err != nil {
			t.Fatal(err)
		}
		inOrder(t, string(home), `\n`+says+" · asked by")
	}
}
