package tools

import (
	"context"
	"maps"
	"slices"

	"vpsops/internal/listing"
	"vpsops/policy"
)

// locations suggests where plans are offered and where servers stand.
func (c completions) locations(ctx context.Context, actor policy.Actor, account string, s *suggestions) error {
	f, err := c.fleetOf(actor, account)
	if err != nil {
		return err
	}
	known := make(map[string]bool)
	plans, _, err := listing.Plans(ctx, f.Reader, "")
	if err != nil {
		return err
	}
	for _, p := range plans {
		for _, l := range p.Locations {
			known[l] = true
		}
	}
	rows, err := f.Finder.Rows(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if !known[r.Location] && f.visible(r.Server()) {
			known[r.Location] = true
		}
	}
	for _, l := range slices.Sorted(maps.Keys(known)) {
		if s.takes(l) {
			s.add(l)
		}
	}
	return nil
}
