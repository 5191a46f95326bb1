package gate

import (
	"context"
	"errors"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// watchAgain is the pause after a watch that failed.
const watchAgain = 5 * time.Second

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
	last := vpsapi.Status(v.ServerStatus)
	s, err := account.Reader.WaitForStatus(ctx, id, vpsapi.WaitOptions{
		Until: func(s vpsapi.Server) bool { return arrived(v.Action, s.Status) || s.Status != last },
	})
	var vanished *vpsapi.GoneError
	switch {
	case errors.As(err, &vanished):
		return g.noteStatus(context.WithoutCancel(ctx), v.ID, gone)
	case err == nil:
		return g.noteStatus(context.WithoutCancel(ctx), v.ID, s.Status)
	}
	return err
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
	if errors.Is(err, vpsapi.ErrNotFound) && !v.Gone() {
		pause(ctx, settleFirst)
		s, err = account.Reader.GetServer(ctx, id)
	}
	switch {
	case errors.Is(err, vpsapi.ErrNotFound):
		err = g.noteStatus(ctx, v.ID, gone)
	case err == nil:
		err = g.noteStatus(ctx, v.ID, s.Status)
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
