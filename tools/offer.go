package tools

import (
	"context"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
)

// action is what a changing tool asks for.
func (s spec) action() policy.Action {
	verb, _, _ := strings.Cut(s.name, "_")
	return policy.Action(verb)
}

// offered tells whether an actor could ever carry out a call of the tool. One
// that they could not is left out of their list; a call of it is still answered
// by the policy, which says why not.
func (t *toolset) offered(actor policy.Actor, s spec) bool {
	if s.reads != "" {
		return t.Desk.Granted(actor, s.reads)
	}
	return !s.changes || t.mayAsk(actor, s.action())
}

// mayAsk tells whether the actor may ask for an action at all.
func (t *toolset) mayAsk(actor policy.Actor, action policy.Action) bool {
	return !t.Desk.ReadOnly() && t.Desk.Granted(actor, action)
}

// hideTools leaves out of the list what the caller could not do anyway.
func (t *toolset) hideTools(ctx context.Context, _ any, _ *mcp.ListToolsRequest, result *mcp.ListToolsResult) {
	actor := actorFrom(ctx)
	hidden := make(map[string]bool)
	for _, s := range t.specs() {
		hidden[s.name] = !t.offered(actor, s)
	}
	kept := make([]mcp.Tool, 0, len(result.Tools))
	for _, tool := range result.Tools {
		if !hidden[tool.Name] {
			kept = append(kept, tool)
		}
	}
	result.Tools = kept
}

// offer is what a client is told of when it lists tools and prompts.
type offer struct {
	tools   uint16 // a bit a tool
	prompts uint8  // a bit a prompt
}

func (t *toolset) offerTo(actor policy.Actor) (o offer) {
	for i, s := range t.specs() {
		if t.offered(actor, s) {
			o.tools |= 1 << i
		}
	}
	for i, p := range prompts() {
		if t.promptOffered(actor, p) {
			o.prompts |= 1 << i
		}
	}
	return o
}
