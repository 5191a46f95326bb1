package tools

import (
	"context"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/policy"
)

// Caller is who makes a call, as the transport has authenticated them. The
// zero Caller is nobody, who may do nothing.
type Caller struct {
	Identity policy.Identity
	ReadOnly bool // the credential carries no scope to change anything
	// Expires is when the credential lets nobody in any more, and what was opened
	// by it ends; zero if it doesn't say.
	Expires time.Time
}

// Call is what goes with a message beside its text: who sends it, and what there is
// to put right in its answer. All in one, since it is made for each message.
type Call struct {
	Caller     Caller
	Session    context.Context //nolint:containedctx // over when the caller has ended the session it is of; nil where it is of none
	Correction Correction
}

// Waiting is ctx for what only waits, for a person or a server: it is over when the
// caller has ended the session, too.
func Waiting(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if c := CallFrom(ctx); c != nil && c.Session != nil {
		stop := context.AfterFunc(c.Session, cancel)
		return ctx, func() { stop(); cancel() }
	}
	return ctx, cancel
}

type callKey struct{}

// WithCall returns a context for handling one message.
func WithCall(ctx context.Context, c *Call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// CallFrom returns what goes with the message of a context; nil where it has no
// caller.
func CallFrom(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	return c
}

// WithCaller returns a context whose messages are the caller's.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return WithCall(ctx, &Call{Caller: c})
}

func callerFrom(ctx context.Context) Caller {
	if c := CallFrom(ctx); c != nil {
		return c.Caller
	}
	return Caller{}
}

// correctionFrom is nil where nobody corrects the answer.
func correctionFrom(ctx context.Context) *Correction {
	if c := CallFrom(ctx); c != nil {
		return &c.Correction
	}
	return nil
}

// CallerFrom returns the caller of a context, for the transports.
func CallerFrom(ctx context.Context) Caller { return callerFrom(ctx) }

// actorFrom is the caller as the policy sees them.
func actorFrom(ctx context.Context) policy.Actor {
	actor := actorOfRead(ctx)
	actor.Client = clientName(ctx)
	return actor
}

// actorOfRead is the caller of what only reads servers: by which client is told of
// no read, and takes a while to find.
func actorOfRead(ctx context.Context) policy.Actor {
	c := callerFrom(ctx)
	return policy.Actor{Identity: c.Identity, Front: policy.MCP, ReadOnly: c.ReadOnly}
}

// clientName is what the client calls itself: a claim.
func clientName(ctx context.Context) string {
	var info mcp.Implementation
	if p := server.RequestProtocolInfoFromContext(ctx); p != nil && p.Modern {
		if p.ClientInfo != nil {
			info = *p.ClientInfo
		}
	} else if s, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo); ok {
		info = s.GetClientInfo()
	}
	if info.Version == "" {
		return info.Name
	}
	return info.Name + " " + info.Version
}

// canElicit tells whether the client says that it can show a form. Whether it
// does is another matter.
func canElicit(ctx context.Context) bool {
	capability := elicitation(ctx)
	// An empty capability is a form's, as in the revisions before there were
	// two modes.
	return capability != nil && (capability.Form != nil || capability.URL == nil)
}

// canOpenPages tells whether the client says that it opens pages for its
// person.
func canOpenPages(ctx context.Context) bool {
	capability := elicitation(ctx)
	return capability != nil && capability.URL != nil
}

// elicitation is what the client says of its dialogs; nil where it has none.
func elicitation(ctx context.Context) *mcp.ElicitationCapability {
	if p := server.RequestProtocolInfoFromContext(ctx); p != nil && p.Modern {
		if p.ClientCapabilities == nil {
			return nil
		}
		return p.ClientCapabilities.Elicitation
	}
	if s, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo); ok {
		return s.GetClientCapabilities().Elicitation
	}
	return nil
}
