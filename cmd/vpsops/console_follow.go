package main

import (
	"context"
	"fmt"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
)

// How long a server is waited for once the API has taken a command. Stories have
// less time.
var (
	settleTime = 10 * time.Minute // the slowest, a create, takes 2 to 5 minutes
	restTime   = time.Minute      // while it rests where the command does not lead
)

// follow waits for votes and for the server, and says how it goes. It gives up by
// itself, or is told to end.
func (t *console) follow(ctx context.Context, v gate.View) (now gate.View, gaveUp bool) {
	bounded, giveUp := context.WithCancel(ctx)
	defer giveUp()
	watch := newStopwatch(t.err, v, giveUp)
	defer watch.stop()
	now, err := t.desk.Wait(bounded, t.actor, v.ID, limitOf(v)+settleTime+restTime, watch.note)
	if err != nil {
		t.core.logger.Error("a request could not be followed", "request", v.ID, "error", err)
		return v, false
	}
	return now, ctx.Err() == nil
}

// limitOf is how long a request is waited for while it stands so.
func limitOf(v gate.View) time.Duration {
	switch {
	case v.State.Open():
		return time.Until(v.ExpiresAt) + settleTime
	case v.Astray():
		return restTime
	}
	return settleTime
}

// sayStuck says loudly that a server was given up that has not arrived.
func (t *console) sayStuck(v gate.View) {
	if v.Astray() {
		fmt.Fprintf(t.err, "! It has been %s for %s, and is waited for no longer. Look at it with: show id:%s.\n", inert.Text(v.ServerStatus, 40), restTime, v.ServerID)
		return
	}
	fmt.Fprintf(t.err, "! It has not arrived after %s. Look at it with: show id:%s, then stop or start it.\n", settleTime, v.ServerID)
}
