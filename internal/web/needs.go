package web

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const maxReason = 600 // runes; more than the gate keeps of one

type need struct {
	Who   string
	How   string
	Rules []string
}

// needsOf says whose votes are still wanted.
func needsOf(v gate.View) []need {
	var needs []need
	for _, m := range v.Missing {
		needs = append(needs, needOf(m))
	}
	return needs
}

func needOf(m gate.Missing) need {
	n := need{Who: whoCould(m), How: howToVote(m.Need)}
	for _, id := range m.Rules {
		n.Rules = append(n.Rules, inertName(id))
	}
	return n
}

// wouldNeed says whose votes an ask of the visitor's would take.
func (p *page) wouldNeed(v visitor, needs []policy.Need) (would []need) {
	for _, n := range needs {
		would = append(would, needOf(gate.Missing{Need: n, Eligible: p.Ballot.Eligible(v.actor(), n)}))
	}
	return would
}

func whoCould(m gate.Missing) string {
	could := inert.Text(strings.Join(m.Eligible, ", "), 300)
	switch {
	case m.AskerGone():
		return "the asker, who is no longer listed, must confirm, and nobody can in their place: it can only be denied, or expire"
	case m.ByAsker():
		return could + " must confirm"
	}
	could = cmp.Or(could, "nobody can now")
	if m.TooFew != "" {
		could += "; " + inert.Text(m.TooFew, 300)
	}
	people := "1 person"
	if m.Count > 1 {
		people = fmt.Sprintf("%d persons", m.Count)
	}
	return fmt.Sprintf("%s of %s (%s) must approve", people, inertName(m.From), could)
}

func howToVote(n policy.Need) string {
	var how []string
	if n.Factor == policy.Passkey {
		how = append(how, "with a passkey")
	}
	if n.TypeName {
		how = append(how, "typing the server's name")
	}
	if n.Reason {
		how = append(how, "saying why")
	}
	return strings.Join(how, ", ")
}

type rule struct {
	ID     string
	Effect string
	Why    string
}

var effectWords = map[policy.Effect]string{
	policy.Allow: "lets it be asked", policy.Confirm: "wants the asker's confirmation",
	policy.Approve: "wants others' approval", policy.Deny: "denies it",
}

func rulesOf(v gate.View) []rule { return ruleRows(v.Rules) }

func ruleRows(of []policy.Rule) []rule {
	rules := make([]rule, len(of))
	for i, r := range of {
		rules[i] = rule{inertName(r.ID), effectWords[r.Effect], inert.Line(withMoments(r.Why), maxReason)}
		if r.BreakGlass {
			rules[i].Effect = "denies it; break-glass lifts that, once its votes are in"
		}
	}
	return rules
}

type vote struct {
	Person  string
	Verdict string
	Tone    string
	Through string
	At      moment
	Reason  string
}

func votesOf(v gate.View, now time.Time) []vote {
	votes := make([]vote, len(v.Votes))
	for i, w := range v.Votes {
		votes[i] = vote{inertName(w.Person), "approved", "good", throughWords(w), momentOf(w.At, now), inert.Line(w.Reason, maxReason)}
		if !w.Approve {
			votes[i].Verdict, votes[i].Tone = "denied", "bad"
		}
	}
	return votes
}

func throughWords(w ledger.Vote) string {
	if w.Factor == policy.Client {
		return "in a client's dialog"
	}
	return "through " + frontWords(w.Front)
}
