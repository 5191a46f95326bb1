package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

var updateServer = spec{
	name: "update_server", title: "Change a server's settings",
	description: "Change a server's name, hostname or backups; what is left out stays. A person confirms, a rename only on the confirmation page. replace sends all three (PUT).",
	input: `{"type":"object","properties":{` + serverArgument + `,` +
		`"name":{"type":"string"},"hostname":{"type":"string"},"backups_enabled":{"type":"boolean"},` +
		`"replace":{"type":"boolean"},` + reasonArgument + `},"required":["server"],"additionalProperties":false}`,
	output: outcomeSchema, destructive: true, idempotent: true, changes: true, account: true,
	run: (*toolset).updateServer,
}

func (t *toolset) updateServer(ctx context.Context, c call) *mcp.CallToolResult {
	replace := c.args.flag("replace")
	return t.change(ctx, c, gate.Operation{
		Action: policy.Update, Server: c.args.server(),
		Replace: replace != nil && *replace,
		Update: &vpsapi.UpdateServerParams{
			Name: c.args.optional("name"), Hostname: c.args.optional("hostname"), BackupsEnabled: c.args.flag("backups_enabled"),
		},
	})
}
