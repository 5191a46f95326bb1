package tools

import (
	"context"
	"errors"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

// serverArgument is how a tool takes a server.
const serverArgument = `"server":{"type":["integer","string"],"description":"id, or exact name, hostname or address"}`

var getServer = spec{
	name: "get_server", title: "Show a server",
	description: "Everything about one server as it is now, with its load. To wait for a change use get_request; don't poll this.",
	input:       `{"type":"object","properties":{` + serverArgument + `},"required":["server"],"additionalProperties":false}`,
	output: `{"type":"object","properties":{"id":{"type":["integer","string"]},"name":{"type":"string"},"status":{"type":"string"}},` +
		`"required":["id","name","status"]}`,
	reads: policy.Get, readOnly: true, idempotent: true, account: true, oneRead: true, quiet: true,
	run: (*toolset).getServer,
}

func (t *toolset) getServer(ctx context.Context, c call) *mcp.CallToolResult {
	account := c.args.text("account")
	server, err := t.readServer(ctx, c.actor, account, c.args.server())
	if err != nil {
		return failure(t.explain(ctx, c.actor, account, err))
	}
	shown := showServer(&server)
	if t.accounts != nil {
		shown = shown.in(t.named(account))
	}
	r := mcp.NewToolResultText(shown.text())
	r.StructuredContent = shown.structured
	return r
}

// readServer finds a server and reads it fresh.
func (t *toolset) readServer(ctx context.Context, actor policy.Actor, account string, ref gate.Ref) (vpsapi.Server, error) {
	// Who may read none learns nothing of this one.
	if err := t.Desk.MayRead(actor, policy.Get, account, nil); err != nil {
		return vpsapi.Server{}, err
	}
	source, err := t.Desk.Source(account)
	if err != nil {
		return vpsapi.Server{}, err
	}
	server, err := findAndRead(ctx, source, ref, vpsapi.FindOptions{KnownID: ref.IsID})
	if !ref.IsID && hasMovedOn(server, err, ref.Text) {
		server, err = findAndRead(ctx, source, ref, vpsapi.FindOptions{Fresh: true})
	}
	if err != nil {
		return vpsapi.Server{}, err
	}
	return server, t.Desk.MayRead(actor, policy.Get, source.Account, &server)
}

func findAndRead(ctx context.Context, source gate.Source, ref gate.Ref, how vpsapi.FindOptions) (vpsapi.Server, error) {
	id, err := source.Finder.Find(ctx, ref.Text, how)
	if err != nil {
		return vpsapi.Server{}, err
	}
	return source.Reader.GetServer(ctx, id)
}

// hasMovedOn tells whether a server that a list a few seconds old found is gone
// by now, or called otherwise.
func hasMovedOn(s vpsapi.Server, err error, ref string) bool {
	var refused *vpsapi.APIError
	if errors.As(err, &refused) {
		return errors.Is(refused, vpsapi.ErrNotFound)
	}
	return err == nil && !slices.Contains([]string{s.ID.String(), s.Name, s.Hostname, s.IPAddress}, ref)
}
