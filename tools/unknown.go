package tools

import (
	"context"
	"errors"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/internal/nearest"
)

// noteUnknown words the library's errors about what there is not, so that they name
// the next step: what was likely meant, of what the caller is offered.
func (t *toolset) noteUnknown(ctx context.Context, _ any, _ mcp.MCPMethod, message any, err error) {
	c := correctionFrom(ctx)
	library := errors.Unwrap(err)
	if c == nil || library == nil {
		return
	}
	text := ""
	switch r := message.(type) {
	case *mcp.CallToolRequest:
		if errors.Is(err, server.ErrToolNotFound) {
			text = unknown("tool", r.Params.Name, toolMeant(r.Params.Name, t.offeredNames(ctx)), mcp.MethodToolsList)
		}
	case *mcp.GetPromptRequest:
		if errors.Is(err, server.ErrPromptNotFound) {
			text = unknown("prompt", r.Params.Name, nearest.Word(r.Params.Name, t.promptNames(ctx)), mcp.MethodPromptsList)
		}
	case *mcp.ReadResourceRequest:
		if errors.Is(err, server.ErrResourceNotFound) {
			text = noResource(r.Params.URI).Error()
		}
	}
	if text != "" {
		c.words.Store(&rewording{library.Error(), text})
	}
}

func unknown(kind, name, meant string, list mcp.MCPMethod) string {
	text := fmt.Sprintf("there is no %s %s.", kind, quote(name))
	if meant != "" {
		text += fmt.Sprintf(" Did you mean %s?", meant)
	}
	return text + fmt.Sprintf(" %s gives those there are.", list)
}

func (t *toolset) offeredNames(ctx context.Context) (names []string) {
	actor := actorFrom(ctx)
	for _, s := range t.specs() {
		if t.offered(actor, s) {
			names = append(names, s.name)
		}
	}
	return names
}

func (t *toolset) promptNames(ctx context.Context) (names []string) {
	actor := actorFrom(ctx)
	for _, p := range prompts() {
		if t.promptOffered(actor, p) {
			names = append(names, p.name)
		}
	}
	return names
}

// noResource refuses an address that nothing is at.
func noResource(uri string) error {
	return faultf("%s is no resource here: there are %s, %s/ID, vps://requests/ID and %s", quote(uri), serversURI, serversURI, policyURI)
}
