package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
)

// Plan is a plan as GET /plans/ shows it. Memory is in MB, storage and
// bandwidth in GB, prices in dollars.
type Plan struct {
	ID           int64       `json:"id"`
	Name         string      `json:"name"`
	Slug         string      `json:"slug"`
	VCPUs        int         `json:"vcpus"`
	Memory       int         `json:"memory"`
	Storage      int         `json:"storage"`
	Bandwidth    int         `json:"bandwidth"`
	PriceMonthly json.Number `json:"price_monthly"`
	PriceHourly  json.Number `json:"price_hourly"`
	Available    bool        `json:"available"`
	Locations    []string    `json:"locations"`
	Description  string      `json:"description"`
}

// System is an operating system.
type System struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Locations are the datacenters' codes.
func Locations() []string { return slices.Clone(locations) }

// Plans are the catalogue: the specification's two, and more of the sandbox's
// own. Prices are the sandbox's own throughout. Plan 4 is not to be had in
// us-east, plan 7 costs more than the default credit, plan 8 is not sold any
// more.
func Plans() []Plan {
	all := slices.Clone(plans)
	for i, p := range all {
		all[i] = clonePlan(p)
	}
	return all
}

func clonePlan(p Plan) Plan {
	p.Locations = slices.Clone(p.Locations)
	return p
}

// Systems are the operating systems that a create takes.
func Systems() []System { return slices.Clone(systems) }

var locations = []string{"us-west", "us-east", "eu-central"}

var plans = []Plan{
	{1, "Standard VPS", "standard", 2, 4096, 80, 2048, "12.00", "0.018", true, locations, "For websites and small applications"},
	{2, "Performance VPS", "performance", 4, 8192, 160, 4096, "24.00", "0.036", true, locations, "For databases and busy applications"},
	{3, "Starter VPS", "starter", 1, 2048, 40, 1024, "5.00", "0.007", true, locations, "For trying things out"},
	{4, "Memory VPS", "memory", 4, 32768, 200, 5120, "96.00", "0.143", true, []string{"us-west", "eu-central"}, "For caches and search"},
	{5, "Business VPS", "business", 8, 16384, 320, 6144, "48.00", "0.071", true, locations, "For several busy applications"},
	{6, "Enterprise VPS", "enterprise", 16, 65536, 640, 10240, "192.00", "0.286", true, locations, "For large workloads"},
	{7, "Dedicated Host", "dedicated", 64, 524288, 7680, 51200, "1440.00", "2.143", true, locations, "A whole machine"},
	{8, "Legacy VPS", "legacy", 1, 1024, 20, 512, "4.00", "0.006", false, locations, "No longer sold"},
}

var systems = []System{
	{3, "Debian 12"},
	{4, "Debian 13"},
	{5, "Ubuntu 22.04 LTS"},
	{6, "Ubuntu 24.04 LTS"},
	{7, "AlmaLinux 9"},
	{8, "Rocky Linux 9"},
}

func planByID(id int64) *Plan {
	i := slices.IndexFunc(plans, func(p Plan) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return &plans[i]
}

func systemByID(id int64) *System {
	i := slices.IndexFunc(systems, func(o System) bool { return o.ID == id })
	if i < 0 {
		return nil
	}
	return &systems[i]
}

func (s *Sandbox) listPlans(c *call) answer {
	found := []Plan{}
	for _, p := range plans {
		if l := c.query.Get("location"); l == "" || slices.Contains(p.Locations, l) {
			found = append(found, p)
		}
	}
	return reply(http.StatusOK, struct {
		Count   int    `json:"count"`
		Results []Plan `json:"results"`
	}{len(found), found})
}

func getPlan(id string) answer {
	p := planByID(parseID(id))
	if p == nil {
		return notFound()
	}
	return reply(http.StatusOK, p)
}
