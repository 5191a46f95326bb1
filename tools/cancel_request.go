package tools

import (
	"context"
	"errors"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
)

var cancelRequest = spec{
	name: "cancel_request", title: "Take back a request",
	description: "Take back a change of your own that still waits.",
	input:       `{"type":"object","properties":{` + requestArgument + `},"required":["request_id"],"additionalProperties":false}`,
	output:      outcomeSchema, idempotent: true,
	run: (*toolset).cancelRequest,
}

func (t *toolset) cancelRequest(ctx context.Context, c call) *mcp.CallToolResult {
	v, err := t.Desk.Cancel(ctx, c.actor, c.args.text("request_id"))
	var late *gate.TooLateError
	switch {
	case errors.As(err, &late) && v.ID != "":
		o := t.describe(v)
		o.Outcome, o.Message = gate.OutcomeFailed, inert.Sentence(late.Error(), maxFault)+" "+o.Message
		return o.result()
	case err != nil:
		return notDone(t.explain(ctx, c.actor, "", err))
	}
	o := t.describe(v)
	o.Outcome = gate.OutcomeSucceeded
	return o.result()
}
