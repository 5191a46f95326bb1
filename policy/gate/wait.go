package gate

import (
	"context"
	"errors"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

const (
	// watchAgain is the pause after a watch that failed.
	watchAgain = 5 * time.Second

	// appears is how long after the send of a create the API may not know the
	// server that it made. Nobody has seen it: that it is gone would be a guess.
	appears = time.Minute
)

// wait returns a request when it is settled, or as it is when ctx ends.
// progress, where given, is told of every change it sees.
func (g *Gate) wait(ctx context.Context, actor policy.Actor, id string, progress func(View)) (View, error) {
	return g.waitUntil(ctx, actor, id, progress, View.Settled)
}

// waitForCall waits no longer than until the API has answered, or a person is
// needed: for a clock that is off, too.
func (g *Gate) waitForCall(ctx context.Context, actor policy.Actor, id string) (View, error) {
	return g.waitUntil(ctx, actor, id, nil, func(v View) bool {
		return v.State != ledger.Approved && v.State != ledger.Executing || isHeldBack(v.Request)
	})
}

func (g *Gate) waitUntil(ctx context.Context, actor policy.Actor, id string, progress func(View), enough func(View) bool) (View, error) {
	changed, stop := g.Ledger.Watch(id)
	defer stop()
	for {
		// The answer must not fail because the waiting is over.
		v, err := g.view(context.WithoutCancel(ctx), actor, id)
		if err != nil || enough(v) {
			return v, err
		}
		if progress != nil {
			progress(v)
		}
		if v.Outcome == OutcomeAccepted {
			g.watchPatiently(ctx, v)
		}
		if ctx.Err() != nil {
			return g.view(context.WithoutCancel(ctx), actor, id)
		}
		if v.Outcome == OutcomeAccepted {
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return g.view(context.WithoutCancel(ctx), actor, id)
		}
	}
}

// watchPatiently is watchServer that takes its time where that fails: who waits
// looks again and again.
func (g *Gate) watchPatiently(ctx context.Context, v View) {
	err := g.watchServer(ctx, v)
	if err == nil || ctx.Err() != nil {
		return
	}
	g.Logger.Warn("the server of a request could not be watched", "request", v.ID, "error", err)
	pause(ctx, watchAgain)
}

// watchServer follows the server of an accepted action until it has arrived,
// its status changes, or ctx ends.
func (g *Gate) watchServer(ctx context.Context, v View) error {
	account, err := g.account(v.Account)
	if err != nil {
		return err
	}
	id, err := vpsapi.ParseID(v.ServerID)
	if err != nil {
		return err
	}
	s, err := account.Reader.WaitForStatus(ctx, id, vpsapi.WaitOptions{
		Until:   func(s vpsapi.Server) bool { return arrived(v.Action, s.Status) || noted(s.Status) != v.ServerStatus },
		Appears: g.mayAppear(v.Request),
	})
	var vanished *vpsapi.GoneError
	switch {
	case errors.As(err, &vanished):
		return g.noteStatus(context.WithoutCancel(ctx), v.ID, gone)
	case err == nil:
		return g.noteStatus(context.WithoutCancel(ctx), v.ID, noted(s.Status))
	}
	return err
}

// mayAppear is for how long yet the API may not know a server that it has made.
func (g *Gate) mayAppear(r ledger.Request) time.Duration {
	if r.Action != policy.Create {
		return 0
	}
	return max(0, appears-g.Now().Sub(r.SendingAt))
}

// refresh reads the server of an accepted action once; a second time where it is
// news that the API has it no more.
func (g *Gate) refresh(ctx context.Context, v View) {
	account, err := g.account(v.Account)
	if err != nil {
		return
	}
	id, err := vpsapi.ParseID(v.ServerID)
	if err != nil {
		return
	}
	s, err := account.Reader.GetServer(ctx, id)
	if errors.Is(err, vpsapi.ErrNotFound) && g.mayAppear(v.Request) > 0 {
		return
	}
	if errors.Is(err, vpsapi.ErrNotFound) && !v.Gone() {
		pause(ctx, settleFirst)
		s, err = account.Reader.GetServer(ctx, id)
	}
	switch {
	case errors.Is(err, vpsapi.ErrNotFound):
		err = g.noteStatus(ctx, v.ID, gone)
	case err == nil:
		err = g.noteStatus(ctx, v.ID, noted(s.Status))
	}
	if err != nil {
		g.Logger.Debug("the server of a request could not be looked at", "request", v.ID, "error", err)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
