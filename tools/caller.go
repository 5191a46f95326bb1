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

// WithCaller returns a context whose messages are the caller's.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return WithEnvelope(ctx, &Envelope{Caller: c})
}

func callerFrom(ctx context.Context) Caller {
	if e := EnvelopeFrom(ctx); e != nil {
		return e.Caller
	}
	return Caller{}
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
