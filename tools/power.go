package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
	"vpsops/policy/gate"
)

const (
	waitArgument = `"` + waitName + `":{"type":"integer","minimum":0,"maximum":50,"description":"wait for the vote and the server"}`
	powerInput   = `{"type":"object","properties":{` + serverArgument + `,` + reasonArgument + `,` + waitArgument + `},` +
		`"required":["server"],"additionalProperties":false}`
)

// power is what start, stop and reboot share: all but the action.
func power(action policy.Action) func(*toolset, context.Context, call) *mcp.CallToolResult {
	return func(t *toolset, ctx context.Context, c call) *mcp.CallToolResult {
		return t.change(ctx, c, gate.Operation{Action: action, Server: c.args.server()})
	}
}
