package policy_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"vpsops/policy"
)

// team is a policy with every kind of rule, in the shape of the example of the
// policy file.
func team() policy.Document {
	return policy.Document{
		Version: 1,
		People: map[string]policy.Person{
			"ana": {Slack: []string{"T1/ANA"}, Local: []string{"ana"}},
			"ben": {Slack: []string{"T1/BEN", "T2/BEN"}, Local: []string{"ben"}},
			"cy":  {Slack: []string{"T1/CY"}, OIDC: []string{"https://id.example.com|cy"}},
			"dee": {Local: []string{"dee"}},
		},
		Groups: map[string]policy.Group{
			"oncall":   {People: []string{"ana", "ben", "cy"}},
			"sre":      {People: []string{"ana", "ben"}},
			"platform": {Groups: []string{"sre"}, People: []string{"cy"}},
		},
		ServerSets: map[string][]policy.ServerMatch{
			"prod":    {{Name: []string{"prod-*", "db-?"}}, {Location: []string{"us-east"}}},
			"sandbox": {{IDs: []string{"12345"}, Location: []string{"us-west"}}},
		},
		Unmatched: "prod",
		Grants: []policy.Grant{
			{ID: "read", Who: []string{policy.Everyone}, Actions: []policy.Action{policy.List, policy.Get}},
			{ID: "oncall", Who: []string{"oncall"}, Actions: []policy.Action{policy.Start, policy.Stop, policy.Reboot}},
			{ID: "platform", Who: []string{"platform"}, Actions: []policy.Action{policy.Create, policy.Update, policy.Delete}},
			{ID: "dee-sandbox", Who: []string{"dee"}, Actions: []policy.Action{policy.Reboot, policy.Update}, Servers: []string{"sandbox"}},
			{ID: "dee-slack", Who: []string{"dee"}, Actions: []policy.Action{policy.Stop}, Through: []policy.Front{policy.Slack}, Channels: []string{"C0OPS"}},
		},
		Guards: []policy.Guard{
			{ID: "say-yes", Actions: []policy.Action{policy.Create, policy.Stop, policy.Reboot}, Require: &policy.Require{ConfirmAsker: true, Factor: policy.Client}},
			{ID: "delete", Actions: []policy.Action{policy.Delete}, Require: &policy.Require{ConfirmAsker: true, TypeName: true, Reason: true}},
			{ID: "prod-power", Actions: []policy.Action{policy.Stop}, Servers: []string{"prod"}, Through: []policy.Front{policy.MCP}, Require: &policy.Require{Approve: 1, From: "oncall"}},
			{ID: "prod-change", Actions: []policy.Action{policy.Delete, policy.Update}, Servers: []string{"prod"}, Require: &policy.Require{Approve: 2, From: "platform"}},
			{ID: "ops-rooms", Actions: []policy.Action{policy.Delete}, Through: []policy.Front{policy.Slack}, UnlessChannels: []string{"C0OPS"}, Deny: "ask in #ops"},
			{ID: "ben-passkey", Actions: []policy.Action{policy.Reboot}, Who: []string{"ben"}, Require: &policy.Require{ConfirmAsker: true, Factor: policy.Passkey}},
		},
	}
}

func load(t testing.TB, doc policy.Document) *policy.Policy {
	t.Helper()
	p, err := policy.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func localActor(name string, front policy.Front) policy.Actor {
	return policy.Actor{Identity: policy.Identity{Kind: policy.LocalUser, ID: name}, Front: front}
}

func slackActor(id, channel string) policy.Actor {
	return policy.Actor{Identity: policy.Identity{Kind: policy.SlackUser, ID: id}, Front: policy.Slack, Channel: channel}
}

var (
	prodServer    = policy.Server{ID: "1", Name: "prod-web", Location: "eu-central"}
	sandboxServer = policy.Server{ID: "12345", Name: "play", Location: "us-west"}
	otherServer   = policy.Server{ID: "7", Name: "misc", Location: "eu-central"}
)

// need is a requirement in few words, for tables.
type need struct {
	from     string
	count    int
	factor   policy.Factor
	typeName bool
	reason   bool
}

func needsOf(d policy.Decision) []need {
	var got []need
	for _, n := range d.Needs {
		got = append(got, need{n.From, n.Count, n.Factor, n.TypeName, n.Reason})
	}
	return got
}

// Some systems call their users in ways that no policy file takes.
func TestLocalPolicyTakesTheSystemsNames(t *testing.T) {
	for _, name := range []string{"ana.maria", `EXAMPLE\ana`, "ana maria", "ana@example.com", "Änne", "_ana"} {
		p, err := policy.Local(name, name)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if d := p.Decide(policy.Ask{Actor: localActor(name, policy.MCP), Action: policy.Start, Server: &prodServer}); d.Effect != policy.Allow {
			t.Errorf("%q: %+v", name, d)
		}
	}
}

func TestLocalPolicy(t *testing.T) {
	p, err := policy.Local("ana", "ana-os")
	if err != nil {
		t.Fatal(err)
	}
	byClient := []need{{"", 1, policy.Client, false, false}}
	byPerson := []need{{"", 1, policy.PersonFactor, false, false}}
	renamed := prodServer
	renamed.Name = "harmless"
	rehosted := prodServer
	for _, tt := range []struct {
		name   string
		ask    policy.Ask
		effect policy.Effect
		needs  []need
	}{
		{"list", policy.Ask{Action: policy.List}, policy.Allow, nil},
		{"get", policy.Ask{Action: policy.Get, Server: &prodServer}, policy.Allow, nil},
		{"start", policy.Ask{Action: policy.Start, Server: &prodServer}, policy.Allow, nil},
		{"lock", policy.Ask{Action: policy.Lock, Server: &prodServer}, policy.Allow, nil},
		{"freeze", policy.Ask{Action: policy.Freeze}, policy.Allow, nil},
		{"stop", policy.Ask{Action: policy.Stop, Server: &prodServer}, policy.Confirm, byClient},
		{"reboot", policy.Ask{Action: policy.Reboot, Server: &prodServer}, policy.Confirm, byClient},
		{"create", policy.Ask{Action: policy.Create, After: &prodServer}, policy.Confirm, byClient},
		{"update", policy.Ask{Action: policy.Update, Server: &prodServer, After: &rehosted}, policy.Confirm, byClient},
		{"rename", policy.Ask{Action: policy.Update, Server: &prodServer, After: &renamed}, policy.Confirm, byPerson},
		{"delete", policy.Ask{Action: policy.Delete, Server: &prodServer}, policy.Confirm, []need{{"", 1, policy.PersonFactor, true, false}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.ask.Actor = localActor("ana-os", policy.MCP)
			d := p.Decide(tt.ask)
			if d.Effect != tt.effect || !slices.Equal(needsOf(d), tt.needs) || d.Person != "ana" {
				t.Errorf("got %s %+v for %q, want %s %+v for ana", d.Effect, d.Needs, d.Person, tt.effect, tt.needs)
			}
			tt.ask.Actor = localActor("somebody", policy.MCP)
			if d := p.Decide(tt.ask); d.Effect != policy.Deny || d.Person != "" {
				t.Errorf("a stranger got %s", d.Effect)
			}
		})
	}
}

func TestReadsOnlyPolicyGrantsReadsAlone(t *testing.T) {
	p, err := policy.ReadsOnly("ana", "ana")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range policy.Actions() {
		want := policy.Deny
		if a.Reads() {
			want = policy.Allow
		}
		if d := p.Decide(policy.Ask{Actor: localActor("ana", policy.MCP), Action: a, Server: &prodServer}); d.Effect != want {
			t.Errorf("%s: got %s, want %s", a, d.Effect, want)
		}
	}
}

func TestDemoPolicyHasAColleagueWhoMayDoNothing(t *testing.T) {
	p, err := policy.Demo()
	if err != nil {
		t.Fatal(err)
	}
	if d := p.Decide(policy.Ask{Actor: localActor("you", policy.MCP), Action: policy.Stop, Server: &prodServer}); d.Effect != policy.Confirm {
		t.Errorf("you: got %s", d.Effect)
	}
	if d := p.Decide(policy.Ask{Actor: localActor("sam", policy.MCP), Action: policy.Stop, Server: &prodServer}); d.Effect != policy.Deny {
		t.Errorf("sam: got %s", d.Effect)
	}
}

func TestTeamPolicy(t *testing.T) {
	p := load(t, team())
	confirm := func(f policy.Factor) need { return need{"", 1, f, false, false} }
	deleteConfirm := need{"", 1, policy.PersonFactor, true, true}
	approve := func(n int, from string) need { return need{from, n, policy.PersonFactor, false, false} }
	lookAlike := policy.Server{ID: "1", Name: "рrod-web", Location: "us-west"} // a Cyrillic letter first
	for _, tt := range []struct {
		name   string
		ask    policy.Ask
		effect policy.Effect
		needs  []need
		rule   string
	}{
		{"a stranger", policy.Ask{Actor: slackActor("T1/EVE", "C0OPS"), Action: policy.List}, policy.Deny, nil, policy.FloorStranger},
		{"an account of the same name elsewhere", policy.Ask{Actor: slackActor("T9/ANA", "C0OPS"), Action: policy.List}, policy.Deny, nil, policy.FloorStranger},
		{"the same id of another kind", policy.Ask{Actor: policy.Actor{Identity: policy.Identity{Kind: policy.BearerToken, ID: "ana"}, Front: policy.MCP}, Action: policy.List}, policy.Deny, nil, policy.FloorStranger},
		{"nobody", policy.Ask{Actor: policy.Actor{Front: policy.MCP}, Action: policy.List}, policy.Deny, nil, policy.FloorStranger},
		{"everybody listed reads", policy.Ask{Actor: localActor("dee", policy.MCP), Action: policy.List}, policy.Allow, nil, "read"},
		{"an action without a grant", policy.Ask{Actor: localActor("dee", policy.MCP), Action: policy.Delete, Server: &prodServer}, policy.Deny, nil, policy.FloorNoGrant},
		{"an action nobody is granted", policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Freeze}, policy.Deny, nil, policy.FloorNoGrant},
		{"start is free", policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Start, Server: &prodServer}, policy.Allow, nil, "oncall"},
		{"a second account is the same person", policy.Ask{Actor: slackActor("T2/BEN", ""), Action: policy.Start, Server: &prodServer}, policy.Allow, nil, "oncall"},
		{"a member through a group", policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Create, After: &otherServer}, policy.Confirm, []need{confirm(policy.Client)}, "platform"},
		{"guards of two groups add up", policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Stop, Server: &prodServer}, policy.Approve, []need{confirm(policy.Client), approve(1, "oncall")}, "prod-power"},
		{"a guard for another front", policy.Ask{Actor: slackActor("T1/ANA", "C1"), Action: policy.Stop, Server: &prodServer}, policy.Confirm, []need{confirm(policy.Client)}, "say-yes"},
		{"a guard for another person", policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Reboot, Server: &prodServer}, policy.Confirm, []need{confirm(policy.Client)}, "say-yes"},
		{"a guard for this person", policy.Ask{Actor: localActor("ben", policy.MCP), Action: policy.Reboot, Server: &prodServer}, policy.Confirm, []need{confirm(policy.Passkey)}, "ben-passkey"},
		{"a server in no set counts as unmatched", policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Stop, Server: &otherServer}, policy.Approve, []need{confirm(policy.Client), approve(1, "oncall")}, "prod-power"},
		{"a look-alike name in no set", policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Stop, Server: &lookAlike}, policy.Approve, []need{confirm(policy.Client), approve(1, "oncall")}, "prod-power"},
		{"a server of another set", policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Stop, Server: &sandboxServer}, policy.Confirm, []need{confirm(policy.Client)}, "say-yes"},
		{"a delete in the sandbox", policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Delete, Server: &sandboxServer}, policy.Confirm, []need{deleteConfirm}, "delete"},
		{"a delete in production", policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Delete, Server: &prodServer}, policy.Approve, []need{deleteConfirm, approve(2, "platform")}, "prod-change"},
		{"a delete in another room", policy.Ask{Actor: slackActor("T1/ANA", "C1"), Action: policy.Delete, Server: &prodServer}, policy.Deny, nil, "ops-rooms"},
		{"a delete in the room for it", policy.Ask{Actor: slackActor("T1/ANA", "C0OPS"), Action: policy.Delete, Server: &prodServer}, policy.Approve, []need{deleteConfirm, approve(2, "platform")}, "prod-change"},
		{"a guarded action without a guard", policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Update, Server: &sandboxServer, After: &sandboxServer}, policy.Confirm, []need{confirm(policy.PersonFactor)}, policy.FloorConfirm},
		{"a grant for a set", policy.Ask{Actor: localActor("dee", policy.MCP), Action: policy.Reboot, Server: &sandboxServer}, policy.Confirm, []need{confirm(policy.Client)}, "dee-sandbox"},
		{"a grant for another set", policy.Ask{Actor: localActor("dee", policy.MCP), Action: policy.Reboot, Server: &prodServer}, policy.Deny, nil, policy.FloorNoGrant},
		{"a grant for a room", policy.Ask{Actor: policy.Actor{Identity: policy.Identity{Kind: policy.LocalUser, ID: "dee"}, Front: policy.Slack, Channel: "C0OPS"}, Action: policy.Stop, Server: &sandboxServer}, policy.Confirm, []need{confirm(policy.Client)}, "dee-slack"},
		{"a grant for another room", policy.Ask{Actor: policy.Actor{Identity: policy.Identity{Kind: policy.LocalUser, ID: "dee"}, Front: policy.Slack, Channel: "C1"}, Action: policy.Stop, Server: &sandboxServer}, policy.Deny, nil, policy.FloorNoGrant},
		{"a grant for another front", policy.Ask{Actor: localActor("dee", policy.MCP), Action: policy.Stop, Server: &sandboxServer}, policy.Deny, nil, policy.FloorNoGrant},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := p.Decide(tt.ask)
			if d.Effect != tt.effect || !slices.Equal(needsOf(d), tt.needs) {
				t.Errorf("got %s %+v, want %s %+v", d.Effect, d.Needs, tt.effect, tt.needs)
			}
			if !slices.ContainsFunc(d.Rules, func(r policy.Rule) bool { return r.ID == tt.rule }) {
				t.Errorf("the rule %s is not named among %s", tt.rule, d.RuleIDs())
			}
			if (d.Effect == policy.Deny) != (len(d.Denied) > 0) {
				t.Errorf("%s gives the reasons %q", d.Effect, d.Denied)
			}
		})
	}
}

func TestAnUpdateIsJudgedByTheServerBeforeAndAfter(t *testing.T) {
	doc := team()
	doc.Unmatched = ""
	p := load(t, doc)
	prod := policy.Server{ID: "1", Name: "prod-web", Location: "eu-central"}
	harmless := policy.Server{ID: "1", Name: "web", Location: "eu-central"}
	for _, tt := range []struct {
		name          string
		before, after policy.Server
		approvers     bool
	}{
		{"out of production", prod, harmless, true},
		{"into production", harmless, prod, true},
		{"outside", harmless, harmless, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := p.Decide(policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Update, Server: &tt.before, After: &tt.after})
			if got := d.Effect == policy.Approve; got != tt.approvers {
				t.Errorf("got %s with %+v", d.Effect, d.Needs)
			}
		})
	}
	t.Run("a grant must cover both", func(t *testing.T) {
		doc := team()
		doc.ServerSets["mine"] = []policy.ServerMatch{{Name: []string{"dee-*"}}}
		doc.Grants = append(doc.Grants, policy.Grant{ID: "mine", Who: []string{"dee"}, Actions: []policy.Action{policy.Update}, Servers: []string{"mine"}})
		p := load(t, doc)
		mine, theirs := policy.Server{ID: "9", Name: "dee-1", Location: "us-west"}, policy.Server{ID: "9", Name: "prod-1", Location: "us-west"}
		for _, tt := range []struct {
			before, after policy.Server
			want          policy.Effect
		}{{mine, theirs, policy.Deny}, {theirs, mine, policy.Deny}, {mine, mine, policy.Confirm}} {
			d := p.Decide(policy.Ask{Actor: localActor("dee", policy.MCP), Action: policy.Update, Server: &tt.before, After: &tt.after})
			if d.Effect != tt.want {
				t.Errorf("%s to %s: got %s, want %s", tt.before.Name, tt.after.Name, d.Effect, tt.want)
			}
		}
	})
}

func TestARenameNeverTakesTheClientsDialog(t *testing.T) {
	doc := team()
	doc.Guards = append(doc.Guards, policy.Guard{ID: "easy", Actions: []policy.Action{policy.Update}, Require: &policy.Require{ConfirmAsker: true, Factor: policy.Client}})
	p := load(t, doc)
	after := sandboxServer
	ask := policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Update, Server: &sandboxServer, After: &after}
	if d := p.Decide(ask); d.Needs[0].Factor != policy.Client {
		t.Errorf("an update that is no rename needs %s", d.Needs[0].Factor)
	}
	after.Name = "Play" // only the case differs: still another name
	if d := p.Decide(ask); d.Needs[0].Factor != policy.PersonFactor {
		t.Errorf("a rename needs %s", d.Needs[0].Factor)
	}
}

func TestAReadOnlyCredentialChangesNothing(t *testing.T) {
	p := load(t, team())
	actor := localActor("ana", policy.MCP)
	actor.ReadOnly = true
	for _, a := range policy.Actions() {
		d := p.Decide(policy.Ask{Actor: actor, Action: a, Server: &sandboxServer})
		if want := !a.Reads(); (d.Effect == policy.Deny) != want {
			t.Errorf("%s: got %s", a, d.Effect)
		}
	}
}

func TestServerSets(t *testing.T) {
	server := policy.Server{ID: "42", Name: "Web-01", Location: "us-west", PlanID: "1", Plan: "Standard VPS", OSID: "6", OS: "Ubuntu 24.04", Account: "prod"}
	match := func(m policy.ServerMatch) policy.ServerMatch { return m }
	for _, tt := range []struct {
		name string
		set  []policy.ServerMatch
		in   bool
	}{
		{"by id", []policy.ServerMatch{{IDs: []string{"41", "42"}}}, true},
		{"by another id", []policy.ServerMatch{{IDs: []string{"4"}}}, false},
		{"by name, case folded", []policy.ServerMatch{{Name: []string{"WEB-*"}}}, true},
		{"a glob is over the whole name", []policy.ServerMatch{{Name: []string{"eb-0"}}}, false},
		{"? is any one character", []policy.ServerMatch{{Name: []string{"web-0?"}}}, true},
		{"? is not none", []policy.ServerMatch{{Name: []string{"web-01?"}}}, false},
		{"* is also none", []policy.ServerMatch{{Name: []string{"*web*-*01*"}}}, true},
		{"stars go back", []policy.ServerMatch{{Name: []string{"*0*1"}}}, true},
		{"a bracket is a bracket", []policy.ServerMatch{{Name: []string{"web-[0]1"}}}, false},
		{"by location", []policy.ServerMatch{{Location: []string{"us-west"}}}, true},
		{"by plan id", []policy.ServerMatch{{Plan: []string{"1"}}}, true},
		{"by plan name", []policy.ServerMatch{{Plan: []string{"Standard VPS"}}}, true},
		{"by os id", []policy.ServerMatch{{OS: []string{"6"}}}, true},
		{"by os name", []policy.ServerMatch{{OS: []string{"Ubuntu 24.04"}}}, true},
		{"by account", []policy.ServerMatch{{Account: []string{"prod"}}}, true},
		{"by location, in other letters", []policy.ServerMatch{{Location: []string{"US-West"}}}, false},
		{"by plan name, in other letters", []policy.ServerMatch{{Plan: []string{"standard vps"}}}, false},
		{"keys must all match", []policy.ServerMatch{match(policy.ServerMatch{IDs: []string{"42"}, Location: []string{"us-east"}})}, false},
		{"alternatives", []policy.ServerMatch{{IDs: []string{"1"}}, {Location: []string{"us-west"}}}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := load(t, policy.Document{
				People:     map[string]policy.Person{"ana": {Local: []string{"ana"}}},
				ServerSets: map[string][]policy.ServerMatch{"it": tt.set},
				Grants:     []policy.Grant{{ID: "g", Who: []string{"ana"}, Actions: []policy.Action{policy.Get}, Servers: []string{"it"}}},
			})
			d := p.Decide(policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Get, Server: &server})
			if in := d.Effect == policy.Allow; in != tt.in {
				t.Errorf("in the set: %t, want %t", in, tt.in)
			}
		})
	}
}

// A value in other letters than the API's is likely to be meant: that is enough for
// a guard to hold, and not for a grant.
func TestAGuardHoldsWhereASetsLettersDiffer(t *testing.T) {
	server := policy.Server{ID: "42", Name: "web", Location: "us-west", PlanID: "1", Plan: "Standard VPS", OSID: "6", OS: "Ubuntu 24.04", Account: "prod"}
	for name, tt := range map[string]struct {
		set  policy.ServerMatch
		want policy.Effect
	}{
		"location":           {policy.ServerMatch{Location: []string{"US-West"}}, policy.Deny},
		"plan":               {policy.ServerMatch{Plan: []string{"standard vps"}}, policy.Deny},
		"system":             {policy.ServerMatch{OS: []string{"ubuntu 24.04"}}, policy.Deny},
		"another location":   {policy.ServerMatch{Location: []string{"US-East"}}, policy.Allow},
		"another plan":       {policy.ServerMatch{Plan: []string{"standard vp"}}, policy.Allow},
		"account":            {policy.ServerMatch{Account: []string{"Prod"}}, policy.Allow},
		"location and a key": {policy.ServerMatch{Location: []string{"US-West"}, IDs: []string{"1"}}, policy.Allow},
	} {
		p := load(t, policy.Document{
			People:     map[string]policy.Person{"ana": {Local: []string{"ana"}}},
			ServerSets: map[string][]policy.ServerMatch{"it": {tt.set}},
			Grants:     []policy.Grant{{ID: "g", Who: []string{"ana"}, Actions: []policy.Action{policy.Start}}},
			Guards:     []policy.Guard{{ID: "no", Actions: []policy.Action{policy.Start}, Servers: []string{"it"}, Deny: "no"}},
		})
		if d := p.Decide(policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Start, Server: &server}); d.Effect != tt.want {
			t.Errorf("by %s: %s, want %s", name, d.Effect, tt.want)
		}
	}
}

func TestOnlyPlainNamesMatchAGlob(t *testing.T) {
	p := load(t, policy.Document{
		People:     map[string]policy.Person{"ana": {Local: []string{"ana"}}},
		ServerSets: map[string][]policy.ServerMatch{"play": {{Name: []string{"play*"}}}},
		Grants:     []policy.Grant{{ID: "g", Who: []string{"ana"}, Actions: []policy.Action{policy.Get}, Servers: []string{"play"}}},
	})
	for name, want := range map[string]policy.Effect{
		"play-1": policy.Allow, "PLAY-1": policy.Allow,
		"play 1": policy.Deny, "play\u200b": policy.Deny, "plаy": policy.Deny, "play\n": policy.Deny, "play\x7f": policy.Deny, "plaſ": policy.Deny,
	} {
		if d := p.Decide(policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Get, Server: &policy.Server{Name: name}}); d.Effect != want {
			t.Errorf("%q: got %s, want %s", name, d.Effect, want)
		}
	}
}

func TestMembershipAndPersons(t *testing.T) {
	p := load(t, team())
	if got := p.Members("platform"); !slices.Equal(got, []string{"ana", "ben", "cy"}) {
		t.Errorf("platform has %q", got)
	}
	if got := p.Members("ana"); !slices.Equal(got, []string{"ana"}) {
		t.Errorf("a person alone is %q", got)
	}
	if got := p.Members("nobody"); got != nil {
		t.Errorf("nobody is %q", got)
	}
	if got := p.Members(policy.Everyone); !slices.Equal(got, []string{"ana", "ben", "cy", "dee"}) {
		t.Errorf("everyone is %q", got)
	}
}

func TestPersonOf(t *testing.T) {
	p := load(t, policy.Document{People: map[string]policy.Person{
		"ana": {Local: []string{"a.miller"}, Slack: []string{"T1/ANA"}}, "ben": {}, "cy": {Local: []string{"dee"}},
	}})
	for id, want := range map[policy.Identity]string{
		{Kind: policy.LocalUser, ID: "a.miller"}: "ana",
		{Kind: policy.LocalUser, ID: "ana"}:      "ana", // by name, at this machine
		{Kind: policy.LocalUser, ID: "ben"}:      "ben",
		{Kind: policy.LocalUser, ID: "dee"}:      "cy",
		{Kind: policy.LocalUser, ID: "eve"}:      "",
		{Kind: policy.LocalUser}:                 "",
		{Kind: policy.SlackUser, ID: "T1/ANA"}:   "ana",
		{Kind: policy.SlackUser, ID: "ben"}:      "", // a name is no account anywhere else
		{Kind: policy.OIDCSubject, ID: "ben"}:    "",
		{Kind: policy.BearerToken, ID: "ana"}:    "",
		{}:                                       "",
	} {
		if got := p.PersonOf(id); got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
}

// A freeze is of a set, a person, an account or everything: a grant for some sets covers
// freezes of those alone, however much of a set lies in another.
func TestAGrantForSetsFreezesThoseSetsAlone(t *testing.T) {
	doc := team()
	doc.Grants = []policy.Grant{
		{ID: "lab", Who: []string{"ana"}, Actions: policy.Actions(), Servers: []string{"sandbox"}},
		{ID: "labs", Who: []string{"cy"}, Actions: policy.Actions(), Servers: slices.Sorted(maps.Keys(doc.ServerSets))},
		{ID: "all", Who: []string{"ben"}, Actions: policy.Actions()},
	}
	doc.Guards = nil
	p := load(t, doc)
	for _, c := range []struct {
		set     string
		granted []string
	}{{"sandbox", []string{"ana", "cy", "ben"}}, {"prod", []string{"cy", "ben"}}, {"none", []string{"ben"}}, {"", []string{"ben"}}} {
		for _, person := range []string{"ana", "cy", "ben"} {
			a := policy.Ask{Actor: localActor(person, policy.Page), Action: policy.Freeze, Set: c.set}
			if got := p.Decide(a).Effect == policy.Allow; got != slices.Contains(c.granted, person) {
				t.Errorf("%s freezes %q: %t", person, c.set, got)
			}
			if a.Action = policy.Reboot; person == "ana" && p.Decide(a).Effect != policy.Deny {
				t.Errorf("a set covers a reboot of no server")
			}
		}
	}
	says := p.Explain(policy.Ask{Actor: localActor("ana", policy.Page), Action: policy.Freeze}).String()
	if !strings.Contains(says, "it would go for a freeze of sandbox, or if one of those asks whom a grant lets: ben\n") {
		t.Error(says)
	}
}

func TestBeforeTheServerIsKnown(t *testing.T) {
	doc := team()
	doc.Guards = append(doc.Guards,
		policy.Guard{ID: "no-prod", Actions: []policy.Action{policy.Reboot}, Servers: []string{"prod"}, Deny: "not in production"},
		policy.Guard{ID: "no-start", Actions: []policy.Action{policy.Start}, Deny: "nowhere"})
	p := load(t, doc)
	ask := func(action policy.Action, any bool) policy.Effect {
		return p.Decide(policy.Ask{Actor: localActor("ana", policy.MCP), Action: action, AnyServer: any}).Effect
	}
	if got := ask(policy.Reboot, true); got != policy.Confirm {
		t.Errorf("what is denied for some servers is %s for any", got)
	}
	if got := ask(policy.Start, true); got != policy.Deny {
		t.Errorf("what is denied for all servers is %s for any", got)
	}
	if got := ask(policy.Reboot, false); got != policy.Deny {
		t.Errorf("a server that cannot be told counts as %s", got)
	}
}

// An action on a server that none is given for is one on a server that couldn't be
// read: no grant for some servers alone covers it.
func TestAnActionOnNoServerIsGrantedByNoSet(t *testing.T) {
	doc := team()
	doc.Grants = []policy.Grant{
		{ID: "lab", Who: []string{"ana"}, Actions: policy.Actions(), Servers: []string{"sandbox"}},
		{ID: "all", Who: []string{"ben"}, Actions: policy.Actions()},
	}
	doc.Guards = nil
	p := load(t, doc)
	for _, action := range policy.Actions() {
		decide := func(person string, ask policy.Ask) bool {
			ask.Actor, ask.Action = localActor(person, policy.MCP), action
			return p.Decide(ask).Effect != policy.Deny
		}
		none := action == policy.List // which is about no server
		for given, ask := range map[string]policy.Ask{"nothing": {}, "an unread server": {Server: &policy.Server{}}, "any": {AnyServer: true}} {
			wide := given == "any" || given == "nothing" && none
			if got := decide("ana", ask); got != wide {
				t.Errorf("%s of %s by a grant for a set: %t", action, given, got)
			}
			if !decide("ben", ask) {
				t.Errorf("%s of %s by a grant for all is denied", action, given)
			}
		}
		if !decide("ana", policy.Ask{Server: &sandboxServer}) {
			t.Errorf("%s of a server of the set is denied", action)
		}
	}
}
