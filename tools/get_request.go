package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
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
	id := c.args.text("request_id")
	v, err := t.Desk.Request(ctx, c.actor, id)
	if wait := c.args.wait(); err == nil && wait > 0 && !v.Settled() {
		v, err = t.wait(ctx, c, id, wait)
	}
	if err != nil {
		return notDone(t.explain(ctx, c.actor, "", err))
	}
	return t.describe(v).found()
}
