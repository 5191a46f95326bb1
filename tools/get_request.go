package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy/gate"
)

const requestArgument = `"request_id":{"type":"string"}`

var getRequest = spec{
	name: "get_request", title: "Follow a request",
	description: "How a change stands; with wait_seconds, waits for the vote or for the server. Use it after pending, accepted or unknown, instead of asking again.",
	input:       `{"type":"object","properties":{` + requestArgument + `,` + waitArgument + `},"required":["request_id"],"additionalProperties":false}`,
	output:      outcomeSchema, readOnly: true, idempotent: true,
	run: (*toolset).getRequest,
}

func (t *toolset) getRequest(ctx context.Context, c call) *mcp.CallToolResult {
	v, err := t.follow(ctx, c)
	if err != nil {
		return notDone(t.explain(ctx, c.actor, "", err))
	}
	return t.describe(v).found()
}

// follow looks at the request, or waits: that answers how it stands even to a
// call that is over before it has begun.
func (t *toolset) follow(ctx context.Context, c call) (gate.View, error) {
	id := c.args.text("request_id")
	if wait := c.args.wait(); wait > 0 {
		return t.wait(ctx, c, id, wait)
	}
	return t.Desk.Request(ctx, c.actor, id)
}
