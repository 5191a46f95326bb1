package tools

import (
	"context"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/internal/listing"
	"vpsops/policy"
	"vpsops/vpsapi"
)

const defaultLimit = 50

var listServers = spec{
	name: "list_servers", title: "List servers",
	description: "Table of servers, for an overview or to find an id. Filter rather than page; for one known server use get_server.",
	input: `{"type":"object","properties":{` +
		`"status":{"type":"string","enum":["active","stopped","suspended"]},` +
		`"location":{"type":"string","description":"datacenter code"},` +
		`"query":{"type":"string","description":"part of name, hostname or address"},` +
		`"limit":{"type":"integer","minimum":1,"maximum":200,"default":50},` +
		`"cursor":{"type":"string","description":"next_cursor of the page before, same filters"}},` +
		`"additionalProperties":false}`,
	output: `{"type":"object","properties":{"servers":{"type":"array","items":{"type":"object","properties":{` +
		`"id":{"type":["integer","string"]},"name":{"type":"string"},"hostname":{"type":"string"},"status":{"type":"string"},` +
		`"ip_address":{"type":["string","null"]},"location":{"type":"string"},"plan":{"type":"string"},"os":{"type":"string"}},` +
		`"required":["id","name","status"]}},"total":{"type":"integer"},"next_cursor":{"type":"string"}},"required":["servers","total"]}`,
	reads: policy.List, readOnly: true, idempotent: true, account: true, quiet: true,
	run: (*toolset).listServers,
}

// serverList is a page of servers.
type serverList struct {
	Account    string      `json:"account,omitempty"` // where there are several
	Servers    []serverRow `json:"servers"`
	Total      int         `json:"total"` // that the filters take
	NextCursor string      `json:"next_cursor,omitempty"`
}

func (t *toolset) listServers(ctx context.Context, c call) *mcp.CallToolResult {
	account := c.args.text("account")
	fleet, err := t.fleetOf(c.actor, account)
	if err != nil {
		return failure(t.explain(ctx, c.actor, account, err))
	}
	w := listing.Window{
		Reader:  fleet.Reader,
		Filter:  vpsapi.ServerFilter{Status: vpsapi.Status(c.args.text("status")), Location: c.args.text("location")},
		Query:   strings.ToLower(strings.TrimSpace(c.args.text("query"))),
		Limit:   c.args.integer("limit", defaultLimit),
		Visible: fleet.visible,
	}
	filters := digestOf(fleet.Account, string(w.Filter.Status), w.Filter.Location, w.Query)
	if w.Offset, err = openCursor(c.args.text("cursor"), filters); err != nil {
		return failure(t.explain(ctx, c.actor, account, err))
	}
	found, err := w.Read(ctx)
	if err != nil {
		return failure(t.explain(ctx, c.actor, account, err))
	}
	list := serverList{Account: t.named(account), Servers: rowsOf(found.Servers), Total: found.Total}
	if found.Next > 0 {
		list.NextCursor = sealCursor(found.Next, filters)
	}
	text := list.text(w.Offset, t.lookedIn(account))
	if found.Total == 0 && w.Filter.Location != "" {
		text = strings.TrimSpace(text + " " + listing.Nowhere(ctx, fleet.Reader, w.Filter.Location, fleet.visible))
	}
	r := mcp.NewToolResultText(text)
	r.StructuredContent = list
	return r
}

// text is the page as a table.
func (l serverList) text(offset int, where string) string {
	if len(l.Servers) == 0 {
		return fmt.Sprintf("No servers here; %d in total with these filters%s.", l.Total, where)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d to %d of %d%s\n", offset+1, offset+len(l.Servers), l.Total, where)
	writeTable(&b, l.Servers)
	if l.NextCursor != "" {
		fmt.Fprintf(&b, "more: cursor %s\n", l.NextCursor)
	}
	return b.String()
}
