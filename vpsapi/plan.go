package vpsapi

import "encoding/json"

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
	Available    bool     `json:"available"` // false only where the API says that it can't be had now
	Locations    []string `json:"locations"` // datacenter codes where the plan is offered
	Description  string   `json:"description"`
}

// UnmarshalJSON reads the API's form. A plan of which the API does not say whether it can be had counts as available: "not sold"
// would be a word that nobody gave.
func (p *Plan) UnmarshalJSON(data []byte) error {
	*p = Plan{}
	if isNull(data) {
		return nil
	}
	type fields Plan
	read := fields{Available: true}
	err := json.Unmarshal(data, &read)
	*p = Plan(read)
	return err
}
