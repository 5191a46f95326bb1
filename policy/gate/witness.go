package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// How old what a witness says may be. Whoever sees a card can press Approve as often as
// they like, and Slack takes few questions: votes share what was asked lately. A claim
// comes right after the vote for which it was asked.
const (
	newsLastsForVotes = 10 * time.Second
	newsLasts         = 15 * time.Second
)

// ruleAccount names the gate's own denial of what somebody said by an account that
// counts no more.
const ruleAccount = "slack-account"

// Doubt is what a vote, a claim or an ask hangs on and the policy can't tell by itself.
type Doubt struct {
	Groups   []string          // Slack user groups ("TEAM/GROUP"): who is in them
	Accounts []policy.Identity // of Slack users: whether they are still people's who may ask and vote
	Since    time.Time         // what was asked for at this time or later is new enough
	OfAsk    bool              // votes and claims go before it
}

// Word is what is known of a doubt. What it doesn't name is as the policy in force
// has it.
type Word struct {
	Unread map[string]string          // groups that can't be read, and why
	Unfit  map[policy.Identity]string // accounts that count no more, and why
	Unsure map[policy.Identity]string // accounts of which that can't be told, and why
	Wait   time.Duration              // how long there is no asking yet; 0 where that isn't known

	asked Doubt // what it is of
}

// Witness clears a doubt up, in a bounded time. The policy in force has what it
// learned of groups when it returns.
type Witness func(context.Context, Doubt) Word

// Consult has a witness asked before every vote to approve, before what has its votes
// is approved, and before every claim; never before a denial. A process without one
// goes by its policy. Call it before anybody votes.
func (b *Ballot) Consult(w Witness) { b.gate.witness.Store(&w) }

func (g *Gate) consult(ctx context.Context, d Doubt) Word {
	w := g.witness.Load()
	if w == nil || d.none() {
		return Word{}
	}
	word := (*w)(ctx, d)
	word.asked = d
	return word
}

// without is the policy as what is known for sure has it.
func (w Word) without(pol *policy.Policy) *policy.Policy {
	return pol.WithoutUsergroups(slices.Collect(maps.Keys(w.Unread))...)
}

// unread says which groups can't be read.
func (w Word) unread() string {
	var all []string
	for _, id := range slices.Sorted(maps.Keys(w.Unread)) {
		all = append(all, "the Slack user group "+id+" can't be read now ("+w.Unread[id]+")")
	}
	return strings.Join(all, ", and ")
}

// hangsOn is what there is to ask about these needs of a request and about those by
// whose word, its asker's and its voters', it is carried out.
func hangsOn(pol *policy.Policy, r ledger.Request, needs []policy.Need, votes []ledger.Vote) Doubt {
	ids := []policy.Identity{r.Identity}
	for _, v := range yeses(votes, r.Digest) {
		ids = append(ids, v.Identity)
	}
	return Doubt{Groups: groupsBehind(pol, needs), Accounts: slackAccounts(ids...)}
}

// covers tells whether there is nothing to ask in another doubt that isn't in this one.
func (d Doubt) covers(o Doubt) bool {
	return !slices.ContainsFunc(o.Groups, func(id string) bool { return !slices.Contains(d.Groups, id) }) &&
		!slices.ContainsFunc(o.Accounts, func(id policy.Identity) bool { return !slices.Contains(d.Accounts, id) })
}

func (d Doubt) none() bool { return len(d.Groups)+len(d.Accounts) == 0 }

// groupsBehind are the Slack user groups on which it hangs who fills these needs.
func groupsBehind(pol *policy.Policy, needs []policy.Need) (ids []string) {
	for _, n := range needs {
		if !n.ByAsker() {
			ids = append(ids, pol.UsergroupsOf(n.From)...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// slackAccounts are those of some identities, each once.
func slackAccounts(ids ...policy.Identity) (accounts []policy.Identity) {
	for _, id := range ids {
		if id.Kind == policy.SlackUser && !slices.Contains(accounts, id) {
			accounts = append(accounts, id)
		}
	}
	return accounts
}

// wordOnVote asks what there is to know before a vote to approve is weighed. For a vote
// that can't count whatever it is, nobody is asked.
func (g *Gate) wordOnVote(ctx context.Context, by Voter, v Verdict) (Word, error) {
	pol := g.Policy()
	person := pol.PersonOf(by.Identity)
	if g.witness.Load() == nil || !v.Approve || g.ReadOnly || person == "" {
		return Word{}, nil
	}
	var d Doubt
	err := g.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		r, err := tx.Request(v.RequestID)
		if err != nil || r.State != ledger.Pending || r.Digest != v.Digest || g.due(r) {
			return err
		}
		needs := g.needs(pol, r)
		if slices.ContainsFunc(needs, func(n policy.Need) bool { return pol.MayYetFill(n, r.Person, person, by.OwnOnly) }) {
			d = Doubt{Groups: groupsBehind(pol, needs), Accounts: slackAccounts(by.Identity), Since: g.Now().Add(-newsLastsForVotes)}
		}
		return nil
	})
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return Word{}, err
	}
	return g.consult(ctx, d), nil
}

// onVote says why a vote does not count by what is known, where the policy alone has
// said why not, or that it does.
func (w Word) onVote(by policy.Identity, refused error) error {
	if why, unfit := w.Unfit[by]; unfit {
		return &VoteError{Problem: why}
	}
	if why, unsure := w.Unsure[by]; unsure {
		return &VoteError{Problem: "it can't be told that your Slack account counts still (" + strings.TrimSuffix(why, ".") + "); try again in " + w.wait()}
	}
	var vote *VoteError
	if errors.As(refused, &vote) && vote.Why == policy.NotMember && len(w.Unread) > 0 {
		return &VoteError{Why: vote.Why, Problem: "it can't be told that your vote is one that this request waits for: " + w.unread() + "; try again in " + w.wait()}
	}
	return refused
}

// wait says when to try again.
func (w Word) wait() string {
	if w.Wait <= 0 {
		return "a minute"
	}
	return WaitText(w.Wait)
}

// WaitText is a wait in words, in whole seconds or minutes after which it is surely over.
func WaitText(d time.Duration) string {
	n, unit := (d+time.Second-1)/time.Second, "second"
	if n >= 60 {
		n, unit = (n+59)/60, "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// wordOnVotes asks what there is to know of the groups on which it hangs whether a
// request has its votes.
func (g *Gate) wordOnVotes(ctx context.Context, r ledger.Request) Word {
	pol := g.Policy()
	return g.consult(ctx, Doubt{Groups: groupsBehind(pol, g.needs(pol, r)), Since: g.Now().Add(-newsLasts)})
}

// wordOnClaim asks what there is to know of those by whose word a request is carried
// out.
func (g *Gate) wordOnClaim(ctx context.Context, id string) (Word, error) {
	if g.witness.Load() == nil {
		return Word{}, nil
	}
	pol := g.Policy()
	var d Doubt
	err := g.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		r, err := tx.Request(id)
		if err != nil || r.State != ledger.Approved || !g.serves(r) {
			return err
		}
		votes, err := tx.Votes(id)
		if err != nil {
			return err
		}
		needs, err := g.needsAtClaim(tx, pol, r)
		d = hangsOn(pol, r, needs, votes)
		d.Since = g.Now().Add(-newsLasts)
		return err
	})
	if err != nil {
		return Word{}, err
	}
	return g.consult(ctx, d), nil
}

// objection is why a request that has its votes by the policy is not carried out.
type objection struct {
	why   string
	final bool // else it waits until more is known
}

// against holds a request that has its votes against what is known of who gave them.
func (w Word) against(pol *policy.Policy, r ledger.Request, votes []ledger.Vote) (objection, bool) {
	missing := func(pol *policy.Policy, but ...map[policy.Identity]string) bool {
		left := slices.DeleteFunc(slices.Clone(votes), func(v ledger.Vote) bool {
			return slices.ContainsFunc(but, func(m map[policy.Identity]string) bool { _, in := m[v.Identity]; return in })
		})
		return len(pol.Missing(r.Needs, r.Person, approvals(left, r.Digest))) > 0
	}
	_, unfit := w.Unfit[r.Identity]
	_, unsure := w.Unsure[r.Identity]
	switch {
	case unfit || missing(pol, w.Unfit):
		return objection{w.say(r, votes, w.Unfit, "doesn't count any more"), true}, true
	case unsure || missing(pol, w.Unfit, w.Unsure):
		return objection{w.say(r, votes, w.Unsure, "can't be told to count still"), false}, true
	case len(w.Unread) > 0 && missing(w.without(pol), w.Unfit, w.Unsure):
		return objection{w.unread(), false}, true
	}
	return objection{}, false
}

// say names one whose account is not taken.
func (w Word) say(r ledger.Request, votes []ledger.Vote, whose map[policy.Identity]string, what string) string {
	if why, asked := whose[r.Identity]; asked {
		return fmt.Sprintf("the Slack account by which %s asked %s: %s", r.Person, what, strings.TrimSuffix(why, "."))
	}
	for _, v := range yeses(votes, r.Digest) {
		if why, voted := whose[v.Identity]; voted {
			return fmt.Sprintf("the Slack account by which %s said yes %s: %s", v.Person, what, strings.TrimSuffix(why, "."))
		}
	}
	return "" // not reached: somebody's was the reason
}
