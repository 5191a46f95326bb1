package card

import (
	"strings"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const (
	maxMentions = 10 // of those who could vote: a card calls no crowd
	maxMention  = 100
	maxRules    = 8
	maxVotes    = 6
)

// asker says who asks, and through what. What an assistant's client calls
// itself is a claim.
func (w *Writer) asker(v gate.View) md {
	who := w.person(v.Person)
	if v.Front != policy.MCP {
		return "*Asked by*  " + who + " through " + front(v.Front)
	}
	claim := md("whose client does not say what it is")
	if v.Client != "" {
		claim = "whose client calls itself " + name(v.Client) + " (its own claim)"
	}
	return "*Asked by*  an assistant on behalf of " + who + ", " + claim
}

// askerText is the same for the fallback.
func askerText(v gate.View) string {
	who := inert.Text(v.Person, maxName)
	switch {
	case v.Front != policy.MCP:
		return "Asked by " + who + " through " + string(front(v.Front)) + "."
	case v.Client == "":
		return "Asked by an assistant on behalf of " + who + "."
	}
	return "Asked by an assistant on behalf of " + who + ", whose client calls itself \"" + inert.Text(v.Client, maxName) + "\"."
}

// person is how somebody is called, and told.
func (w *Writer) person(p string) md {
	if p == "" {
		return "a stranger"
	}
	if m := w.Mention(p); m != "" && len(m) <= maxMention {
		return md(m)
	}
	return name(p)
}

// people are some persons: the first of them by mention, the others by number.
func (w *Writer) people(all []string) md {
	if len(all) == 0 {
		return "nobody could"
	}
	var who []md
	for _, p := range all[:min(len(all), maxMentions)] {
		who = append(who, w.person(p))
	}
	if more := len(all) - maxMentions; more > 0 {
		who = append(who, md(plural(more, "other")))
	}
	return join(", ", who...)
}

// needs says whose votes are still wanted.
func (w *Writer) needs(v gate.View) (all []md) {
	for _, m := range v.Missing {
		line := "*Needs*  " + w.people(m.Eligible) + " to confirm"
		switch {
		case !m.ByAsker():
			line = "*Needs*  " + md(grouped(m.Count)) + " of " + name(m.From) + " to approve: " + w.people(m.Eligible) + tooFew(m)
		case m.AskerGone():
			line = "*Needs*  the asker, who is no longer listed, to confirm"
		}
		if how := howToVote(m.Need); how != "" {
			line += ", " + how
		}
		if m.AskerGone() {
			line += ". Nobody can in their place: it can only be denied, or expire"
		}
		all = append(all, line)
	}
	if len(all) == 0 {
		all = append(all, "*Needs*  nothing more: the votes are being counted")
	}
	return all
}

// tooFew says why those who are named are not enough.
func tooFew(m gate.Missing) md {
	if m.TooFew == "" {
		return ""
	}
	return " (" + prose(m.TooFew, maxReason/2) + ")"
}

func howToVote(n policy.Need) md {
	var how []md
	if n.Factor == policy.Passkey {
		how = append(how, "with a passkey, on the page")
	}
	if n.TypeName {
		how = append(how, "typing the server's name")
	}
	if n.Reason {
		how = append(how, "giving a reason")
	}
	return join(" and ", how...)
}

// inSlack tells whether any vote that is missing can be given here, and would help.
func inSlack(v gate.View) bool {
	if v.AskerGone() {
		return false
	}
	for _, m := range v.Missing {
		if m.Factor <= policy.PersonFactor {
			return true
		}
	}
	return false
}

// votes are the verdicts so far; what the voters say comes as quotes of their
// own.
func (w *Writer) votes(v gate.View) (all []md) {
	for i, vote := range v.Votes {
		if i == maxVotes {
			all = append(all, md(plural(len(v.Votes)-maxVotes, "vote"))+" more")
			break
		}
		all = append(all, w.vote(v, vote))
	}
	return all
}

func (w *Writer) vote(v gate.View, vote ledger.Vote) md {
	line := "✅ approved by " + w.person(vote.Person)
	switch {
	case !vote.Approve:
		line = "🚫 denied by " + w.person(vote.Person)
	case vote.Person == v.Person:
		line = "✅ confirmed by " + w.person(vote.Person)
	}
	if vote.Factor == policy.Client {
		line += " in a client's dialog"
	} else {
		line += " through " + front(vote.Front)
	}
	if vote.Reason != "" {
		line += ": " + prose("“"+inert.Line(vote.Reason, maxReason)+"”", maxReason+2)
	}
	return line
}

// rules are the ids of the rules that matter, and why those say so that say it.
func rules(v gate.View) md {
	var all []md
	for i, r := range v.Rules {
		if i == maxRules {
			all = append(all, md(plural(len(v.Rules)-maxRules, "other")))
			break
		}
		all = append(all, ruled(r))
	}
	if len(all) == 0 {
		return ""
	}
	return "Rules: " + join(", ", all...)
}

// ruled is a rule's id, and why it says so.
func ruled(r policy.Rule) md {
	switch why := prose(withUTC(r.Why), maxReason/3); {
	case r.BreakGlass:
		return name(r.ID) + " (🚨 lifted by break-glass: " + why + ")"
	case r.Why == "":
		return name(r.ID)
	default:
		return name(r.ID) + " (" + why + ")"
	}
}

// At begins what a request says of a message that could not be told in a channel,
// or to a user.
func At(place string) string {
	if isChannel(place) {
		return "in " + place + ": "
	}
	return "to " + place + ": "
}

func isChannel(id string) bool { return isID(id) && strings.ContainsAny(id[:1], "CG") }

// problems say that those who could decide may not know of it.
func problems(v gate.View) (all []md) {
	for _, p := range v.Problems {
		all = append(all, "⚠️ *They could not be told*"+problem(strings.TrimSuffix(p, ".")))
	}
	return all
}

// problem is one in words, the channel that it begins with as Slack shows it.
func problem(said string) md {
	begin, why, _ := strings.Cut(said, ": ")
	_, place, _ := strings.Cut(begin, " ")
	if begin+": " != At(place) {
		return ": " + prose(said, maxReason/2)
	}
	why = strings.TrimPrefix(why, "Slack: ") // where else would it be
	if isChannel(place) {
		return " in <#" + md(place) + ">: " + prose(why, maxReason/2)
	}
	return " (" + name(place) + "): " + prose(why, maxReason/2)
}

// refusers are the rules that deny, and why, where the request itself doesn't
// say so.
func refusers(v gate.View) md {
	var all []md
	for _, r := range v.Rules {
		if (r.Effect == policy.Deny || r.Kind == policy.FloorRule) && len(all) < maxRules {
			if strings.Contains(v.Request.Message, r.Why) {
				r.Why = ""
			}
			all = append(all, ruled(r))
		}
	}
	return join(", ", all...)
}
