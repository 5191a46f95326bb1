package tools

import (
	"context"
	"net/url"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/policy"
	"vpsops/vpsapi"
)

const maxInterests = 100 // resources that one session or listen stream subscribes to

// subscriber is one who is to be told: a session of the older eras, or a listen
// stream of the newer one.
type subscriber struct {
	actor          policy.Actor
	session        server.ClientSession
	subscription   any  // the listen request's id; nil in the older eras
	tools, prompts bool // wants to know when these lists change
	offer          offer
}

// standingActor is the caller for as long as they stay connected. What a token
// of the policy's may do is the policy's to say, and may change.
func standingActor(ctx context.Context) policy.Actor {
	actor := actorFrom(ctx)
	if actor.Identity.Kind == policy.BearerToken {
		actor.ReadOnly = false
	}
	return actor
}

// tell puts a notification into the client's queue. One whose queue is full has
// stopped reading, and what it was told before makes it look anyway.
func (s *subscriber) tell(method string, fields map[string]any) {
	if s.subscription == nil && !ofOlderEra(s.session) {
		return
	}
	n := mcp.JSONRPCNotification{JSONRPC: mcp.JSONRPC_VERSION, Notification: mcp.Notification{Method: method}}
	n.Params.AdditionalFields = fields
	if s.subscription != nil {
		n.Params.Meta = map[string]any{mcp.MetaKeySubscriptionID: s.subscription}
	}
	select {
	case s.session.NotificationChannel() <- n:
	default:
	}
}

// ofOlderEra tells whether a session was begun by a handshake. On stdio there
// is one session for whatever the client speaks.
func ofOlderEra(session server.ClientSession) bool {
	if s, ok := session.(server.SessionWithProtocolVersion); ok {
		return s.ProtocolVersion() != "" && !mcp.IsModernProtocol(s.ProtocolVersion())
	}
	return session.Initialized()
}

// kind is what a vps:// address names, by its host.
type kind string

const (
	kindServers  kind = "servers" // with an id, one of them
	kindRequests kind = "requests"
	kindPolicy   kind = "policy"
)

// resourceKey is a resource, however its address is written.
type resourceKey struct {
	kind        kind
	account, id string
}

// interest is one subscription to one resource.
type interest struct {
	resourceKey
	by   *subscriber
	uri  string         // as the client wrote it
	seen string         // what it last stood for; "" where that isn't known
	last *vpsapi.Server // of a server
}

// mayFollow reads the address of a resource that an actor subscribes to: what
// reading it refuses for its account is refused here, in the same words. A request
// that is none of their business is not told from one that there is not, and they
// are never told of it.
func (t *toolset) mayFollow(ctx context.Context, actor policy.Actor, uri string) error {
	key, err := t.keyOf(uri)
	if err != nil || key.kind != kindRequests {
		return err
	}
	a, err := addressOf(uri)
	if err != nil || a.account == "" {
		return err
	}
	v, err := t.Desk.Look(ctx, actor, key.id)
	if err != nil {
		return nil //nolint:nilerr // it may become theirs to see
	}
	return a.mustHold(v)
}

// keyOf reads the address of a resource that can be subscribed to.
func (t *toolset) keyOf(uri string) (resourceKey, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Path == "/" || !t.readable(uri) {
		return resourceKey{}, noResource(uri)
	}
	a, err := addressOf(uri)
	if err != nil {
		return resourceKey{}, err
	}
	if err := t.checkAccount(a); err != nil {
		return resourceKey{}, err
	}
	k := resourceKey{kind: kind(u.Host), id: a.id}
	if k.kind != kindServers {
		return k, nil
	}
	source, err := t.Desk.Source(a.account)
	if err != nil {
		return resourceKey{}, err
	}
	k.account = source.Account
	if k.id != "" {
		_, err = vpsapi.ParseID(k.id)
	}
	return k, err
}

// readable tells whether an address can be read, by what it looks like: what can't
// be is no resource to subscribe to either.
func (t *toolset) readable(uri string) bool {
	if uri == serversURI || uri == policyURI {
		return true
	}
	return slices.ContainsFunc(t.templates, func(r *mcp.ResourceTemplate) bool { return r.URITemplate.Regexp().MatchString(uri) })
}
