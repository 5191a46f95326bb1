package tools

import (
	"context"

	"vpsops/internal/listing"
	"vpsops/policy"
)

// plans suggests the plans that can be had, by name; an id finds its plan too.
func (c completions) plans(ctx context.Context, actor policy.Actor, account string, s *suggestions) error {
	f, err := c.fleetOf(actor, account)
	if err != nil {
		return err
	}
	plans, _, err := listing.Plans(ctx, f.Reader, "")
	for _, p := range plans {
		if p.Available && s.takes(p.ID.String(), p.Name) {
			s.add(p.Name)
		}
	}
	return err
}
