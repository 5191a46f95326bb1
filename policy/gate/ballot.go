package gate

import (
	"context"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// Ballot is what a front end holds that people vote through: the page and
// Slack. It is a Desk besides. It is safe for concurrent use.
type Ballot struct{ *Desk }

// Ballot returns the gate as a voting front end sees it. What a model or its
// client drives must never hold one.
func (g *Gate) Ballot() *Ballot { return &Ballot{g.Desk()} }

// Vote hands in a person's verdict, as the front end has authenticated them.
// The last vote that is wanted starts the execution; Vote does not wait for
// it. A vote that does not count is recorded and returned as a *VoteError,
// *TooLateError or ErrStale, with the request as it stands; a request that is
// none of the voter's business is ErrNotFound.
func (b *Ballot) Vote(ctx context.Context, by Voter, v Verdict) (View, error) {
	r, refused := b.gate.vote(ctx, by, v)
	if r.ID == "" {
		return View{}, refused
	}
	view, err := b.gate.view(ctx, policy.Actor{Identity: by.Identity, Front: by.Front}, r.ID)
	if err != nil {
		return View{}, err
	}
	return view, refused
}

// Waiting returns the pending requests that a voter could decide, newest
// first.
func (b *Ballot) Waiting(ctx context.Context, by Voter) ([]View, error) {
	pol := b.gate.Policy()
	person := pol.PersonOf(by.Identity)
	now := b.gate.Now()
	return b.gate.views(ctx, ledger.Filter{States: []ledger.State{ledger.Pending}}, func(r ledger.Request) bool {
		mine := person != "" && (r.Person == person || !by.OwnOnly)
		return mine && b.gate.mayDecide(pol, r, person) && now.Before(r.ExpiresAt)
	})
}

// PersonOf returns the person to whom an identity belongs in the policy in
// force, or "".
func (b *Ballot) PersonOf(id policy.Identity) string { return b.gate.Policy().PersonOf(id) }

// Choices is what a voter may say to a request that is pending or held back.
type Choices struct {
	Approve  bool
	WhyNot   string // why no approval of theirs would count; may hold a server's name
	TypeName bool   // their approval needs the server's name typed
	Reason   bool   // their approval needs a reason
	Given    bool   // they have approved, and can add nothing to it
	Passkey  bool   // an approval of theirs would count if a passkey proved it; then Approve is false
	Deny     bool
}

// Choices tells a front end what to offer to a voter who looks at a request.
// It promises nothing: Vote decides, as things are then.
func (b *Ballot) Choices(by Voter, v View) Choices {
	pol := b.gate.Policy()
	vote := ledger.Vote{Person: pol.PersonOf(by.Identity), Factor: by.Factor, OwnOnly: by.OwnOnly, NameTyped: true, Reason: "any"}
	switch {
	case v.HeldBack():
		return Choices{Deny: mayDeny(v.Request, vote) == nil, WhyNot: heldBackWords}
	case v.State != ledger.Pending, !b.gate.Now().Before(v.ExpiresAt):
		return Choices{WhyNot: "the request is not open any more"}
	}
	c := Choices{Deny: mayDeny(v.Request, vote) == nil}
	if b.gate.ReadOnly {
		c.WhyNot = "vpsops runs read-only: nothing can be approved, but you can deny"
		return c
	}
	if err := mayApprove(pol, v.Request, v.Votes, vote, v.Shown.Name()); err != nil {
		c.WhyNot = err.Error()
		vote.Factor = policy.Passkey
		if c.Passkey = mayApprove(pol, v.Request, v.Votes, vote, v.Shown.Name()) == nil; !c.Passkey {
			return c
		}
	}
	c.Approve = !c.Passkey
	given, approved := v.approvalOf(vote.Person)
	c.Given = approved
	for _, n := range askedOf(pol, v.Request, v.Votes, vote) {
		if pol.Fills(n, v.Person, forPolicy(vote)) != policy.Counts {
			continue
		}
		c.TypeName, c.Reason = c.TypeName || n.TypeName, c.Reason || n.Reason
		// A policy that has become stricter may want more of them than then.
		c.Given = c.Given && pol.Fills(n, v.Person, given) == policy.Counts
	}
	return c
}

// approvalOf returns a person's approval of what the request says now.
func (v View) approvalOf(person string) (policy.Vote, bool) {
	for _, yes := range approvals(v.Votes, v.Digest) {
		if yes.Person == person {
			return yes, true
		}
	}
	return policy.Vote{}, false
}
