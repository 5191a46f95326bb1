package tools

import (
	"context"
	"slices"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/policy"
)

// The newer era: what a client wants to be told of stands in one request, which
// lasts as long as it does.

// beginListening takes up what a subscriptions/listen request asks for, as far
// as it can be had: the acknowledgement names just that.
func (t *toolset) beginListening(ctx context.Context, id any, r *mcp.SubscriptionsListenRequest) {
	session := server.ClientSessionFromContext(ctx)
	if session == nil {
		return
	}
	wants := &r.Params.Notifications
	actor := standingActor(ctx)
	wants.ResourceSubscriptions = t.subscribable(ctx, actor, wants.ResourceSubscriptions)
	s := &subscriber{
		actor: actor, session: session, subscription: id,
		tools: wants.ToolsListChanged, prompts: wants.PromptsListChanged,
	}
	s.offer = t.offerTo(s.actor)
	interests := t.baseline(ctx, s, wants.ResourceSubscriptions)
	begin := func() {
		t.watch.enrol(s)
		t.watch.add(s, interests...)
		context.AfterFunc(ctx, func() { t.watch.remove(s) })
	}
	if l, ok := session.(*listener); ok {
		s.session, l.acknowledged = l.ClientSession, begin
		return
	}
	begin()
}

// maxAddresses is how many addresses of one request are looked at: each may cost a
// look into the ledger.
const maxAddresses = 10 * maxInterests

// subscribable are those of the addresses that an actor may subscribe to.
func (t *toolset) subscribable(ctx context.Context, actor policy.Actor, uris []string) []string {
	kept := make([]string, 0, len(uris))
	for _, uri := range uris[:min(len(uris), maxAddresses)] {
		if len(kept) < maxInterests && !slices.Contains(kept, uri) && t.mayFollow(ctx, actor, uri) == nil {
			kept = append(kept, uri)
		}
	}
	return kept
}

// endListening takes the client out before its request is answered, and lets
// out what it was told before: over HTTP, the library loses a notification that
// it still holds when the answer comes (see drain).
func (t *toolset) endListening(ctx context.Context, id any, _ *mcp.SubscriptionsListenRequest, _ *mcp.SubscriptionsListenResult) {
	session := server.ClientSessionFromContext(ctx)
	if l, ok := session.(*listener); ok {
		select {
		case <-l.passed:
		case <-ctx.Done():
		}
		session = l.ClientSession
	}
	t.watch.removeWhere(func(s *subscriber) bool { return s.session == session && s.subscription == id })
	select {
	case <-time.After(drain):
	case <-ctx.Done():
	}
}
