package policy_test

import (
	"strings"
	"testing"
	"time"

	"vpsops/policy"
)

func TestABrokenPolicyDoesNotLoad(t *testing.T) {
	stop := []policy.Action{policy.Stop}
	guard := func(r policy.Require, actions ...policy.Action) func(*policy.Document) {
		return func(d *policy.Document) {
			d.Guards = append(d.Guards, policy.Guard{ID: "new", Actions: actions, Require: &r})
		}
	}
	for _, tt := range []struct {
		name   string
		damage func(*policy.Document)
		says   string
	}{
		{"an account of two persons", func(d *policy.Document) { d.People["eve"] = policy.Person{Slack: []string{"T2/BEN"}} }, "ben"},
		{"a local account called like another person", func(d *policy.Document) { d.People["eve"] = policy.Person{Local: []string{"ben"}} }, "local:ben"},
		{"a local account called like a person without one", func(d *policy.Document) { d.People["eve"] = policy.Person{Local: []string{"cy"}} }, "name of another person"},
		{"an account without an id", func(d *policy.Document) { d.People["eve"] = policy.Person{Local: []string{""}} }, "empty local account"},
		{"a person without a name", func(d *policy.Document) { d.People[""] = policy.Person{} }, "needs a name"},
		{"an unknown person in a group", func(d *policy.Document) { d.Groups["new"] = policy.Group{People: []string{"eve"}} }, "eve"},
		{"an unknown group in a group", func(d *policy.Document) { d.Groups["new"] = policy.Group{Groups: []string{"eves"}} }, "eves"},
		{"a group that contains itself", func(d *policy.Document) {
			d.Groups["a"] = policy.Group{Groups: []string{"b"}}
			d.Groups["b"] = policy.Group{Groups: []string{"a"}}
		}, "contains itself"},
		{"a group called like a person", func(d *policy.Document) { d.Groups["ana"] = policy.Group{People: []string{"ben"}} }, "ana"},
		{"a group called everyone", func(d *policy.Document) { d.Groups[policy.Everyone] = policy.Group{People: []string{"ben"}} }, "everyone"},
		{"an unknown unmatched set", func(d *policy.Document) { d.Unmatched = "nowhere" }, "nowhere"},
		{"two rules of one id", func(d *policy.Document) { d.Guards[1].ID = d.Grants[0].ID }, "rule read"},
		{"a rule without an id", func(d *policy.Document) { d.Grants[0].ID = "" }, "id of its own"},
		{"a grant to nobody", func(d *policy.Document) { d.Grants[0].Who = nil }, "names who"},
		{"a grant to strangers", func(d *policy.Document) { d.Grants[0].Who = []string{"eve"} }, "eve"},
		{"a grant for nothing", func(d *policy.Document) { d.Grants[0].Actions = nil }, "which actions"},
		{"an unknown action", func(d *policy.Document) { d.Grants[0].Actions = []policy.Action{"destroy"} }, "destroy"},
		{"an unknown set", func(d *policy.Document) { d.Grants[0].Servers = []string{"prd"} }, "prd"},
		{"an unknown front end", func(d *policy.Document) { d.Grants[0].Through = []policy.Front{"mail"} }, "mail"},
		{"a guard for nothing", func(d *policy.Document) { d.Guards[0].Actions = nil }, "names its actions"},
		{"a guard that says nothing", func(d *policy.Document) { d.Guards[0].Require = nil }, "requires something or denies"},
		{"a guard that says both", func(d *policy.Document) { d.Guards[0].Deny = "no" }, "requires something or denies"},
		{"a requirement of nothing", guard(policy.Require{}, policy.Stop), "a confirmation by the asker or a number of approvals"},
		{"a requirement of both", guard(policy.Require{ConfirmAsker: true, Approve: 1, From: "oncall"}, policy.Stop), "a confirmation by the asker or a number of approvals"},
		{"a confirmation by a group", guard(policy.Require{ConfirmAsker: true, From: "oncall"}, policy.Stop), "the asker alone confirms"},
		{"approvals of an unknown group", guard(policy.Require{Approve: 1, From: "eves"}, policy.Stop), "eves"},
		{"approvals of no group", guard(policy.Require{Approve: 1}, policy.Stop), "cannot approve"},
		{"a negative number of approvals", guard(policy.Require{Approve: -1, From: "oncall"}, policy.Stop), "a number of approvals"},
		{"two approvals of a group of two", guard(policy.Require{Approve: 2, From: "sre"}, policy.Stop), "2 of sre cannot approve"},
		{"one approval of a group of one", guard(policy.Require{Approve: 1, From: "ana"}, policy.Stop), "1 of ana cannot approve"},
		{"an unknown factor", guard(policy.Require{ConfirmAsker: true, Factor: 9}, policy.Stop), "factor"},
		{"the factor client for a delete", guard(policy.Require{ConfirmAsker: true, Factor: policy.Client}, policy.Stop, policy.Delete), "client"},
		{"the factor client for an approval", guard(policy.Require{Approve: 1, From: "oncall", Factor: policy.Client}, policy.Stop), "client"},
		{"the factor client for a typed name", guard(policy.Require{ConfirmAsker: true, TypeName: true, Factor: policy.Client}, policy.Stop), "client"},
		{"a set of every server", func(d *policy.Document) { d.ServerSets["lab"] = []policy.ServerMatch{{}} }, "every server"},
		{"a set of every server beside others", func(d *policy.Document) {
			d.ServerSets["lab"] = []policy.ServerMatch{{IDs: []string{"1"}}, {}}
		}, "every server"},
		{"a set of nothing", func(d *policy.Document) { d.ServerSets["lab"] = nil }, "an empty list"},
		{"a set with a key of nothing", func(d *policy.Document) {
			d.ServerSets["lab"] = []policy.ServerMatch{{IDs: []string{}, Location: []string{"us-west"}}}
		}, "an empty list"},
		{"a grant for an empty list of sets", func(d *policy.Document) { d.Grants[1].Servers = []string{} }, "rule oncall: an empty list"},
		{"a grant for an empty list of rooms", func(d *policy.Document) { d.Grants[1].Channels = []string{} }, "rule oncall: an empty list"},
		{"a guard for an empty list of people", func(d *policy.Document) { d.Guards[0].Who = []string{} }, "rule say-yes: an empty list"},
		{"a guard for an empty list of windows", func(d *policy.Document) { d.Guards[0].During = []policy.Window{} }, "rule say-yes: an empty list"},
		{"a guard but for an empty list of rooms", func(d *policy.Document) { d.Guards[0].UnlessChannels = []string{} }, "rule say-yes: an empty list"},
		{"a budget for an empty list of sets", func(d *policy.Document) {
			d.Budgets = []policy.Budget{{ID: "b", Actions: stop, Servers: []string{}, Max: 1, Per: time.Hour}}
		}, "rule b: an empty list"},
		{"a person whose name hides something", func(d *policy.Document) { d.People["e\u202eve"] = policy.Person{} }, "no name for a person"},
		{"a group of an odd name", func(d *policy.Document) { d.Groups["a b"] = policy.Group{People: []string{"ben"}} }, "no name for a group"},
		{"a set of an odd name", func(d *policy.Document) { d.ServerSets["-"] = []policy.ServerMatch{{IDs: []string{"1"}}} }, "no name for a server set"},
		{"a rule of an odd id", func(d *policy.Document) { d.Guards[0].ID = "say yes" }, "no id"},
		{"a token of an odd id", func(d *policy.Document) {
			d.People["eve"] = policy.Person{Tokens: []policy.Token{{ID: "a b", SHA256: strings.Repeat("a", 64)}}}
		}, "no id"},
		{"a rule called like a floor", func(d *policy.Document) { d.Guards[0].ID = policy.FloorNoGrant }, "can't be called so"},
		{"a guard for a stranger", func(d *policy.Document) {
			d.Guards = append(d.Guards, policy.Guard{ID: "new", Who: []string{"eve"}, Actions: stop, Deny: "no"})
		}, "eve"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc := team()
			tt.damage(&doc)
			_, err := policy.New(doc)
			if err == nil {
				t.Fatal("it loaded")
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%q does not say %q", err, tt.says)
			}
		})
	}
}

func TestEveryFaultIsNamedInOneRun(t *testing.T) {
	doc := team()
	doc.Unmatched = "nowhere"
	doc.Grants[0].Who = []string{"eve"}
	doc.Guards[0].Actions = nil
	_, err := policy.New(doc)
	for _, want := range []string{"nowhere", "eve", "names its actions"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

func TestLimitsHaveDefaults(t *testing.T) {
	doc := team()
	doc.Limits.RequestTTL = time.Hour
	want := policy.DefaultLimits
	want.RequestTTL = time.Hour
	if got := load(t, doc).Limits(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTheHashIsOfTheContent(t *testing.T) {
	a, b := load(t, team()), load(t, team())
	if a.Hash() != b.Hash() {
		t.Error("one document has two hashes")
	}
	doc := team()
	doc.Guards[0].Require.Reason = true
	if load(t, doc).Hash() == a.Hash() {
		t.Error("two documents have one hash")
	}
}
