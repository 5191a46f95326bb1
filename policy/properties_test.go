package policy_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"vpsops/policy"
)

var (
	drawnPeople = []string{"ana", "ben", "cy", "dee"}
	drawnSets   = []string{"prod", "play", "west"}
	drawnFronts = []policy.Front{policy.MCP, policy.Slack, policy.Console, policy.Page}
	drawnRooms  = []string{"C1", "C2"}
)

// some draws a list, which is left out where nothing is drawn.
func some[T any](t *rapid.T, label string, of []T, least int) []T {
	drawn := rapid.SliceOfNDistinct(rapid.SampledFrom(of), least, 3, func(v T) any { return v }).Draw(t, label)
	return append([]T(nil), drawn...)
}

func drawDocument(t *rapid.T) policy.Document {
	doc := policy.Document{
		Version: 1,
		People:  map[string]policy.Person{},
		Groups: map[string]policy.Group{
			"two": {People: []string{"ana", "ben"}},
			"all": {Groups: []string{"two"}, People: []string{"cy", "dee"}},
		},
		ServerSets: map[string][]policy.ServerMatch{
			"prod": {{Name: []string{"prod-*"}}, {IDs: []string{"1"}}},
			"play": {{Name: []string{"play-*"}, Location: []string{"us-west"}}},
			"west": {{Location: []string{"us-west"}}},
		},
		Unmatched: rapid.SampledFrom(append([]string{""}, drawnSets...)).Draw(t, "unmatched"),
	}
	for _, p := range drawnPeople {
		doc.People[p] = policy.Person{Local: []string{p}}
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "grants") {
		doc.Grants = append(doc.Grants, drawGrant(t, "grant"+strconv.Itoa(i)))
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "guards") {
		doc.Guards = append(doc.Guards, drawGuard(t, "guard"+strconv.Itoa(i)))
	}
	return doc
}

func drawGrant(t *rapid.T, id string) policy.Grant {
	return policy.Grant{
		ID:       id,
		Who:      some(t, "who", []string{"ana", "ben", "two", "all", policy.Everyone}, 1),
		Actions:  some(t, "actions", policy.Actions(), 1),
		Servers:  some(t, "servers", drawnSets, 0),
		Through:  some(t, "through", drawnFronts, 0),
		Channels: rapid.SampledFrom([][]string{nil, {"C1"}}).Draw(t, "channels"),
	}
}

func drawGuard(t *rapid.T, id string) policy.Guard {
	g := policy.Guard{
		ID:             id,
		Actions:        some(t, "actions", policy.Actions(), 1),
		Servers:        some(t, "servers", drawnSets, 0),
		Who:            rapid.SampledFrom([][]string{nil, nil, {"ana"}, {"two"}}).Draw(t, "who"),
		Through:        some(t, "through", drawnFronts, 0),
		UnlessChannels: rapid.SampledFrom([][]string{nil, {"C1"}}).Draw(t, "unless"),
	}
	factor := rapid.SampledFrom([]policy.Factor{0, policy.PersonFactor, policy.Passkey}).Draw(t, "factor")
	reason := rapid.Bool().Draw(t, "reason")
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		g.Deny = "no"
	case 1:
		g.Require = &policy.Require{ConfirmAsker: true, Factor: factor, Reason: reason, TypeName: rapid.Bool().Draw(t, "type")}
	case 2:
		g.Require = &policy.Require{ConfirmAsker: true, Factor: factor, Reason: reason}
		if !slices.Contains(g.Actions, policy.Delete) {
			g.Require.Factor = policy.Client
		}
	case 3:
		g.Require = &policy.Require{Approve: 1, From: "two", Factor: factor, Reason: reason}
	case 4:
		g.Require = &policy.Require{Approve: rapid.IntRange(1, 3).Draw(t, "approve"), From: "all", Factor: factor}
	}
	return g
}

func drawServer(t *rapid.T) *policy.Server {
	return &policy.Server{
		ID:       rapid.SampledFrom([]string{"1", "2"}).Draw(t, "id"),
		Name:     rapid.SampledFrom([]string{"prod-1", "play-1", "PLAY-2", "рrod-1", "other"}).Draw(t, "name"),
		Location: rapid.SampledFrom([]string{"us-west", "us-east"}).Draw(t, "location"),
	}
}

func drawAsk(t *rapid.T) policy.Ask {
	a := policy.Ask{
		Action: rapid.SampledFrom(policy.Actions()).Draw(t, "action"),
		Actor: policy.Actor{
			Identity: policy.Identity{Kind: policy.LocalUser, ID: rapid.SampledFrom(append([]string{"eve"}, drawnPeople...)).Draw(t, "asker")},
			Front:    rapid.SampledFrom(drawnFronts).Draw(t, "front"),
			ReadOnly: rapid.IntRange(0, 9).Draw(t, "scope") == 0,
		},
	}
	if a.Actor.Front == policy.Slack {
		a.Actor.Channel = rapid.SampledFrom(drawnRooms).Draw(t, "room")
	}
	switch a.Action {
	case policy.List:
	case policy.Create:
		a.After = drawServer(t)
	case policy.Update:
		a.Server, a.After = drawServer(t), drawServer(t)
		a.After.ID = a.Server.ID
	default:
		a.Server = drawServer(t)
	}
	return a
}

func decide(t *rapid.T, doc policy.Document, a policy.Ask) policy.Decision {
	p, err := policy.New(doc)
	if err != nil {
		t.Fatalf("a drawn policy did not load: %v", err)
	}
	return p.Decide(a)
}

// wantsLess returns a need of before that after wants less of, if there is
// one. The floor's own confirmation is left out: a guard takes its place.
func wantsLess(before, after policy.Decision) *policy.Need {
	if after.Effect == policy.Deny {
		return nil
	}
	for _, b := range before.Needs {
		if slices.Equal(b.Rules, []string{policy.FloorConfirm}) {
			continue
		}
		if slices.Contains(b.Rules, policy.FloorConfirm) {
			b.Factor = 0
		}
		i := slices.IndexFunc(after.Needs, func(n policy.Need) bool { return n.From == b.From })
		if i < 0 {
			return &b
		}
		if a := after.Needs[i]; a.Count < b.Count || a.Factor < b.Factor || b.TypeName && !a.TypeName || b.Reason && !a.Reason {
			return &b
		}
	}
	return nil
}

func TestAddingAGuardNeverLoosens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, ask := drawDocument(t), drawAsk(t)
		before := decide(t, doc, ask)
		doc.Guards = append(slices.Clone(doc.Guards), drawGuard(t, "added"))
		after := decide(t, doc, ask)
		if after.Effect < before.Effect {
			t.Fatalf("%s became %s", before.Effect, after.Effect)
		}
		if n := wantsLess(before, after); n != nil {
			t.Fatalf("less than %+v is wanted in %+v", *n, after.Needs)
		}
	})
}

func TestAddingAGrantNeverLoosensWhatIsGuarded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, ask := drawDocument(t), drawAsk(t)
		before := decide(t, doc, ask)
		doc.Grants = append(slices.Clone(doc.Grants), drawGrant(t, "added"))
		after := decide(t, doc, ask)
		denied := slices.ContainsFunc(before.Rules, func(r policy.Rule) bool { return r.Effect == policy.Deny && r.ID != policy.FloorNoGrant })
		if denied && after.Effect != policy.Deny {
			t.Fatalf("a denial by %s became %s", before.RuleIDs(), after.Effect)
		}
		if before.Effect != policy.Deny && (after.Effect != before.Effect || !reflect.DeepEqual(after.Needs, before.Needs)) {
			t.Fatalf("%s %+v became %s %+v", before.Effect, before.Needs, after.Effect, after.Needs)
		}
		// The guards that a denial leaves unsaid still hold once it is granted.
		for _, r := range before.Rules {
			if r.Kind == policy.GuardRule && !slices.ContainsFunc(after.Rules, func(o policy.Rule) bool { return o.ID == r.ID }) {
				t.Fatalf("the guard %s no longer matters", r.ID)
			}
		}
	})
}

func TestTheOrderOfRulesIsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, ask := drawDocument(t), drawAsk(t)
		before := decide(t, doc, ask)
		shuffle := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		doc.Grants, doc.Guards = slices.Clone(doc.Grants), slices.Clone(doc.Guards)
		shuffle.Shuffle(len(doc.Grants), reflect.Swapper(doc.Grants))
		shuffle.Shuffle(len(doc.Guards), reflect.Swapper(doc.Guards))
		after := decide(t, doc, ask)
		if before.Effect != after.Effect || !reflect.DeepEqual(before.Needs, after.Needs) {
			t.Fatalf("%s %+v became %s %+v", before.Effect, before.Needs, after.Effect, after.Needs)
		}
	})
}

func TestTheFloorHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, ask := drawDocument(t), drawAsk(t)
		d := decide(t, doc, ask)
		switch {
		case ask.Action.Guarded() && d.Effect == policy.Allow:
			t.Fatalf("%s is simply allowed", ask.Action)
		case (d.Effect == policy.Confirm || d.Effect == policy.Approve) != (len(d.Needs) > 0):
			t.Fatalf("%s with the needs %+v", d.Effect, d.Needs)
		case ask.Actor.ReadOnly && !ask.Action.Reads() && d.Effect != policy.Deny:
			t.Fatalf("a credential for reads did %s", ask.Action)
		case d.Person == "" && d.Effect != policy.Deny:
			t.Fatal("a stranger got in")
		}
		renames := ask.Action == policy.Update && ask.Server.Name != ask.After.Name
		for _, n := range d.Needs {
			switch {
			case n.Factor < policy.Client, (ask.Action == policy.Delete || renames) && n.Factor < policy.PersonFactor:
				t.Fatalf("%s by factor %s", ask.Action, n.Factor)
			case n.Count < 1 || len(n.Rules) == 0:
				t.Fatalf("a need of nothing: %+v", n)
			case !n.ByAsker() && n.Factor < policy.PersonFactor:
				t.Fatalf("an approval by factor %s", n.Factor)
			}
		}
	})
}

func TestVotesThatFillWhatIsWantedAreNeverTheAskersAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, ask := drawDocument(t), drawAsk(t)
		p, err := policy.New(doc)
		if err != nil {
			t.Fatal(err)
		}
		d := p.Decide(ask)
		var votes []policy.Vote
		for range 3 {
			votes = append(votes, policy.Vote{Person: d.Person, Factor: policy.Passkey, NameTyped: true, Reason: "mine", OwnOnly: rapid.Bool().Draw(t, "own")})
		}
		if missing := p.Missing(d.Needs, d.Person, votes); d.Effect == policy.Approve && len(missing) == 0 {
			t.Fatalf("the asker alone filled %+v", d.Needs)
		}
	})
}

func drawNeed(t *rapid.T) policy.Need {
	return policy.Need{
		From:     rapid.SampledFrom([]string{"", "two", "all"}).Draw(t, "from"),
		Count:    rapid.IntRange(1, 3).Draw(t, "count"),
		Factor:   rapid.SampledFrom([]policy.Factor{policy.Client, policy.PersonFactor, policy.Passkey}).Draw(t, "factor"),
		TypeName: rapid.Bool().Draw(t, "type"),
		Reason:   rapid.Bool().Draw(t, "reason"),
		Rules:    []string{rapid.SampledFrom([]string{"r1", "r2", "r3"}).Draw(t, "rule")},
	}
}

func drawVote(t *rapid.T) policy.Vote {
	return policy.Vote{
		Person:    rapid.SampledFrom(append([]string{"eve"}, drawnPeople...)).Draw(t, "voter"),
		Factor:    rapid.SampledFrom([]policy.Factor{0, policy.Client, policy.PersonFactor, policy.Passkey}).Draw(t, "factor"),
		OwnOnly:   rapid.Bool().Draw(t, "own"),
		NameTyped: rapid.Bool().Draw(t, "typed"),
		Reason:    rapid.SampledFrom([]string{"", "because"}).Draw(t, "reason"),
	}
}

func TestMergedNeedsAreNeverLooserThanEither(t *testing.T) {
	p, err := policy.New(policy.Document{
		People: map[string]policy.Person{"ana": {}, "ben": {}, "cy": {}, "dee": {}},
		Groups: map[string]policy.Group{"two": {People: []string{"ana", "ben"}}, "all": {People: drawnPeople}},
	})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := policy.MergeNeeds(nil, rapid.SliceOfN(rapid.Custom(drawNeed), 0, 3).Draw(t, "a"))
		b := policy.MergeNeeds(nil, rapid.SliceOfN(rapid.Custom(drawNeed), 0, 3).Draw(t, "b"))
		both := policy.MergeNeeds(a, b)
		if !reflect.DeepEqual(both, policy.MergeNeeds(b, a)) {
			t.Fatal("the order of merging counts")
		}
		votes := rapid.SliceOfN(rapid.Custom(drawVote), 0, 6).Draw(t, "votes")
		if len(p.Missing(both, "ana", votes)) > 0 {
			return
		}
		if m := append(p.Missing(a, "ana", votes), p.Missing(b, "ana", votes)...); len(m) > 0 {
			t.Fatalf("%+v fill both together and leave %+v", votes, m)
		}
	})
}

func TestAVoteMoreNeverLeavesMoreMissing(t *testing.T) {
	p := load(t, team())
	rapid.Check(t, func(t *rapid.T) {
		needs := policy.MergeNeeds(nil, []policy.Need{{From: "oncall", Count: 2, Factor: policy.PersonFactor}, {Count: 1, Factor: policy.Client, Reason: true}})
		votes := rapid.SliceOfN(rapid.Custom(drawVote), 0, 5).Draw(t, "votes")
		count := func(votes []policy.Vote) (n int) {
			for _, m := range p.Missing(needs, "ana", votes) {
				n += m.Count
			}
			return n
		}
		if before, after := count(votes), count(append(votes, drawVote(t))); after > before {
			t.Fatalf("%d votes were missing, and one more leaves %d", before, after)
		}
	})
}
