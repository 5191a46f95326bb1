package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/ledger"
)

const maxIDShown = 80 // runes of an id that is none of ours

// Voter is a person as a front end has authenticated them.
type Voter struct {
	Identity policy.Identity
	Front    policy.Front
	Factor   policy.Factor
	OwnOnly  bool // this sign-in confirms its own person's requests and no other's
}

// Verdict is what a voter says to a request.
type Verdict struct {
	RequestID string
	Digest    string // of what the voter was shown
	Approve   bool
	TypedName string
	Reason    string
	Passkey   *PasskeyProof // nil where none was used
}

// vote records a verdict and, if it was the last one wanted, starts the
// execution.
func (g *Gate) vote(ctx context.Context, by Voter, v Verdict) (after ledger.Request, err error) {
	if err := g.begin(); err != nil {
		return ledger.Request{}, err
	}
	defer g.running.Done()
	ctx, ended := g.Trace(ctx, "vote")
	defer func() { ended(after.ID, err) }()
	word, err := g.wordOnVote(ctx, by, v)
	if err != nil {
		return ledger.Request{}, err
	}
	pol := g.Policy()
	sure := word.without(pol)
	person := pol.PersonOf(by.Identity)
	var refusal error
	err = g.writeInTime(ctx, func(tx ledger.Tx) error {
		after, refusal = ledger.Request{}, nil
		r, err := g.visible(tx, pol, by.Front, person, v.RequestID)
		if errors.Is(err, ErrNotFound) {
			refusal = err
			nobodys := ledger.Request{ID: capRunes(v.RequestID, maxIDShown)}
			return tx.Audit(g.event(eventVoteRefused, nobodys, by.Identity, person, by.Front, err.Error()))
		}
		if err != nil {
			return err
		}
		if r, err = g.expireIfDue(tx, r); err != nil {
			return err
		}
		after = r
		var vote ledger.Vote
		by, refused, err := g.prove(tx, by, person, v.Passkey)
		if err != nil {
			return err
		}
		if refused == nil {
			given, err := tx.Votes(r.ID)
			if err != nil {
				return err
			}
			vote, refused = g.weigh(sure, r, given, by, person, v)
			refused = word.onVote(by.Identity, refused)
		}
		if refused == nil && v.Approve {
			if refused, err = g.clockRefuses(tx); err != nil {
				return err
			}
		}
		if refusal = refused; refused != nil {
			return tx.Audit(g.event(eventVoteRefused, r, by.Identity, person, by.Front, refused.Error()))
		}
		after, err = g.count(tx, sure, r, vote, v.Passkey)
		return err
	})
	if err != nil {
		return ledger.Request{}, err
	}
	g.follow(ctx, after)
	return after, refusal
}

// visible finds a request that is some of this person's business. Nobody votes
// for another through an assistant, which is told of its person's own alone.
func (g *Gate) visible(tx ledger.ReadTx, pol *policy.Policy, front policy.Front, person, id string) (ledger.Request, error) {
	r, err := tx.Request(id)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return ledger.Request{}, ErrNotFound
	case err != nil:
		return ledger.Request{}, err
	case person != "" && (person == r.Person || front != policy.MCP && g.mayDecide(pol, r, person)):
		return r, nil
	}
	return ledger.Request{}, ErrNotFound
}

// mayDecide tells whether a person is one of those whose vote a request wants.
func (g *Gate) mayDecide(pol *policy.Policy, r ledger.Request, person string) bool {
	for _, n := range g.needs(pol, r) {
		for _, p := range pol.Eligible(n, r.Person) {
			if p == person {
				return true
			}
		}
	}
	return false
}

// weigh turns a verdict into a vote, or says why it does not count.
func (g *Gate) weigh(pol *policy.Policy, r ledger.Request, given []ledger.Vote, by Voter, person string, v Verdict) (ledger.Vote, error) {
	switch {
	case r.State != ledger.Pending && (v.Approve || !isHeldBack(r)): // what waits can still be stopped
		return ledger.Vote{}, &TooLateError{r.State, isHeldBack(r)}
	case v.Digest != r.Digest:
		return ledger.Vote{}, ErrStale
	case v.Approve && g.ReadOnly:
		return ledger.Vote{}, errReadOnlyVote()
	}
	shown, err := shownOf(r)
	if err != nil {
		return ledger.Vote{}, err
	}
	vote := ledger.Vote{
		RequestID: r.ID, Person: person, Identity: by.Identity, Front: by.Front, Factor: by.Factor, OwnOnly: by.OwnOnly,
		Approve: v.Approve, NameTyped: shown.MeantBy(v.TypedName),
		Reason: capRunes(strings.TrimSpace(v.Reason), maxReason), Digest: v.Digest, At: g.Now(),
	}
	if !v.Approve {
		return vote, mayDeny(r, vote)
	}
	wantsName := shown.TypeText(v.TypedName)
	if refused := mayApprove(pol, r, given, vote, wantsName); refused == nil {
		return vote, nil // what fills a need of the ask does so still
	}
	r.Needs = g.needs(pol, r)
	return vote, mayApprove(pol, r, given, vote, wantsName)
}

func errReadOnlyVote() error {
	return &VoteError{Problem: "vpsops runs read-only: nothing can be approved, but you can deny"}
}

// mayApprove wants the vote to fill a need, and to leave no open need of which the
// voter is capable half filled.
func mayApprove(pol *policy.Policy, r ledger.Request, given []ledger.Vote, v ledger.Vote, wantsName string) error {
	counts := false
	refusal := policy.NotMember
	for _, n := range askedOf(pol, r, given, v) {
		why := pol.Fills(n, r.Person, forPolicy(v))
		switch why {
		case policy.Counts:
			counts = true
		case policy.WeakFactor, policy.NameNotTyped, policy.NoReason:
			return &VoteError{Why: why, Problem: refusalText(why, n, wantsName)}
		case policy.NotAsker, policy.NotMember:
		default:
			refusal = why
		}
	}
	if counts {
		return nil
	}
	return &VoteError{Why: refusal, Problem: refusalText(refusal, policy.Need{}, wantsName)}
}

// mayDeny lets the asker and everybody whose approval is wanted say no.
func mayDeny(r ledger.Request, v ledger.Vote) error {
	if v.Person == r.Person {
		return nil
	}
	if v.OwnOnly {
		return &VoteError{Why: policy.OwnRequests, Problem: refusalText(policy.OwnRequests, policy.Need{}, "")}
	}
	return nil // visible has seen to it that the voter is one of those asked
}

func refusalText(why policy.Refusal, n policy.Need, wantsName string) string {
	switch why {
	case policy.IsAsker:
		return "you asked for this yourself: somebody else must approve it"
	case policy.OwnRequests:
		return "this sign-in is for your own requests on this machine; it decides nobody else's"
	case policy.WeakFactor:
		return fmt.Sprintf("this needs a surer sign that it is you: %s", n.Factor)
	case policy.NameNotTyped:
		return wantsName
	case policy.NoReason:
		return "say why: this needs a reason"
	}
	return "your vote is not one that this request waits for"
}

func forPolicy(v ledger.Vote) policy.Vote {
	return policy.Vote{Person: v.Person, Factor: v.Factor, OwnOnly: v.OwnOnly, NameTyped: v.NameTyped, Reason: v.Reason}
}

// count writes the vote and what follows from it.
func (g *Gate) count(tx ledger.Tx, pol *policy.Policy, r ledger.Request, v ledger.Vote, proof *PasskeyProof) (ledger.Request, error) {
	if err := tx.AddVote(v); err != nil {
		return r, err
	}
	verdict := map[bool]string{true: "approve", false: "deny"}[v.Approve]
	e := g.event(eventVote, r, v.Identity, v.Person, v.Front, verdict+" by factor "+v.Factor.String())
	if proof != nil {
		e.Data = proof.Evidence
	}
	if err := tx.Audit(e); err != nil {
		return r, err
	}
	if !v.Approve {
		return g.move(tx, r, ledger.Denied, eventState, deniedBy(v))
	}
	missing, err := g.missing(tx, pol, r)
	if err != nil || len(missing) > 0 {
		return r, err
	}
	return g.approved(tx, pol, r, g.Now().Add(pol.Limits().RunWithin))
}

func deniedBy(v ledger.Vote) string {
	switch {
	case v.Factor == policy.Client && v.Front == policy.Console:
		return "declined at the console's prompt"
	case v.Factor == policy.Client:
		// A client closes a dialog by itself, too, or sends back what is no yes.
		return "not confirmed in the client's dialog"
	}
	if v.Reason == "" {
		return "denied by " + v.Person
	}
	return "denied by " + v.Person + ": " + inert.Quote(v.Reason, maxReason)
}

// missing is what the votes given so far leave open, as groups are now.
func (g *Gate) missing(tx ledger.ReadTx, pol *policy.Policy, r ledger.Request) ([]policy.Need, error) {
	votes, err := tx.Votes(r.ID)
	if err != nil {
		return nil, err
	}
	return pol.Missing(r.Needs, r.Person, approvals(votes, r.Digest)), nil
}

// approvals are the votes for exactly what the request says.
func approvals(votes []ledger.Vote, digest string) []policy.Vote {
	var yes []policy.Vote
	for _, v := range yeses(votes, digest) {
		yes = append(yes, forPolicy(v))
	}
	return yes
}

// askedOf are the needs by which a vote is weighed: those that the votes of others
// leave open, or all of them for whoever could fill none of those. An earlier vote
// of one's own fills nothing: this one takes its place.
func askedOf(pol *policy.Policy, r ledger.Request, given []ledger.Vote, v ledger.Vote) []policy.Need {
	others := slices.DeleteFunc(approvals(given, r.Digest), func(o policy.Vote) bool { return o.Person == v.Person })
	open := pol.Missing(r.Needs, r.Person, others)
	if slices.ContainsFunc(open, func(n policy.Need) bool { return couldFill(pol, n, r.Person, v) }) {
		return open
	}
	return r.Needs
}

// couldFill tells whether a need is for somebody such as the voter, whatever more
// it wants of the vote.
func couldFill(pol *policy.Policy, n policy.Need, asker string, v ledger.Vote) bool {
	switch pol.Fills(n, asker, forPolicy(v)) {
	case policy.Counts, policy.WeakFactor, policy.NameNotTyped, policy.NoReason:
		return true
	}
	return false
}

// yeses are the same as the ledger has them.
func yeses(votes []ledger.Vote, digest string) []ledger.Vote {
	return slices.DeleteFunc(slices.Clone(votes), func(v ledger.Vote) bool { return !v.Approve || v.Digest != digest })
}
