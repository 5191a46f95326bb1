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
// would be a word that nobody gave. A size that isn't whole is rounded, as a server's is.
func (p *Plan) UnmarshalJSON(data []byte) error {
	*p = Plan{}
	if isNull(data) {
		return nil
	}
	p.Available = true
	return eachField(data, p.decodeField)
}

func (p *Plan) decodeField(key []byte, raw json.RawMessage) error {
	switch string(key) {
	case "id":
		return p.ID.UnmarshalJSON(raw)
	case "name":
		return decodeString(raw, &p.Name)
	case "slug":
		return decodeString(raw, &p.Slug)
	case "vcpus":
		return decodeInt(raw, &p.VCPUs)
	case "memory":
		return decodeInt(raw, &p.Memory)
	case "storage":
		return decodeInt(raw, &p.Storage)
	case "bandwidth":
		return decodeInt(raw, &p.Bandwidth)
	case "price_monthly":
		return p.PriceMonthly.UnmarshalJSON(raw)
	case "price_hourly":
		return p.PriceHourly.UnmarshalJSON(raw)
	case "available":
		var said *bool
		err := decodeBool(raw, &said)
		p.Available = said == nil || *said
		return err
	case "locations":
		p.Locations = nil
		return json.Unmarshal(raw, &p.Locations)
	case "description":
		return decodeString(raw, &p.Description)
	}
	return nil
}
