package gate

import (
	"context"
	"errors"
	"fmt"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// errNoLease stops a call whose time to begin is over: another process may
// have taken the request up.
var errNoLease = errors.New("the claim ran out before the call began")

// execute sends the call of a claimed request, once, and records what came of
// it.
func (g *Gate) execute(ctx context.Context, j *job) (err error) {
	ctx, ended := g.Trace(ctx, "send")
	defer func() { ended(j.request.ID, err) }()
	j.unsent = true
	if state, why := j.lastLook(ctx); state != ledger.Executing {
		return g.conclude(ctx, j, state, why)
	}
	if err := g.markSending(ctx, j); err != nil {
		return g.conclude(ctx, j, ledger.Failed, "it could not be recorded, so nothing was sent: "+err.Error())
	}
	err = j.send(ctx, func(ctx context.Context) error { return g.mayStillSend(ctx, j) })
	state, why := outcomeOf(err)
	j.unsent = isUnsent(err)
	if err := g.conclude(ctx, j, state, why); err != nil {
		return err
	}
	if state == ledger.Unknown {
		g.settle(j)
	}
	return nil
}

// markSending is written before the first byte: after a crash it tells that
// the call may have been made.
func (g *Gate) markSending(ctx context.Context, j *job) error {
	return g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		r, err := g.claimed(tx, j)
		if err != nil {
			return err
		}
		r.SendingAt = g.Now()
		if err := g.jumped(); err != nil {
			return err // what settles a lost answer goes by this time
		}
		if r, err = tx.Update(r); err != nil {
			return err
		}
		j.request = r
		return tx.Audit(g.ownEvent(eventSending, r, string(r.Action)+" "+targetOf(r)))
	})
}

// claimed reads the request and makes sure that this claim still holds.
func (g *Gate) claimed(tx ledger.ReadTx, j *job) (ledger.Request, error) {
	r, err := tx.Request(j.request.ID)
	if err != nil {
		return r, err
	}
	if r.State != ledger.Executing || r.Fence != j.request.Fence {
		return r, errNoLease
	}
	return r, nil
}

// ownToEnd is claimed, or what another process took this one's end for: it had
// to call the outcome unknown, and the answer tells.
func (g *Gate) ownToEnd(tx ledger.ReadTx, j *job, to ledger.State) (ledger.Request, error) {
	r, err := tx.Request(j.request.ID)
	if err == nil && r.State == ledger.Unknown && r.Fence == j.request.Fence && r.State.MayBecome(to) {
		return r, nil
	}
	return g.claimed(tx, j)
}

// mayStillSend is asked when the connection stands, just before the first
// byte.
func (g *Gate) mayStillSend(ctx context.Context, j *job) error {
	return g.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		r, err := g.claimed(tx, j)
		if err != nil {
			return err
		}
		if err := g.jumped(); err != nil {
			return err // the lease cannot be told from it
		}
		if !g.Now().Before(r.LeaseUntil) {
			return errNoLease
		}
		return nil
	})
}

// send makes the one call.
func (j *job) send(ctx context.Context, lastCheck func(context.Context) error) error {
	w, hook := j.account.Writer, vpsapi.BeforeSend(lastCheck)
	if j.op.Action == policy.Create {
		s, err := w.CreateServer(ctx, *j.op.Create, hook)
		j.sentTo, j.request.ServerStatus = s.ID, noted(s.Status)
		return err
	}
	id := j.shown.Server.ID
	j.sentTo = id
	switch j.op.Action {
	case policy.Update:
		return j.sendUpdate(ctx, id, hook)
	case policy.Delete:
		return w.DeleteServer(ctx, id, hook)
	}
	power := map[policy.Action]func(context.Context, vpsapi.ID, ...vpsapi.CallOption) (vpsapi.ActionResult, error){
		policy.Start: w.StartServer, policy.Stop: w.StopServer, policy.Reboot: w.RebootServer,
	}[j.op.Action]
	if power == nil {
		return &vpsapi.NotSentError{Operation: string(j.op.Action), Err: errors.New("no such action")}
	}
	result, err := power(ctx, id, hook)
	j.request.ServerStatus = noted(result.Server.Status)
	return err
}

func (j *job) sendUpdate(ctx context.Context, id vpsapi.ID, hook vpsapi.CallOption) error {
	u := j.op.Update
	if j.op.Replace {
		s, err := j.account.Writer.ReplaceServer(ctx, id, vpsapi.ReplaceServerParams{Name: *u.Name, Hostname: *u.Hostname, BackupsEnabled: *u.BackupsEnabled}, hook)
		j.request.ServerStatus = noted(s.Status)
		return err
	}
	s, err := j.account.Writer.UpdateServer(ctx, id, *u, hook)
	j.request.ServerStatus = noted(s.Status)
	return err
}

// outcomeOf tells what is certain. What is not certain is unknown.
func outcomeOf(err error) (ledger.State, string) {
	var notSent *vpsapi.NotSentError
	var refused *vpsapi.APIError
	var unknown *vpsapi.OutcomeUnknownError
	switch {
	case err == nil:
		return ledger.Succeeded, "the API took it"
	case errors.As(err, &unknown):
		return ledger.Unknown, "whether it happened is not known: " + told(err)
	case errors.As(err, &notSent):
		return ledger.Failed, undone("nothing was sent", err)
	case errors.As(err, &refused):
		return ledger.Failed, undone("the API refused it, and nothing was done", err)
	}
	return ledger.Unknown, fmt.Sprintf("whether it happened is not known: %v", err)
}

// isUnsent tells whether surely nothing has left: only then is a budget given
// back what the claim took.
func isUnsent(err error) bool {
	var notSent *vpsapi.NotSentError
	return errors.As(err, &notSent)
}

// conclude records the end of a claimed request.
func (g *Gate) conclude(ctx context.Context, j *job, to ledger.State, why string) error {
	return g.untilWritten(j.request.ID, func() error { return g.writeEnd(ctx, j, to, why) })
}

func (g *Gate) writeEnd(ctx context.Context, j *job, to ledger.State, why string) error {
	return g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		r, err := g.ownToEnd(tx, j, to)
		if err != nil {
			return err
		}
		r.ServerStatus = j.request.ServerStatus
		if to == ledger.Succeeded {
			if r.ServerID == "" {
				r.ServerID = j.sentTo.String()
			}
			if !settles(r.Action) {
				r.SettledAt = g.Now()
			}
		}
		if j.unsent {
			if err := tx.Refund(r.ID); err != nil {
				return err
			}
		}
		if r, err = g.move(tx, r, to, eventOutcome, why); err != nil {
			return err
		}
		j.request = r
		return nil
	})
}

// settles tells whether the server is still on its way when the API has taken
// the action.
func settles(a policy.Action) bool {
	switch a {
	case policy.Create, policy.Start, policy.Stop, policy.Reboot:
		return true
	}
	return false
}
