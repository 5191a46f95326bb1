package gate

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// run carries an approved request out in its own time: a caller who goes away
// takes nothing with them. Close waits for it.
func (g *Gate) run(ctx context.Context, id string) {
	if err := g.begin(); err != nil {
		return // it stays approved, and expires unless the next start claims it
	}
	go func() {
		defer g.running.Done()
		ctx := context.WithoutCancel(ctx)
		j, err := g.claimWritten(ctx, id)
		if err != nil {
			g.Logger.Error("a request could not be claimed", "request", id, "error", err)
			return
		}
		if j == nil {
			return
		}
		if err := g.execute(ctx, j); err != nil {
			g.Logger.Error("an outcome could not be recorded", "request", id, "error", err)
		}
	}()
}

// claimWritten is claim, tried again while the ledger cannot be written.
func (g *Gate) claimWritten(ctx context.Context, id string) (j *job, err error) {
	defer g.claiming(id)()
	ctx, ended := g.Trace(ctx, "claim")
	defer func() { ended(id, err) }()
	err = g.untilWritten(id, func() (err error) {
		j, err = g.claim(ctx, id)
		return err
	})
	return j, err
}

// claiming notes that somebody tries to claim a request, until done is called.
func (g *Gate) claiming(id string) (done func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.claims[id]++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.claims[id]--; g.claims[id] == 0 {
			delete(g.claims, id)
		}
	}
}

// job is a claimed request: this process alone may send its call.
type job struct {
	request ledger.Request
	account *Account
	op      Operation
	shown   Shown
	sentTo  vpsapi.ID
	unsent  bool // surely nothing has left this process
}

// claim is the one transaction that turns votes into the right to send. It
// returns nil where there is nothing to send.
func (g *Gate) claim(ctx context.Context, id string) (*job, error) {
	word, err := g.wordOnClaim(ctx, id)
	if err != nil {
		return nil, err
	}
	var j *job
	var after ledger.Request
	var notOurs bool
	err = g.writeInTime(ctx, func(tx ledger.Tx) error {
		j, notOurs = nil, false
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		if after = r; r.State != ledger.Approved {
			return nil
		}
		if notOurs, err = g.isOthers(tx, r); err != nil || notOurs {
			return err // a process that can carry it out claims it, or it expires
		}
		if err := g.trustClock(tx); err != nil {
			if wrongClock(err) {
				after, err = g.holdBack(tx, r, err)
			}
			return err
		}
		if r, err = g.expireIfDue(tx, r); err != nil || r.State != ledger.Approved {
			after = r
			return err
		}
		if j, err = g.newJob(r); err != nil {
			return err
		}
		after, err = g.claimIn(tx, j, word)
		return err
	})
	if err != nil || notOurs {
		return nil, err
	}
	if after.State == ledger.Approved {
		return nil, nil // held back: the next sweep tries it again
	}
	if j == nil || after.State != ledger.Executing {
		// Another attempt may have claimed it: then there is nothing to do here.
		g.follow(ctx, after)
		return nil, nil
	}
	j.request = after
	return j, nil
}

func (g *Gate) newJob(r ledger.Request) (*job, error) {
	j := &job{request: r}
	var err error
	if j.account, err = g.account(r.Account); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(r.Operation, &j.op); err != nil {
		return nil, fmt.Errorf("gate: request %s: %w", r.ID, err)
	}
	if j.shown, err = shownOf(r); err != nil {
		return nil, err
	}
	return j, nil
}

// frozen is what was asked, as it was shown.
func (j *job) frozen() *frozen { return &frozen{account: j.account, op: j.op, shown: j.shown} }

// askedBy is who asked for a request, and through what.
func askedBy(r ledger.Request) policy.Actor {
	return policy.Actor{Identity: r.Identity, Front: r.Front, Channel: r.Channel, Client: r.Client}
}

// claimIn looks at everything again as it is now, and takes the request to
// what follows: executing, or pending, denied, invalidated; or it waits until more is
// known of those by whose word it is carried out.
func (g *Gate) claimIn(tx ledger.Tx, j *job, word Word) (ledger.Request, error) {
	r := j.request
	f, actor := j.frozen(), askedBy(r)
	pol := g.Policy()
	d, err := g.decideIn(tx, pol, actor, f)
	if err != nil {
		return r, err
	}
	if d.Person != r.Person && d.Person != "" {
		// What that person may do says nothing of what was asked.
		d.Rules, d.Denied = nil, nil
		deny(&d, policy.FloorStranger, "the asker's account is another person's now")
	}
	if d.Effect == policy.Deny {
		r.Rules = d.Rules
		return g.move(tx, r, ledger.Denied, eventClaim, "what holds now says no: "+strings.Join(d.Denied, "; "))
	}
	// What was needed when it was shown stays needed; a stricter policy adds.
	before := policy.MergeNeeds(r.Needs, nil)
	r.Needs = policy.MergeNeeds(r.Needs, d.Needs)
	missing, err := g.missing(tx, pol, r)
	if err != nil {
		return r, err
	}
	if len(missing) > 0 {
		grown := !slices.EqualFunc(before, r.Needs, sameNeed)
		if r.Rules = d.Rules; grown { // else what was wanted is wanted still, and no longer for that
			r.ExpiresAt = g.Now().Add(pol.Limits().RequestTTL)
		}
		return g.move(tx, r, ledger.Pending, eventClaim, "more is needed now than when it was approved")
	}
	votes, err := tx.Votes(r.ID)
	if err != nil {
		return r, err
	}
	if g.witness.Load() != nil && !word.asked.covers(hangsOn(pol, r, r.Needs, votes)) {
		return g.holdBack(tx, j.request, errors.New("more is needed than a moment ago, and Slack is asked about those on whom it hangs"))
	}
	if o, objects := word.against(pol, r, votes); objects && o.final {
		r.Rules = append(slices.Clone(d.Rules), policy.Rule{Kind: policy.FloorRule, ID: ruleAccount, Effect: policy.Deny, Why: o.why})
		return g.move(tx, r, ledger.Denied, eventClaim, "what holds now says no: "+o.why)
	} else if objects {
		return g.holdBack(tx, j.request, errors.New(o.why))
	}
	if err := g.charge(tx, pol, actor, f, r.ID); err != nil {
		return r, err
	}
	r.Fence = rand.Text()
	r.LeaseUntil = g.Now().Add(leaseTime)
	return g.move(tx, r, ledger.Executing, eventClaim, "claimed")
}

// isOthers tells whether an approved request is for other processes alone to carry
// out: it is of another account, or hangs on the word of Slack, which this one doesn't
// ask, that accounts and groups count still.
func (g *Gate) isOthers(tx ledger.ReadTx, r ledger.Request) (bool, error) {
	if !g.serves(r) {
		return true, nil
	}
	if g.witness.Load() != nil {
		return false, nil
	}
	votes, err := tx.Votes(r.ID)
	return !hangsOn(g.Policy(), r, r.Needs, votes).none(), err
}

// sameNeed compares what two needs want of the same people, whoever's requirements
// they are.
func sameNeed(a, b policy.Need) bool {
	return a.Count == b.Count && a.Factor == b.Factor && a.TypeName == b.TypeName && a.Reason == b.Reason
}

// lastLook reads the server once more before anything is sent. What is not as
// it was shown is not touched.
func (j *job) lastLook(ctx context.Context) (ledger.State, string) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	if j.op.Action == policy.Create {
		return j.lastLookCreate(ctx)
	}
	server, err := j.account.Reader.GetServer(ctx, j.shown.Server.ID)
	if errors.Is(err, vpsapi.ErrNotFound) {
		return ledger.Invalidated, "the server is gone; nothing was sent"
	}
	if err != nil {
		return ledger.Failed, undone("the server could not be read once more, so nothing was sent", err)
	}
	now := factsOf(server)
	switch {
	case !now.sameServer(*j.shown.Server):
		return ledger.Invalidated, "another server now has this id; nothing was sent"
	case !now.same(*j.shown.Server):
		return ledger.Invalidated, "the server has changed since it was shown (" + difference(*j.shown.Server, now) + "); nothing was sent, ask again"
	}
	return ledger.Executing, ""
}

// lastLookCreate wants the price that was shown, and no other server of that
// name: whether an unknown create happened is told from those there were.
func (j *job) lastLookCreate(ctx context.Context) (ledger.State, string) {
	plan, err := j.account.plan(ctx, j.op.Create.PlanID)
	if err != nil {
		return ledger.Failed, undone("the price could not be read once more, so nothing was sent", err)
	}
	if plan.monthly() != j.shown.MonthlyPrice {
		return ledger.Invalidated, "the price has changed since it was shown; nothing was sent, ask again"
	}
	now, err := j.account.peers(ctx, j.op.Create)
	if err != nil {
		return ledger.Failed, undone("the servers could not be listed, so nothing was sent", err)
	}
	if !slices.Equal(now.sameName, j.shown.SameName) {
		return ledger.Invalidated, "other servers bear this name now than when it was shown; nothing was sent, ask again"
	}
	return ledger.Executing, ""
}

func difference(shown, now Facts) string {
	var d []string
	for _, c := range []Change{
		{"name", shown.Name, now.Name},
		{"hostname", shown.Hostname, now.Hostname},
		{"location", shown.Location, now.Location},
		{"plan", shown.Plan, now.Plan},
		{"os", shown.OS, now.OS},
		{"status", string(shown.Status), string(now.Status)},
		{"backups", boolText(shown.Backups), boolText(now.Backups)},
	} {
		if c.From != c.To {
			d = append(d, fmt.Sprintf("%s was %q and is %q", c.Field, c.From, c.To))
		}
	}
	return strings.Join(d, ", ")
}
