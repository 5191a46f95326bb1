package tools

import (
	"context"
	"errors"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
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
	case errors.As(err, &late) && v.State == ledger.Cancelled: // as it was to be
	case errors.As(err, &late) && v.ID != "":
		o := t.describe(v)
		if o.Message = inert.Sentence(late.Error(), maxFault) + " " + o.Message; o.Outcome != gate.OutcomeDenied {
			o.Outcome = gate.OutcomeFailed
		}
		return o.result()
	case err != nil:
		return notDone(t.explain(ctx, c.actor, "", err))
	}
	o := t.describe(v)
	o.Outcome = gate.OutcomeSucceeded
	return o.result()
}
