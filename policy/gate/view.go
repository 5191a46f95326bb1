package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// Outcome is how an ask stands, for who waits for it.
type Outcome string

// The outcomes. Expired, cancelled, superseded and invalidated requests are
// OutcomeDenied: nothing was done.
const (
	OutcomeSucceeded Outcome = "succeeded"
	OutcomePending   Outcome = "pending"
	OutcomeDenied    Outcome = "denied"
	OutcomeFailed    Outcome = "failed"
	OutcomeUnknown   Outcome = "unknown"
	OutcomeAccepted  Outcome = "accepted" // the API took it, and the server has not been seen to arrive
)

// Missing is a need that is still open.
type Missing struct {
	policy.Need          // Count is the number of votes still wanted
	Eligible    []string // who could give them, and has not
	TooFew      string   // why those are fewer than it takes; "" where they are not
}

// AskerGone tells whether nobody can fill a need any more: it is the asker's, and the
// policy lists them no longer.
func (m Missing) AskerGone() bool { return m.ByAsker() && len(m.Eligible) == 0 }

// AskerGone tells whether a pending request can't be approved, since it wants the yes of
// an asker whom the policy lists no longer: it is denied, or expires.
func (v View) AskerGone() bool { return slices.ContainsFunc(v.Missing, Missing.AskerGone) }

// View is a request as its asker and voters see it.
type View struct {
	ledger.Request
	Outcome   Outcome
	Operation Operation
	Shown     Shown
	Votes     []ledger.Vote
	Missing   []Missing
	Problems  []string // why people could not be told of it, a line each

	// Again tells, of what Ask returns, that the same was asked before and was open
	// still: nothing new was recorded.
	Again bool

	// Several tells that there are several accounts: which one this is in must
	// be said, since two servers may have one id.
	Several bool

	// Barred says, of a pending request, why it would be denied if it were carried
	// out as things are now, and by what rule; "" where nothing would deny it.
	Barred string

	// Elsewhere tells that it is open, and was asked for another API account, or another
	// address of the API, than this process has: it is never carried out here. What says
	// so of one that is pending is for who looks at it through this process, and not for a
	// message that other processes keep in step, too.
	Elsewhere bool
}

// Created is the id of the server that a create made, once it is known.
func (v View) Created() (id vpsapi.ID, known bool) {
	if v.Action != policy.Create || v.ServerID == "" {
		return id, false
	}
	id, err := vpsapi.ParseID(v.ServerID)
	return id, err == nil && !id.IsZero()
}

// ElsewhereWords say, without a full stop, why an open request is not carried out here,
// and by what it is; "" where it is.
func (v View) ElsewhereWords() string {
	const (
		why = "it is not carried out by this vpsops, which has another API account, another address of the API or another name for the account"
		by  = "one that has what it was asked for does so"
	)
	switch {
	case !v.Elsewhere:
		return ""
	case v.State == ledger.Pending:
		return "once it has its votes, " + why + ": " + by + ", while it lasts; it is to be asked for anew where there is none"
	}
	return why + ": " + by + ", while it lasts, until " + v.ExpiresAt.UTC().Format(time.RFC3339)
}

// Settled tells whether nothing is left to wait for.
func (v View) Settled() bool {
	return v.Gone() || v.Outcome != OutcomePending && v.Outcome != OutcomeAccepted && v.Outcome != OutcomeUnknown
}

func shownOf(r ledger.Request) (s Shown, err error) {
	if err = json.Unmarshal(r.Shown, &s); err != nil {
		err = fmt.Errorf("gate: request %s: %w", r.ID, err)
	}
	return s, err
}

func outcomeFor(r ledger.Request) Outcome {
	switch r.State {
	case ledger.Pending, ledger.Approved, ledger.Executing:
		return OutcomePending
	case ledger.Succeeded:
		if r.SettledAt.IsZero() || isGone(r) {
			return OutcomeAccepted
		}
		return OutcomeSucceeded
	case ledger.Failed:
		return OutcomeFailed
	case ledger.Unknown:
		return OutcomeUnknown
	}
	return OutcomeDenied
}

// view reads a request for somebody whose business it is.
func (g *Gate) view(ctx context.Context, actor policy.Actor, id string) (v View, _ error) {
	pol := g.Policy()
	read := func(tx ledger.ReadTx) error {
		r, err := g.visible(tx, pol, actor.Front, pol.PersonOf(actor.Identity), id)
		if err != nil {
			return err
		}
		v, err = g.viewOf(tx, pol, r)
		return err
	}
	if err := g.Ledger.Read(ctx, read); err != nil || !g.due(v.Request) {
		return v, err
	}
	if _, err := g.expire(ctx, id); err != nil {
		return View{}, err
	}
	err := g.Ledger.Read(ctx, read)
	return v, err
}

// bareView is a request without its votes.
func (g *Gate) bareView(r ledger.Request) (View, error) {
	v, err := ViewOf(r)
	v.Several = len(g.Accounts) > 1
	if v.isUnseen() {
		v.ServerID = ""
	}
	return v, err
}

func (g *Gate) viewOf(tx ledger.ReadTx, pol *policy.Policy, r ledger.Request) (View, error) {
	v, err := g.bareView(r)
	if err != nil {
		return v, err
	}
	v.Elsewhere = r.State.Open() && !g.serves(r)
	if v.Votes, err = tx.Votes(r.ID); err != nil {
		return v, err
	}
	if r.State == ledger.Pending {
		if v.Problems, err = problemsOf(tx, r.ID); err != nil {
			return v, err
		}
		v.Needs = g.needs(pol, r)
		yes := approvals(v.Votes, r.Digest)
		for _, n := range pol.Missing(v.Needs, r.Person, yes) {
			left := stillAsked(pol, n, r.Person, yes)
			v.Missing = append(v.Missing, Missing{n, left, tooFew(pol, n, r.Person, left)})
		}
		v.Barred, err = g.barred(tx, pol, r)
	}
	return v, err
}

// stillAsked are those who could fill a need and have not: nobody need turn to who
// has.
func stillAsked(pol *policy.Policy, n policy.Need, asker string, yes []policy.Vote) []string {
	return slices.DeleteFunc(pol.Eligible(n, asker), func(person string) bool {
		return slices.ContainsFunc(yes, func(v policy.Vote) bool { return v.Person == person && pol.Fills(n, asker, v) == policy.Counts })
	})
}

// problemsOf says why messages about a request could not be written.
func problemsOf(tx ledger.ReadTx, id string) (problems []string, err error) {
	posts, err := tx.Posts(id)
	for _, p := range posts {
		if p.Problem != "" {
			problems = append(problems, p.Problem)
		}
	}
	return problems, err
}

// noteStatus records where an accepted action's server is now. Only its arrival
// is final: what is gone may have been out of the API's sight, and may come back.
func (g *Gate) noteStatus(ctx context.Context, id, status string) error {
	there := vpsapi.Status(status)
	return g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		r, err := tx.Request(id)
		if err != nil || outcomeFor(r) != OutcomeAccepted || r.ServerStatus == status && !arrived(r.Action, there) {
			return err
		}
		r.ServerStatus, r.SettledAt = status, time.Time{}
		if arrived(r.Action, there) {
			r.SettledAt = g.Now()
		}
		_, err = tx.Update(r)
		return err
	})
}

// took is how long it was from the send until the server had arrived.
func took(r ledger.Request) time.Duration { return r.SettledAt.Sub(r.SendingAt).Round(time.Second) }

// ViewOf reads a request as it was recorded, without its votes and what is
// missing: for records of what was.
func ViewOf(r ledger.Request) (View, error) {
	v := View{Request: r, Outcome: outcomeFor(r)}
	if err := json.Unmarshal(r.Operation, &v.Operation); err != nil {
		return v, fmt.Errorf("gate: request %s: %w", r.ID, err)
	}
	var err error
	v.Shown, err = shownOf(r)
	return v, err
}
