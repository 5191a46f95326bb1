package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

// reasonArgument is shown to who confirms.
const reasonArgument = `"reason":{"type":"string","description":"shown to who confirms"}`

var createServer = spec{
	name: "create_server", title: "Create a server",
	description: "Order a new server: it costs money from then on. A person confirms, seeing the price. Take ids from list_options. Ready in 2-5 minutes: wait with get_request, don't create again.",
	input: `{"type":"object","properties":{` +
		`"name":{"type":"string","description":"letters, digits, hyphens"},` +
		`"plan_id":{"type":["integer","string"]},"os_id":{"type":["integer","string"]},` +
		`"location":{"type":"string"},"hostname":{"type":"string","description":"FQDN"},` +
		`"ssh_key_id":{"type":["integer","string"]},"backups_enabled":{"type":"boolean"},` + reasonArgument + `},` +
		`"required":["name","plan_id","os_id","location"],"additionalProperties":false}`,
	output: outcomeSchema, changes: true, account: true,
	run: (*toolset).createServer,
}

func (t *toolset) createServer(ctx context.Context, c call) *mcp.CallToolResult {
	p := &vpsapi.CreateServerParams{
		Name: c.args.text("name"), Location: c.args.text("location"),
		Hostname: c.args.text("hostname"), BackupsEnabled: c.args.flag("backups_enabled"),
	}
	if h := c.args.optional("hostname"); h != nil && *h == "" { // as update_server has it
		return notDone("hostname: is a full domain name, such as web01.example.com; for none leave it out.")
	}
	var key vpsapi.ID
	for _, id := range []struct {
		name string
		to   *vpsapi.ID
	}{{"plan_id", &p.PlanID}, {"os_id", &p.OSID}, {"ssh_key_id", &key}} {
		var err error
		if *id.to, err = c.args.id(id.name); err != nil {
			text := err.Error()
			if id.name != "ssh_key_id" { // the API lists no keys
				text += "; list_options shows the ids there are"
			}
			return notDone(text)
		}
	}
	if !key.IsZero() {
		p.SSHKeyID = &key
	}
	return t.change(ctx, c, gate.Operation{Action: policy.Create, Create: p})
}
