package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy/gate"
)

const serverURI = serversURI + "/{id}"

// addServer offers each server by its id: names move from one to another, and
// an address that is kept must not.
func (t *toolset) addServer() {
	t.addTemplate(mcp.NewResourceTemplate(t.addressed(serverURI), "Server",
		mcp.WithTemplateDescription("Everything about the server with this id, read now."), mcp.WithTemplateMIMEType(mimeJSON),
	), t.bounded(t.readServerResource))
}

func (t *toolset) readServerResource(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	actor := actorFrom(ctx)
	a, err := addressOf(r.Params.URI)
	if err != nil {
		return t.unread(ctx, actor, "", err)
	}
	if a.id == "" {
		return t.unread(ctx, actor, "", noResource(r.Params.URI))
	}
	s, err := t.readServer(ctx, actor, a.account, gate.Ref{Text: a.id, IsID: true})
	if err != nil {
		return t.unread(ctx, actor, a.account, err)
	}
	shown := showServer(&s)
	if t.accounts != nil {
		shown = shown.in(t.named(a.account))
	}
	return contents(r.Params.URI, shown.structured)
}
