package tools

import (
	"context"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/internal/listing"
)

const (
	serversURI = "vps://servers"
	maxListed  = 200 // rows of a resource, as many as list_servers gives at once
)

// addServers offers the list of servers, for a client that keeps it at hand.
func (t *toolset) addServers() {
	const name, description = "Servers", "The servers that you may see, the first 200; list_servers filters and pages."
	t.mcp.AddResource(mcp.NewResource(serversURI, name,
		mcp.WithResourceDescription(description), mcp.WithMIMEType(mimeJSON),
	), t.bounded(t.readServers))
	if len(t.Desk.Accounts()) > 1 {
		t.addTemplate(mcp.NewResourceTemplate(t.addressed(serversURI), "Servers of an account",
			mcp.WithTemplateDescription(description), mcp.WithTemplateMIMEType(mimeJSON),
		), t.bounded(t.readServers))
	}
}

func (t *toolset) readServers(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	actor := actorFrom(ctx)
	a, err := addressOf(r.Params.URI)
	if err != nil {
		return t.unread(ctx, actor, "", err)
	}
	f, err := t.fleetOf(actor, a.account)
	if err != nil {
		return t.unread(ctx, actor, a.account, err)
	}
	found, err := listing.Window{Reader: f.Reader, Limit: maxListed, Visible: f.visible}.Read(ctx)
	if err != nil {
		return t.unread(ctx, actor, a.account, err)
	}
	told := struct {
		Account string      `json:"account,omitempty"` // where there are several
		Servers []serverRow `json:"servers"`
		Total   int         `json:"total"`
		Note    string      `json:"note,omitempty"`
	}{Account: t.named(a.account), Servers: rowsOf(found.Servers), Total: found.Total}
	if rest := found.Total - len(found.Servers); rest > 0 {
		told.Note = fmt.Sprintf("%d more: list_servers filters and pages.", rest)
	}
	return contents(r.Params.URI, told)
}
