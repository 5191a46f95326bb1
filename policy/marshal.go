package policy

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Document returns the policy as it is written, with defaults filled in. Don't
// write into it.
func (p *Policy) Document() Document { return p.doc }

// Marshal writes a document as a policy file. Reading it again with [Load]
// gives a policy that decides the same.
func (d Document) Marshal() []byte {
	var w writer
	w.line("version: 1")
	if d.Timezone != "" {
		w.line("timezone: " + quote(d.Timezone))
	}
	section(&w, "people", d.People, personText)
	section(&w, "groups", d.Groups, func(g Group) string {
		return flow(words("people", g.People), words("groups", g.Groups), words("slack_usergroups", g.SlackUsergroups))
	})
	section(&w, "server_sets", d.ServerSets, func(set []ServerMatch) string { return listText(set, matchText) })
	if d.Unmatched != "" {
		w.line("unmatched: " + quote(d.Unmatched))
	}
	items(&w, "grants", d.Grants, grantText)
	items(&w, "guards", d.Guards, guardText)
	items(&w, "budgets", d.Budgets, budgetText)
	w.line("limits: " + limitsText(d.Limits.withDefaults()))
	items(&w, "tests", d.Tests, testText)
	return w.Bytes()
}

type writer struct{ bytes.Buffer }

func (w *writer) line(text string) { w.WriteString(text + "\n") }

func section[T any](w *writer, name string, of map[string]T, text func(T) string) {
	if len(of) == 0 {
		return
	}
	w.line(name + ":")
	for _, key := range slices.Sorted(maps.Keys(of)) {
		w.line("  " + quote(key) + ": " + text(of[key]))
	}
}

func items[T any](w *writer, name string, of []T, text func(T) string) {
	if len(of) == 0 {
		return
	}
	w.line(name + ":")
	for _, item := range of {
		w.line("  - " + text(item))
	}
}

// quote writes text as JSON, which YAML reads alike.
func quote(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil { // a string always can be
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// pair is a key with its value written, which is empty where it is left out.
type pair struct{ key, value string }

func flow(pairs ...pair) string {
	var parts []string
	for _, p := range pairs {
		if p.value != "" {
			parts = append(parts, p.key+": "+p.value)
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func listText[T any](list []T, text func(T) string) string {
	if len(list) == 0 {
		return ""
	}
	parts := make([]string, len(list))
	for i, item := range list {
		parts[i] = text(item)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func words[S ~string](key string, list []S) pair {
	return pair{key, listText(list, func(s S) string { return quote(string(s)) })}
}

func word[S ~string](key string, s S) pair {
	if s == "" {
		return pair{}
	}
	return pair{key, quote(string(s))}
}

func flag(key string, set bool) pair {
	if !set {
		return pair{}
	}
	return pair{key, "true"}
}

func number(key string, n int) pair {
	if n == 0 {
		return pair{}
	}
	return pair{key, strconv.Itoa(n)}
}

func span(key string, d time.Duration) pair {
	if d == 0 {
		return pair{}
	}
	return pair{key, durationText(d)}
}

func personText(p Person) string {
	tokens := listText(p.Tokens, func(t Token) string {
		return flow(word("id", t.ID), word("sha256", t.SHA256), words("scopes", t.Scopes), word("expires", t.Expires))
	})
	return flow(words("slack", p.Slack), words("oidc", p.OIDC), words("local", p.Local), pair{"tokens", tokens})
}

func matchText(m ServerMatch) string {
	return flow(words("ids", m.IDs), words("name", m.Name), words("location", m.Location),
		words("plan", m.Plan), words("os", m.OS), words("account", m.Account))
}

func grantText(g Grant) string {
	return flow(word("id", g.ID), words("who", g.Who), words("actions", g.Actions), words("servers", g.Servers),
		words("through", g.Through), words("channels", g.Channels), flag("unsafe_allow", g.UnsafeAllow))
}

func guardText(g Guard) string {
	during := listText(g.During, func(w Window) string { return quote(w.String()) })
	return flow(word("id", g.ID), word("why", g.Why), words("who", g.Who), words("actions", g.Actions), words("servers", g.Servers),
		words("through", g.Through), words("channels", g.Channels), words("unless_channels", g.UnlessChannels),
		pair{"during", during}, requireText("require", g.Require), word("deny", g.Deny),
		requireText("break_glass", g.BreakGlass), word("ask_in", g.AskIn))
}

func requireText(key string, r *Require) pair {
	if r == nil {
		return pair{}
	}
	confirm, factor := pair{}, pair{}
	if r.ConfirmAsker {
		confirm = pair{"confirm", "asker"}
	}
	if r.Factor != 0 {
		factor = pair{"factor", r.Factor.String()}
	}
	return pair{key, flow(confirm, number("approve", r.Approve), word("from", r.From), factor,
		flag("type_name", r.TypeName), flag("reason", r.Reason))}
}

func budgetText(b Budget) string {
	price := pair{}
	if b.MaxMonthlyPrice != 0 {
		price = pair{"max_monthly_price", b.MaxMonthlyPrice.String()}
	}
	return flow(word("id", b.ID), words("actions", b.Actions), words("servers", b.Servers), number("max", b.Max), price,
		span("per", b.Per), word("by", b.By), requireText("over", b.Over))
}

func limitsText(l Limits) string {
	return flow(span("request_ttl", l.RequestTTL), span("run_within", l.RunWithin),
		number("open_requests_per_person", l.OpenRequestsPerPerson), span("deny_cooldown", l.DenyCooldown))
}

func testText(t Test) string {
	price := pair{}
	if t.Price != nil {
		price = pair{"price", t.Price.String()}
	}
	return flow(word("who", t.Who), word("do", t.Do), serverText("server", t.Server), serverText("after", t.After),
		word("through", t.Through), word("channel", t.Channel), word("at", t.At), flag("break_glass", t.BreakGlass), price,
		pair{"expect", t.Expect.String()}, word("rule", t.Rule))
}

func serverText(key string, s *Server) pair {
	if s == nil {
		return pair{}
	}
	return pair{key, flow(word("id", s.ID), word("name", s.Name), word("location", s.Location),
		word("plan", s.Plan), word("os", s.OS), word("account", s.Account))}
}
