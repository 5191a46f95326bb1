package gate

import (
	"context"
	"errors"
	"slices"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// How an unknown outcome is looked into.
const (
	settleFirst   = time.Second
	settleSlowest = 15 * time.Second
	settleGiveUp  = 15 * time.Minute
	clockSkew     = ledger.APIClockTolerance
)

// verdict is what one look at the servers says about an unknown outcome.
type verdict int

const (
	cannotTell verdict = iota
	happened
	didNot
)

// settle looks at the servers until they tell what became of the call. It
// never sends again. That it happened is believed as soon as two looks agree;
// that it did not, only when no call can be on its way any more.
func (g *Gate) settle(j *job) {
	if j.op.Action == policy.Reboot || !g.beginSettling(j.request.ID) {
		return // a reboot leaves nothing behind by which to tell
	}
	go func() {
		defer g.running.Done()
		defer g.endSettling(j.request.ID)
		ctx, cancel := g.untilClosing(settleGiveUp)
		defer cancel()
		g.settleLoop(ctx, j)
	}()
}

// beginSettling is false where the outcome is looked into already, or the gate
// closes.
func (g *Gate) beginSettling(id string) bool {
	g.mu.Lock()
	_, under := g.settling[id]
	g.settling[id] = struct{}{}
	g.mu.Unlock()
	if under {
		return false
	}
	if g.begin() != nil {
		g.endSettling(id)
		return false
	}
	return true
}

func (g *Gate) endSettling(id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.settling, id)
}

func (g *Gate) settleLoop(ctx context.Context, j *job) {
	noMoreCalls := j.request.LeaseUntil.Add(sendDeadline)
	wait, last := settleFirst, cannotTell
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		seen, id := j.look(ctx)
		if seen == didNot && g.Now().Before(noMoreCalls) {
			seen = cannotTell
		}
		if seen != cannotTell && seen == last {
			ended, err := g.settled(ctx, j, seen, id)
			if err != nil {
				g.Logger.Error("an unknown outcome could not be settled yet", "request", j.request.ID, "error", err)
			}
			if ended && err == nil {
				return
			}
			seen = cannotTell
		}
		last = seen
		if wait = min(wait*3/2, settleSlowest); seen != cannotTell {
			wait = settleFirst
		}
	}
}

// look reads what the call would have changed.
func (j *job) look(ctx context.Context) (verdict, vpsapi.ID) {
	if j.op.Action == policy.Create {
		return j.lookForNew(ctx)
	}
	id := j.shown.Server.ID
	s, err := j.account.Reader.GetServer(ctx, id)
	if errors.Is(err, vpsapi.ErrNotFound) && j.op.Action == policy.Delete {
		return happened, id
	}
	if err != nil {
		return cannotTell, id
	}
	now := factsOf(s)
	if !now.sameServer(*j.shown.Server) {
		return cannotTell, id
	}
	return j.judge(now), id
}

// judge takes a call for one that did not happen only where the server is just
// as it was: in any other state it may have happened, and more since.
func (j *job) judge(now Facts) verdict {
	switch j.op.Action {
	case policy.Delete:
		return j.unchanged(now.Status)
	case policy.Start:
		return j.judgePower(now.Status, vpsapi.StatusActive, vpsapi.StatusStarting)
	case policy.Stop:
		return j.judgePower(now.Status, vpsapi.StatusStopped, vpsapi.StatusStopping)
	case policy.Update:
		return j.judgeUpdate(now)
	}
	return cannotTell
}

func (j *job) judgePower(now, arrived, onTheWay vpsapi.Status) verdict {
	if now == arrived || now == onTheWay {
		return happened
	}
	return j.unchanged(now)
}

func (j *job) unchanged(now vpsapi.Status) verdict {
	if now == j.shown.Server.Status {
		return didNot
	}
	return cannotTell
}

func (j *job) judgeUpdate(now Facts) verdict {
	after := j.shown.After
	if now.Name == after.Name && now.Hostname == after.Hostname && sameBool(now.Backups, after.Backups) {
		return happened
	}
	if now.same(*j.shown.Server) {
		return didNot
	}
	return cannotTell // somebody else has changed it since
}

// lookForNew takes a create for done only by one server that was not there
// before, made since, and in everything what was asked for.
func (j *job) lookForNew(ctx context.Context) (verdict, vpsapi.ID) {
	var found []vpsapi.ID
	for s, err := range j.account.Reader.Servers(ctx, vpsapi.ServerFilter{Location: j.op.Create.Location}) {
		if err != nil {
			return cannotTell, vpsapi.ID{}
		}
		if j.couldBeMine(s) {
			found = append(found, s.ID)
		}
	}
	if len(found) == 1 {
		return happened, found[0]
	}
	// None proves nothing: a list may lag behind. Two cannot be told apart.
	return cannotTell, vpsapi.ID{}
}

func (j *job) couldBeMine(s vpsapi.Server) bool {
	c := j.op.Create
	if s.Name != c.Name || s.Location != c.Location || !s.Plan.ID.Equal(c.PlanID) || !s.OS.ID.Equal(c.OSID) {
		return false
	}
	if slices.ContainsFunc(j.shown.SameName, s.ID.Equal) {
		return false
	}
	return !s.CreatedAt.Before(j.request.SendingAt.Add(-clockSkew))
}

// settled records what became of the call. It is false where a new server may
// as well be another request's.
func (g *Gate) settled(ctx context.Context, j *job, v verdict, id vpsapi.ID) (ended bool, err error) {
	err = g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		ended = true
		r, err := tx.Request(j.request.ID)
		if err != nil || r.State != ledger.Unknown {
			return err
		}
		if v == didNot {
			if err := g.trustClock(tx); err != nil {
				return err // the call may be on its way yet
			}
			_, err = g.move(tx, r, ledger.Failed, eventSettled, "the answer was lost; the server shows that it did not happen")
			return err
		}
		if r.Action == policy.Create {
			if rival, err := hasRival(tx, r, id.String()); rival || err != nil {
				ended = false
				return err
			}
		}
		if r.ServerID == "" {
			r.ServerID = id.String()
		}
		if !settles(r.Action) {
			r.SettledAt = g.Now()
		}
		_, err = g.move(tx, r, ledger.Succeeded, eventSettled, "the answer was lost; the server shows that it happened")
		return err
	})
	return ended, err
}

// hasRival tells whether a new server is another create's, or could be one's
// that went out about the same time under the same name.
func hasRival(tx ledger.ReadTx, r ledger.Request, serverID string) (bool, error) {
	known, err := tx.Requests(ledger.Filter{Account: r.Account, ServerID: serverID})
	if err != nil {
		return false, err
	}
	open, err := tx.Requests(ledger.Filter{Account: r.Account, States: []ledger.State{ledger.Executing, ledger.Unknown}})
	if err != nil {
		return false, err
	}
	isOther := func(o ledger.Request) bool { return o.ID != r.ID && o.Action == policy.Create }
	couldBe := func(o ledger.Request) bool {
		lastCall := o.LeaseUntil.Add(sendDeadline + clockSkew)
		return isOther(o) && targetOf(o) == targetOf(r) && !lastCall.Before(r.SendingAt.Add(-clockSkew))
	}
	return slices.ContainsFunc(known, isOther) || slices.ContainsFunc(open, couldBe), nil
}

// untilClosing is a context that ends with the gate, or after a while.
func (g *Gate) untilClosing(limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	stop := context.AfterFunc(g.life, cancel)
	return ctx, func() { stop(); cancel() }
}
