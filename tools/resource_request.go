package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy/gate"
)

const requestURI = "vps://requests/{id}"

// addRequest offers each request to its asker, as get_request tells it.
func (t *toolset) addRequest() {
	t.addTemplate(mcp.NewResourceTemplate(t.addressed(requestURI), "Request",
		mcp.WithTemplateDescription("How a change stands that was asked for. get_request also waits for it."), mcp.WithTemplateMIMEType(mimeJSON),
	), t.bounded(t.readRequest))
}

func (t *toolset) readRequest(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	actor := actorFrom(ctx)
	a, err := addressOf(r.Params.URI)
	if err != nil {
		return t.unread(ctx, actor, "", err)
	}
	if a.id == "" {
		return t.unread(ctx, actor, "", noResource(r.Params.URI))
	}
	if err := t.checkAccount(a); err != nil {
		return t.unread(ctx, actor, "", err)
	}
	v, err := t.Desk.Request(ctx, actor, a.id)
	if err == nil {
		err = a.mustHold(v)
	}
	if err != nil {
		return t.unread(ctx, actor, "", err)
	}
	return contents(r.Params.URI, t.describe(v))
}

// mustHold is gate.ErrNotFound for a request in another account than the address
// names.
func (a address) mustHold(v gate.View) error {
	if a.account != "" && a.account != v.Account {
		return gate.ErrNotFound
	}
	return nil
}
