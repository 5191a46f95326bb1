package tools

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// hookSubscriptions has the library say who is there and what they want to be
// told of.
func (t *toolset) hookSubscriptions(hooks *server.Hooks) {
	hooks.AddOnRegisterSession(t.enrol)
	hooks.AddOnUnregisterSession(t.dismiss)
	hooks.AddOnRequestInitialization(t.admit)
	hooks.AddAfterSubscribe(t.subscribe)
	hooks.AddAfterUnsubscribe(t.unsubscribe)
	hooks.AddBeforeSubscriptionsListen(t.beginListening)
	hooks.AddAfterSubscriptionsListen(t.endListening)
}

// The older eras: a session is told when a list of its own changes, and of the
// resources that it has subscribed to one by one.

// enrol takes a session in.
func (t *toolset) enrol(ctx context.Context, session server.ClientSession) {
	s := &subscriber{actor: standingActor(ctx), session: session, tools: true, prompts: true}
	s.offer = t.offerTo(s.actor)
	t.watch.enrol(s)
}

func (t *toolset) dismiss(_ context.Context, session server.ClientSession) {
	t.watch.removeWhere(func(s *subscriber) bool { return s.session == session })
}

// admit refuses a subscription that could never be told of anything. The
// library takes every one.
func (t *toolset) admit(ctx context.Context, _ any, message any) error {
	text, ok := message.(json.RawMessage)
	if !ok || !MayName(text, mcp.MethodResourcesSubscribe) {
		return nil
	}
	var r struct {
		Method string `json:"method"`
		Params struct {
			URI  string    `json:"uri"`
			Meta *mcp.Meta `json:"_meta"`
		} `json:"params"`
	}
	// What can't be decoded is for the library to refuse, and so is a method that
	// the newer era no longer has.
	if _ = json.Unmarshal(text, &r); r.Method != string(mcp.MethodResourcesSubscribe) || mcp.IsModernProtocol(r.Params.Meta.ProtocolVersion()) {
		return nil
	}
	actor := actorFrom(ctx)
	if err := t.mayFollow(ctx, actor, r.Params.URI); err != nil {
		_, err = t.unread(ctx, actor, "", err)
		return err
	}
	if t.watch.full(server.ClientSessionFromContext(ctx)) {
		return fmt.Errorf("a session may subscribe to %d resources, and this one does: unsubscribe from some first", maxInterests)
	}
	return nil
}

func (t *toolset) subscribe(ctx context.Context, _ any, r *mcp.SubscribeRequest, _ *mcp.EmptyResult) {
	session := server.ClientSessionFromContext(ctx)
	s := t.watch.find(func(s *subscriber) bool { return s.session == session && s.subscription == nil })
	if s == nil { // a session that was never registered, or has just ended
		return
	}
	t.watch.add(s, t.baseline(ctx, s, []string{r.Params.URI})...)
}

func (t *toolset) unsubscribe(ctx context.Context, _ any, r *mcp.UnsubscribeRequest, _ *mcp.EmptyResult) {
	session := server.ClientSessionFromContext(ctx)
	t.watch.drop(func(i *interest) bool {
		return i.by.session == session && i.by.subscription == nil && i.uri == r.Params.URI
	})
}
