package vpsapi

// Plan is what a server can be made of, with its price.
//
// Never know a plan by its number: the API's pages disagree about what plan 1 is.
type Plan struct {
	ID           ID       `json:"id"`
	Name         string   `json:"name"`
	Slug         string   `json:"slug"`
	VCPUs        int64    `json:"vcpus"`
	Memory       int64    `json:"memory"`    // MB
	Storage      int64    `json:"storage"`   // GB
	Bandwidth    int64    `json:"bandwidth"` // GB a month
	PriceMonthly Price    `json:"price_monthly"`
	PriceHourly  Price    `json:"price_hourly"`
	Available    bool     `json:"available"`
	Locations    []string `json:"locations"` // datacenter codes where the plan is offered
	Description  string   `json:"description"`
}
