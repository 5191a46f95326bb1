package policy

import (
	"cmp"
	"slices"
	"strings"
)

// Need is a requirement that votes fill: the asker's confirmation, or the
// approval of a number of a group's persons other than the asker.
type Need struct {
	From     string   `json:"from,omitempty"` // the group; "" means the asker
	Count    int      `json:"count"`
	Factor   Factor   `json:"factor"`              // the weakest that counts
	TypeName bool     `json:"type_name,omitempty"` // the voter types the server's name
	Reason   bool     `json:"reason,omitempty"`    // the voter says why
	Rules    []string `json:"rules"`               // whose requirement it is
}

// Vote is a person's yes, as far as a need looks at it.
type Vote struct {
	Person    string
	Factor    Factor
	OwnOnly   bool // a session that may confirm its own person's requests alone
	NameTyped bool
	Reason    string
}

// ByAsker tells whether the need is the asker's own confirmation.
func (n Need) ByAsker() bool { return n.From == "" }

func (n Need) effect() Effect {
	if n.ByAsker() {
		return Confirm
	}
	return Approve
}

// MergeNeeds adds requirements up: of the same group the larger number, the
// stronger factor and every condition. Neither argument is changed, and the
// result is never looser than either.
func MergeNeeds(a, b []Need) []Need {
	merged := slices.Clone(a)
	for _, n := range b {
		i := slices.IndexFunc(merged, func(m Need) bool { return m.From == n.From })
		if i < 0 {
			n.Rules = slices.Clone(n.Rules)
			merged = append(merged, n)
			continue
		}
		merged[i] = merged[i].and(n)
	}
	slices.SortFunc(merged, func(x, y Need) int { return cmp.Compare(x.From, y.From) })
	return merged
}

func (n Need) and(o Need) Need {
	n.Count = max(n.Count, o.Count)
	n.Factor = max(n.Factor, o.Factor)
	n.TypeName = n.TypeName || o.TypeName
	n.Reason = n.Reason || o.Reason
	rules := slices.Concat(n.Rules, o.Rules)
	slices.Sort(rules)
	n.Rules = slices.Compact(rules)
	return n
}

// Refusal says why a vote does not fill a need. The zero value is no refusal.
type Refusal string

// Why a vote does not count towards a need.
const (
	Counts       Refusal = ""
	IsAsker      Refusal = "asker"       // the asker never approves their own request
	NotAsker     Refusal = "not-asker"   // only the asker confirms
	NotMember    Refusal = "not-member"  // not of the group
	OwnRequests  Refusal = "own-only"    // this kind of session confirms its own requests alone
	WeakFactor   Refusal = "weak-factor" // a surer proof of a person is needed
	NameNotTyped Refusal = "name"        // the server's name was not typed
	NoReason     Refusal = "reason"      // no reason was given
)

// Fills tells whether a vote counts towards a need of a request by asker, as
// groups are now, and if not, why.
func (p *Policy) Fills(n Need, asker string, v Vote) Refusal {
	if r := p.mayFill(n, asker, v.Person, v.OwnOnly); r != Counts {
		return r
	}
	switch {
	case v.Factor < n.Factor:
		return WeakFactor
	case n.TypeName && !v.NameTyped:
		return NameNotTyped
	case n.Reason && v.Reason == "":
		return NoReason
	}
	return Counts
}

func (p *Policy) mayFill(n Need, asker, person string, ownOnly bool) Refusal {
	switch {
	case !p.HasPerson(person):
		return NotMember
	case n.ByAsker() && person != asker:
		return NotAsker
	case n.ByAsker():
		return Counts
	case person == asker:
		return IsAsker
	case ownOnly:
		return OwnRequests
	case !p.isMember(person, n.From):
		return NotMember
	}
	return Counts
}

// MayYetFill tells whether a person could fill a need of a request by asker if every
// Slack user group had in it whom it can have. Where they couldn't, no group need be
// read for their vote.
func (p *Policy) MayYetFill(n Need, asker, person string, ownOnly bool) bool {
	switch p.mayFill(n, asker, person, ownOnly) {
	case Counts:
		return true
	case NotMember:
		return slices.ContainsFunc(p.UsergroupsOf(n.From), func(id string) bool { return p.hasAccountIn(person, id) })
	}
	return false
}

// hasAccountIn tells whether a person has an account in the workspace of a user group.
func (p *Policy) hasAccountIn(person, usergroup string) bool {
	team, _, _ := strings.Cut(usergroup, "/")
	return slices.ContainsFunc(p.doc.People[person].Slack, func(id string) bool { return strings.HasPrefix(id, team+"/") })
}

// Eligible returns the persons who could fill a need of a request by asker,
// sorted.
func (p *Policy) Eligible(n Need, asker string) []string {
	if n.ByAsker() {
		if p.HasPerson(asker) {
			return []string{asker}
		}
		return nil
	}
	return slices.DeleteFunc(p.Members(n.From), func(m string) bool { return m == asker || !p.couldVote(m, n.Factor) })
}

// Missing returns what of the needs the votes leave open, with Count the
// number of votes still wanted. A person counts once for each need, however
// many votes they gave.
func (p *Policy) Missing(needs []Need, asker string, votes []Vote) []Need {
	var missing []Need
	for _, n := range needs {
		voters := make(map[string]bool)
		for _, v := range votes {
			if p.Fills(n, asker, v) == Counts {
				voters[v.Person] = true
			}
		}
		if open := n.Count - len(voters); open > 0 {
			n.Count = open
			missing = append(missing, n)
		}
	}
	return missing
}
