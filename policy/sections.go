package policy

import (
	"strings"
)

// document reads the whole file.
func (r *reader) document(n *node) Document {
	doc := Document{People: map[string]Person{}, Groups: map[string]Group{}, ServerSets: map[string][]ServerMatch{}}
	r.fields(n, "", "the policy", []field{
		{"version", r.version(&doc.Version)},
		{"timezone", text(r, &doc.Timezone)},
		{"people", r.named("person", func(name string, n *node, path string) { doc.People[name] = r.person(n, path) })},
		{"groups", r.named("group", func(name string, n *node, path string) { doc.Groups[name] = r.group(n, path) })},
		{"server_sets", r.named("server set", func(name string, n *node, path string) { doc.ServerSets[name] = r.set(n, path) })},
		{"unmatched", text(r, &doc.Unmatched)},
		{"grants", r.list("grants", func(n *node, path string) { doc.Grants = append(doc.Grants, r.grant(n, path)) })},
		{"guards", r.list("guards", func(n *node, path string) { doc.Guards = append(doc.Guards, r.guard(n, path)) })},
		{"budgets", r.list("budgets", func(n *node, path string) { doc.Budgets = append(doc.Budgets, r.budget(n, path)) })},
		{"limits", func(n *node, path string) { doc.Limits = r.limits(n, path) }},
		{"tests", r.list("tests", func(n *node, path string) { doc.Tests = append(doc.Tests, r.test(n, path)) })},
	}...)
	if _, given := r.places["version"]; !given {
		r.fault(position{1, 1}, "version: 1 is missing: it says how the file is meant")
	}
	return doc
}

func (r *reader) version(into *int) read {
	return func(n *node, path string) {
		if n.kind != wholeNumber || n.text != "1" {
			r.wrong(n, path, "version is 1, the only one there is, not %s", n.describe())
			return
		}
		*into = 1
	}
}

func (r *reader) person(n *node, path string) Person {
	var p Person
	r.fields(n, path, "a person", []field{
		{"slack", r.shaped(&p.Slack, isSlackUser, "Slack account: write TEAM/USER, such as T024BE7LD/U061F7AUR")},
		{"oidc", r.shaped(&p.OIDC, isSubject, "sign-in account: write ISSUER|SUBJECT, such as https://id.example.com|00u1abc")},
		{"local", texts(r, &p.Local)},
		{"tokens", r.list("tokens", func(n *node, path string) { p.Tokens = append(p.Tokens, r.token(n, path)) })},
	}...)
	return p
}

func (r *reader) token(n *node, path string) Token {
	var t Token
	r.fields(n, path, "a token", []field{
		{"id", r.name(&t.ID)},
		{"sha256", text(r, &t.SHA256)},
		{"scopes", texts(r, &t.Scopes)},
		{"expires", text(r, &t.Expires)},
	}...)
	t.SHA256 = strings.ToLower(t.SHA256)
	return t
}

func (r *reader) group(n *node, path string) Group {
	var g Group
	r.fields(n, path, "a group", []field{
		{"people", texts(r, &g.People)},
		{"groups", texts(r, &g.Groups)},
		{"slack_usergroups", r.shaped(&g.SlackUsergroups, isUsergroup, "Slack user group: write TEAM/GROUP, such as T024BE7LD/S0614TZR7")},
	}...)
	return g
}

// set reads one mapping or a list of alternatives.
func (r *reader) set(n *node, path string) []ServerMatch {
	var set []ServerMatch
	if n.kind == mapping {
		return append(set, r.match(n, path))
	}
	r.values(n, path, func(n *node, path string) { set = append(set, r.match(n, path)) })
	return set
}

func (r *reader) match(n *node, path string) ServerMatch {
	var m ServerMatch
	globs := r.shaped(&m.Name, isPlain, "name to match: visible ASCII without spaces, * for any run and ? for any one")
	r.fields(n, path, "a server set", []field{
		{"ids", r.ids(&m.IDs, "id")},
		{"name", globs},
		{"location", r.shaped(&m.Location, isWhole, "location"+writtenOut)},
		{"plan", r.ids(&m.Plan, "plan")},
		{"os", r.ids(&m.OS, "system")},
		{"account", r.shaped(&m.Account, isWhole, "account"+writtenOut)},
	}...)
	if n.kind == mapping && len(n.keys) == 0 {
		r.wrong(n, path, noMatch)
	}
	return m
}

// writtenOut ends what is said of a pattern where none is taken: as a value it
// would match nothing, and what guards it would never hold.
const writtenOut = ": * and ? are for names alone, so write each value out"

func isWhole(value string) bool { return !strings.ContainsAny(value, "*?") }

func (r *reader) grant(n *node, path string) Grant {
	var g Grant
	r.fields(n, path, "a grant", []field{
		{"id", r.name(&g.ID)},
		{"who", texts(r, &g.Who)},
		{"actions", texts(r, &g.Actions)},
		{"servers", texts(r, &g.Servers)},
		{"through", texts(r, &g.Through)},
		{"channels", r.channels(&g.Channels)},
		{"unsafe_allow", r.flag(&g.UnsafeAllow)},
	}...)
	return g
}

func (r *reader) guard(n *node, path string) Guard {
	var g Guard
	r.fields(n, path, "a guard", []field{
		{"id", r.name(&g.ID)},
		{"why", text(r, &g.Why)},
		{"who", texts(r, &g.Who)},
		{"actions", texts(r, &g.Actions)},
		{"servers", texts(r, &g.Servers)},
		{"through", texts(r, &g.Through)},
		{"channels", r.channels(&g.Channels)},
		{"unless_channels", r.channels(&g.UnlessChannels)},
		{"during", r.windows(&g.During)},
		{"require", r.require(&g.Require)},
		{"deny", text(r, &g.Deny)},
		{"break_glass", r.require(&g.BreakGlass)},
		{"ask_in", func(n *node, path string) {
			var in []string
			if r.shaped(&in, isRoom, channelShape)(n, path); len(in) > 1 {
				r.wrong(n, path, "ask_in is one channel")
			} else if len(in) == 1 {
				g.AskIn = in[0]
			}
		}},
	}...)
	return g
}

func (r *reader) channels(into *[]string) read {
	return r.shaped(into, isChannel, channelShape)
}

const channelShape = "channel's id: it looks like C0123ABCD, and stands at the end of the channel's details in Slack"

func (r *reader) windows(into *[]Window) read {
	return func(n *node, path string) {
		r.values(n, path, func(n *node, path string) {
			var s string
			if text(r, &s)(n, path); s == "" {
				return
			}
			w, err := ParseWindow(s)
			if err != nil {
				r.wrong(n, path, "%s", err)
				return
			}
			*into = append(*into, w)
		})
	}
}

func (r *reader) require(into **Require) read {
	return func(n *node, path string) {
		q := &Require{}
		*into = q
		r.fields(n, path, "a requirement", []field{
			{"confirm", r.word("word for confirm", []string{"asker"}, func(string) { q.ConfirmAsker = true })},
			{"approve", r.whole(&q.Approve, 1, 100)},
			{"from", text(r, &q.From)},
			{"factor", r.word("factor", []string{"client", "person", "passkey"}, func(s string) { _ = q.Factor.UnmarshalText([]byte(s)) })},
			{"type_name", r.flag(&q.TypeName)},
			{"reason", r.flag(&q.Reason)},
		}...)
	}
}

func (r *reader) budget(n *node, path string) Budget {
	var b Budget
	r.fields(n, path, "a budget", []field{
		{"id", r.name(&b.ID)},
		{"actions", texts(r, &b.Actions)},
		{"servers", texts(r, &b.Servers)},
		{"max", r.whole(&b.Max, 1, 1_000_000)},
		{"max_monthly_price", r.money(&b.MaxMonthlyPrice)},
		{"per", r.duration(&b.Per)},
		{"by", text(r, &b.By)},
		{"over", r.require(&b.Over)},
	}...)
	return b
}

func (r *reader) limits(n *node, path string) Limits {
	var l Limits
	r.fields(n, path, "limits", []field{
		{"request_ttl", r.duration(&l.RequestTTL)},
		{"run_within", r.duration(&l.RunWithin)},
		{"open_requests_per_person", r.whole(&l.OpenRequestsPerPerson, 1, 100)},
		{"deny_cooldown", r.duration(&l.DenyCooldown)},
	}...)
	return l
}

func (r *reader) test(n *node, path string) Test {
	var t Test
	r.fields(n, path, "a test", []field{
		{"who", text(r, &t.Who)},
		{"do", text(r, &t.Do)},
		{"server", r.server(&t.Server)},
		{"after", r.server(&t.After)},
		{"through", text(r, &t.Through)},
		{"channel", text(r, &t.Channel)},
		{"at", text(r, &t.At)},
		{"break_glass", r.flag(&t.BreakGlass)},
		{"price", func(n *node, path string) { t.Price = new(Cents); r.money(t.Price)(n, path) }},
		{"expect", r.word("effect", effectNames[:], func(s string) { _ = t.Expect.UnmarshalText([]byte(s)) })},
		{"rule", text(r, &t.Rule)},
	}...)
	if n.kind != mapping {
		return t
	}
	for _, key := range []string{"who", "do", "expect"} {
		if _, given := r.places[path+"."+key]; !given && !r.broken[part(path)] {
			r.wrong(n, path, "a test says who, do and expect: %s is missing", key)
		}
	}
	return t
}

func (r *reader) server(into **Server) read {
	return func(n *node, path string) {
		s := &Server{}
		*into = s
		r.fields(n, path, "a server", []field{
			{"id", r.idText(&s.ID)},
			{"name", text(r, &s.Name)},
			{"location", text(r, &s.Location)},
			{"plan", r.idText(&s.Plan)},
			{"os", r.idText(&s.OS)},
			{"account", text(r, &s.Account)},
		}...)
		s.PlanID, s.OSID = s.Plan, s.OS // a set's plan and os are an id or a name
	}
}

// slackID tells whether text is an id of Slack that begins with one of some
// letters.
func slackID(text, letters string) bool {
	return len(text) >= 2 && len(text) <= 32 && strings.IndexByte(letters, text[0]) >= 0 &&
		strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

func slackPair(text, letters string) bool {
	team, id, ok := strings.Cut(text, "/")
	return ok && slackID(team, "TE") && slackID(id, letters)
}

func isSlackUser(text string) bool { return slackPair(text, "UW") }
func isUsergroup(text string) bool { return slackPair(text, "S") }
func isChannel(text string) bool   { return slackID(text, "CGD") }

// isRoom takes no direct messages: a card that asks several people stands in a channel.
func isRoom(text string) bool { return slackID(text, "CG") }

// isSubject wants the issuer as a token would name it.
func isSubject(text string) bool {
	issuer, subject, ok := strings.Cut(text, "|")
	return ok && subject != "" && (strings.HasPrefix(issuer, "https://") || strings.HasPrefix(issuer, "http://127.0.0.1")) && isPlain(issuer)
}
