package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// patience is how long a person waits for a dialog in their client.
const patience = 3 * time.Second

// people vote by the task's script as soon as a request is theirs to vote on,
// as they would on the confirmation page.
type people struct {
	ballot *gate.Ballot
	votes  []ballot
	dialog string // what the user says on the page where their client shows no dialog; "" where it does
	wait   func() // before a vote; may be nil
	feed   *ledger.Changes
	done   context.CancelFunc
	ended  sync.WaitGroup
}

func startPeople(g *gate.Gate, votes []ballot, dialog string, wait func()) *people {
	ctx, cancel := context.WithCancel(context.Background())
	p := &people{ballot: g.Ballot(), votes: votes, dialog: dialog, wait: wait, feed: g.Desk().Changes(), done: cancel}
	p.ended.Go(func() { p.run(ctx) })
	return p
}

func (p *people) stop() {
	p.done()
	p.ended.Wait()
	p.feed.Close()
}

func (p *people) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.feed.C():
			ids, _ := p.feed.Take()
			for _, id := range ids {
				p.look(ctx, id)
			}
		}
	}
}

func (p *people) look(ctx context.Context, id string) {
	v, err := p.ballot.Look(ctx, id)
	if err != nil || v.State != ledger.Pending {
		return
	}
	for _, b := range p.votes {
		if string(v.Action) == b.Action {
			p.vote(ctx, v, b)
		}
	}
	byDialog := slices.ContainsFunc(v.Missing, func(m gate.Missing) bool { return m.Factor == policy.Client })
	if p.dialog == "" || !byDialog {
		return
	}
	p.ended.Go(func() {
		select {
		case <-time.After(patience):
			p.vote(ctx, v, ballot{By: user, Approve: p.dialog == "accept"})
		case <-ctx.Done():
		}
	})
}

func (p *people) vote(ctx context.Context, v gate.View, b ballot) {
	if p.wait != nil {
		p.wait()
	}
	by := gate.Voter{
		Identity: policy.Identity{Kind: policy.LocalUser, ID: b.By},
		Front:    policy.Page, Factor: policy.PersonFactor,
	}
	// A vote that is refused leaves the request as it was: the judge sees that.
	_, _ = p.ballot.Vote(ctx, by, gate.Verdict{RequestID: v.ID, Digest: v.Digest, Approve: b.Approve, TypedName: b.TypeName})
}
