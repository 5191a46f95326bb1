package tools

import (
	"context"
	"errors"

	"vpsops/policy"
	"vpsops/vpsapi"
)

// plans suggests the plans that can be had, by name; an id finds its plan too.
func (c completions) plans(ctx context.Context, actor policy.Actor, account string, s *suggestions) error {
	f, err := c.fleetOf(actor, account)
	if err != nil {
		return err
	}
	plans, err := readPlans(ctx, f)
	for _, p := range plans {
		if p.Available && s.takes(p.ID.String(), p.Name) {
			s.add(p.Name)
		}
	}
	return err
}

// readPlans reads the plans; a token that may not list them has none.
func readPlans(ctx context.Context, f fleet) ([]vpsapi.Plan, error) {
	plans, err := f.Reader.Plans(ctx, "")
	if errors.Is(err, vpsapi.ErrForbidden) || errors.Is(err, vpsapi.ErrNotFound) {
		return nil, nil
	}
	return plans, err
}
