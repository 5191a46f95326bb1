package tools

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/internal/listing"
	"vpsops/policy"
	"vpsops/vpsapi"
)

var listOptions = spec{
	name: "list_options", title: "What a new server can be made of",
	description: "Plans with prices, locations, and operating systems seen in use, for create_server.",
	input:       `{"type":"object","properties":{"location":{"type":"string","description":"only plans offered there"}},"additionalProperties":false}`,
	output: `{"type":"object","properties":{"plans":{"type":"array","items":{"type":"object"}},` +
		`"locations":{"type":"array","items":{"type":"string"}},"operating_systems":{"type":"array","items":{"type":"object"}},` +
		`"notes":{"type":"array","items":{"type":"string"}}},"required":["plans","locations","operating_systems"]}`,
	reads: policy.List, readOnly: true, idempotent: true, account: true, quiet: true,
	run: (*toolset).listOptions,
}

type options struct {
	Account   string       `json:"account,omitempty"` // where there are several
	Plans     []planOption `json:"plans"`
	Locations []string     `json:"locations"`
	Systems   []systemRow  `json:"operating_systems"`
	Notes     []string     `json:"notes,omitempty"`
}

type planOption struct {
	ID           vpsapi.ID    `json:"id"`
	Name         string       `json:"name"`
	VCPUs        int64        `json:"vcpus"`
	Memory       int64        `json:"memory"`  // MB
	Storage      int64        `json:"storage"` // GB
	PriceMonthly vpsapi.Price `json:"price_monthly"`
	Available    bool         `json:"available"`
	Locations    []string     `json:"locations"`
}

type systemRow struct {
	ID   vpsapi.ID `json:"id"`
	Name string    `json:"name"`
}

func (t *toolset) listOptions(ctx context.Context, c call) *mcp.CallToolResult {
	account, where := c.args.text("account"), c.args.text("location")
	fleet, err := t.fleetOf(c.actor, account)
	if err != nil {
		return failure(t.explain(ctx, c.actor, account, err))
	}
	found, err := listing.ReadChoices(ctx, fleet.Reader, where, fleet.visible)
	if err != nil {
		return failure(t.explain(ctx, c.actor, account, err))
	}
	o := optionsOf(found, where)
	o.Account = t.named(account)
	r := mcp.NewToolResultText(o.text(t.lookedIn(account)))
	r.StructuredContent = o
	return r
}

// optionsOf are the choices, their texts inert, with what is to be known of
// them.
func optionsOf(c listing.Choices, where string) options {
	o := options{Plans: []planOption{}, Locations: cells(c.Locations), Systems: []systemRow{}}
	for _, p := range c.Plans {
		o.Plans = append(o.Plans, planOption{
			ID: p.ID, Name: cell(p.Name), VCPUs: p.VCPUs, Memory: p.Memory, Storage: p.Storage,
			PriceMonthly: p.PriceMonthly, Available: p.Available, Locations: cells(p.Locations),
		})
	}
	for _, s := range c.Systems {
		o.Systems = append(o.Systems, systemRow{s.ID, cell(s.Name)})
	}
	switch {
	case c.Unlisted:
		o.Notes = append(o.Notes, "This account's plans can't be listed: ids and prices are in the panel, and create_server takes any plan_id.")
	case where != "" && len(c.Plans) == 0:
		note := "No plan is offered in " + quote(where) + "."
		if !slices.Contains(c.Locations, where) {
			note += c.Meant(where)
		}
		o.Notes = append(o.Notes, note)
	}
	if c.Cut {
		o.Notes = append(o.Notes, fmt.Sprintf("Systems and locations are from the first %d servers.", listing.MaxSeen))
	}
	o.Notes = append(o.Notes, "Other os_id values may exist; the panel lists them.")
	return o
}

func cells(texts []string) []string {
	inert := make([]string, len(texts))
	for i, text := range texts {
		inert[i] = cell(text)
	}
	return inert
}

func (o options) text(where string) string {
	var b strings.Builder
	if where != "" {
		b.WriteString("what there is" + where + "\n")
	}
	if len(o.Plans) > 0 {
		b.WriteString("plan_id\tname\tvCPU\tMB\tGB\tprice/month\tlocations\n")
	}
	for _, p := range o.Plans {
		where := strings.Join(p.Locations, ",")
		if !p.Available {
			where = "not available"
		}
		fmt.Fprintf(&b, "%s\t%s\t%d\t%d\t%d\t%s\t%s\n", p.ID, p.Name, p.VCPUs, p.Memory, p.Storage, p.PriceMonthly, where)
	}
	b.WriteString("os_id\tname\n")
	for _, s := range o.Systems {
		fmt.Fprintf(&b, "%s\t%s\n", s.ID, s.Name)
	}
	fmt.Fprintf(&b, "locations: %s\n%s\n", strings.Join(o.Locations, ", "), strings.Join(o.Notes, " "))
	return b.String()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
