package gate

import (
	"slices"

	"vpsops/internal/inert"
)

// OddName is the one of [View.Warnings] that a front end leaves out which marks
// the names themselves.
const OddName = "a name may not be what it looks like: it holds more than plain letters, digits and signs"

// HasOddName tells whether any name that the request is about, one that the
// server bore lately or is to get among them, may pass for another.
func (v View) HasOddName() bool { return slices.ContainsFunc(v.names(), inert.Suspicious) }

func (v View) names() []string {
	all := slices.Clone(v.Shown.FormerNames)
	for _, f := range []*Facts{v.Shown.Server, v.Shown.After} {
		if f != nil {
			all = append(all, f.Name, f.Hostname)
		}
	}
	for _, c := range v.Shown.Changes {
		if c.Field == "name" || c.Field == "hostname" {
			all = append(all, c.To)
		}
	}
	switch c := v.Operation.Create; {
	case v.Shown.Name() != "":
	case c != nil:
		all = append(all, c.Name, c.Hostname)
	default:
		all = append(all, v.Operation.Server.Text)
	}
	return all
}
