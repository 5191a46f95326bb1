package tools

import (
	"context"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
)

// drain is how long the transports are given to write the last notification
// before the answer: they forward notifications on goroutines of their own,
// and over HTTP drop one that they still hold when the answer comes.
const drain = 5 * time.Millisecond

// wait follows a request for as long as the call wants and the process lasts, and
// tells the client of every change where it asked to be told.
func (t *toolset) wait(ctx context.Context, c call, id string, limit time.Duration) (gate.View, error) {
	waiting, cancel := t.untilEnding(ctx)
	defer cancel()
	p := t.progress(ctx, c, limit)
	if p == nil {
		return t.Desk.Wait(waiting, c.actor, id, limit, nil)
	}
	v, err := t.Desk.Wait(waiting, c.actor, id, limit, p.tell)
	p.drain(ctx)
	return v, err
}

// progress sends notifications about one call. Desk.Wait calls it on one
// goroutine.
type progress struct {
	t     *toolset
	ctx   context.Context
	token mcp.ProgressToken
	limit time.Duration
	begin time.Time
	last  float64
	told  string // the last message
}

// progress is nil where the client did not ask for it.
func (t *toolset) progress(ctx context.Context, c call, limit time.Duration) *progress {
	meta := c.request.Params.Meta
	if meta == nil || meta.ProgressToken == nil {
		return nil
	}
	return &progress{t: t, ctx: ctx, token: meta.ProgressToken, limit: limit, begin: t.Now()}
}

// tell sends how a request stands, on a scale of the seconds waited; it must
// grow with each notification. What was said is not said again.
func (p *progress) tell(v gate.View) {
	message := progressMessage(v)
	if message == p.told {
		return
	}
	p.last = max(p.t.Now().Sub(p.begin).Seconds(), p.last+0.001)
	err := p.t.mcp.SendNotificationToClient(p.ctx, string(mcp.MethodNotificationProgress), map[string]any{
		"progressToken": p.token,
		"progress":      p.last,
		"total":         max(p.limit.Seconds(), p.last),
		"message":       message,
	})
	if err != nil {
		p.t.Logger.Debug("progress could not be sent", "request", v.ID, "error", err)
	}
	p.told = message
}

func (p *progress) drain(ctx context.Context) {
	if p.told == "" {
		return
	}
	select {
	case <-time.After(drain):
	case <-ctx.Done():
	}
}

func progressMessage(v gate.View) string {
	if v.Outcome == gate.OutcomeAccepted && v.ServerStatus != "" {
		return string(v.Action) + ": the server is " + inert.Name(v.ServerStatus, maxEcho)
	}
	return string(v.Action) + ": " + string(v.State)
}
