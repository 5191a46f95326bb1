package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
	"vpsops/policy/gate"
)

var deleteServer = spec{
	name: "delete_server", title: "Delete a server",
	description: "Destroy a server and its data for good; only on the user's plain wish. A person confirms it on the confirmation page by typing the name, never in the chat. server_id and name must agree.",
	input: `{"type":"object","properties":{"server_id":{"type":["integer","string"]},"name":{"type":"string"},` + reasonArgument + `},` +
		`"required":["server_id","name"],"additionalProperties":false}`,
	output: outcomeSchema, destructive: true, changes: true, account: true,
	run: (*toolset).deleteServer,
}

func (t *toolset) deleteServer(ctx context.Context, c call) *mcp.CallToolResult {
	id, err := c.args.id("server_id")
	if err != nil {
		return notDone(err.Error())
	}
	return t.change(ctx, c, gate.Operation{
		Action: policy.Delete, Server: gate.Ref{Text: id.String(), IsID: true}, Name: c.args.text("name"),
	})
}
