package tools

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/vpsapi"
)

// maxSeen bounds how many servers are looked at for the systems in use.
const maxSeen = 1000

var listOptions = spec{
	name: "list_options", title: "What a new server can be made of",
	description: "Plans with prices, locations, and operating systems seen in use, for create_server.",
	input:       `{"type":"object","properties":{"location":{"type":"string","description":"only plans offered there"}},"additionalProperties":false}`,
	output: `{"type":"object","properties":{"plans":{"type":"array","items":{"type":"object"}},` +
		`"locations":{"type":"array","items":{"type":"string"}},"operating_systems":{"type":"array","items":{"type":"object"}},` +
		`"notes":{"type":"array","items":{"type":"string"}}},"required":["plans","locations","operating_systems"]}`,
	readOnly: true, idempotent: true, account: true,
	run: (*toolset).listOptions,
}

type options struct {
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
	account := c.args.text("account")
	fail := func(err error) *mcp.CallToolResult { return failure(t.explain(ctx, c.actor, account, err)) }
	fleet, err := t.fleetOf(c.actor, account)
	if err != nil {
		return fail(err)
	}
	g := gathered{systems: map[vpsapi.ID]string{}, locations: map[string]bool{}}
	plans, err := fleet.Reader.Plans(ctx, c.args.text("location"))
	switch {
	case errors.Is(err, vpsapi.ErrForbidden), errors.Is(err, vpsapi.ErrNotFound):
		g.note("This account's plans can't be listed: ids and prices are in the panel, and create_server takes any plan_id.")
	case err != nil:
		return fail(err)
	}
	g.addPlans(plans)
	if where := c.args.text("location"); where != "" && err == nil && len(plans) == 0 {
		g.note("No plan is offered in " + quote(where) + ".")
	}
	if err := g.addServers(ctx, fleet.Reader, fleet.visible); err != nil {
		return fail(err)
	}
	o := g.options()
	r := mcp.NewToolResultText(o.text())
	r.StructuredContent = o
	return r
}

// gathered is what plans and servers tell of the choices there are.
type gathered struct {
	plans     []planOption
	systems   map[vpsapi.ID]string
	locations map[string]bool
	notes     []string
}

func (g *gathered) note(text string) { g.notes = append(g.notes, text) }

func (g *gathered) addPlans(plans []vpsapi.Plan) {
	for _, p := range plans {
		o := planOption{
			ID: p.ID, Name: cell(p.Name), VCPUs: p.VCPUs, Memory: p.Memory, Storage: p.Storage,
			PriceMonthly: p.PriceMonthly, Available: p.Available, Locations: []string{},
		}
		for _, l := range p.Locations {
			o.Locations = append(o.Locations, cell(l))
			g.locations[cell(l)] = true
		}
		g.plans = append(g.plans, o)
	}
}

// addServers adds what the account's servers run: the API has no list of
// systems.
func (g *gathered) addServers(ctx context.Context, r *vpsapi.Reader, visible func(*vpsapi.Server) bool) error {
	seen := 0
	for s, err := range r.Servers(ctx, vpsapi.ServerFilter{}) {
		if err != nil {
			return err
		}
		if seen++; seen > maxSeen {
			g.note(fmt.Sprintf("Systems and locations are from the first %d servers.", maxSeen))
			break
		}
		if visible(&s) {
			g.systems[s.OS.ID] = cell(s.OS.Name)
			g.locations[cell(s.Location)] = true
		}
	}
	g.note("Other os_id values may exist; the panel lists them.")
	return nil
}

func (g *gathered) options() options {
	o := options{Plans: g.plans, Locations: slices.Sorted(maps.Keys(g.locations)), Systems: []systemRow{}, Notes: g.notes}
	if o.Plans == nil {
		o.Plans = []planOption{}
	}
	for id, name := range g.systems {
		o.Systems = append(o.Systems, systemRow{id, name})
	}
	slices.SortFunc(o.Systems, func(a, b systemRow) int { return strings.Compare(a.Name, b.Name) })
	return o
}

func (o options) text() string {
	var b strings.Builder
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
