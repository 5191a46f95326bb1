package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vpsops/internal/inert"
	"vpsops/internal/nearest"
	"vpsops/vpsapi"
)

// planRead is a plan, as far as it could be read.
type planRead struct {
	vpsapi.Plan
	known  bool
	hidden bool // the account may not read plans
}

func (a *Account) plan(ctx context.Context, id vpsapi.ID) (p planRead, err error) {
	p.Plan, err = a.Reader.GetPlan(ctx, id)
	switch {
	case errors.Is(err, vpsapi.ErrForbidden):
		return planRead{hidden: true}, nil
	case errors.Is(err, vpsapi.ErrNotFound):
		return planRead{}, nil
	}
	p.known = err == nil
	return p, err
}

// monthly is the price, or "" where it isn't known.
func (p planRead) monthly() string {
	if !p.known || !p.PriceMonthly.Known() {
		return ""
	}
	return p.PriceMonthly.String()
}

// warnOfChoices warns of a plan and a location that the API would likely refuse.
// They are asked for all the same: what can be had may be more than is listed. standing
// are the locations in which servers stand.
func (f *frozen) warnOfChoices(ctx context.Context, plan planRead, standing map[string]bool) error {
	c := f.op.Create
	warn := func(format string, a ...any) {
		f.shown.Warnings = append(f.shown.Warnings, fmt.Sprintf(format, a...))
	}
	if plan.known && !plan.Available {
		warn("this plan is not sold now")
	}
	if plan.known && slices.Contains(plan.Locations, c.Location) {
		return nil
	}
	plans, listed, err := f.account.plans(ctx, plan)
	if err != nil {
		return err
	}
	isPlan := func(p vpsapi.Plan) bool { return p.ID.Equal(c.PlanID) }
	if listed && !plan.known && !slices.ContainsFunc(plans, isPlan) {
		warn("no plan has the id %s", c.PlanID)
	}
	known := maps.Clone(standing)
	for _, p := range plans {
		for _, l := range p.Locations {
			known[l] = true
		}
	}
	where := inert.Text(c.Location, maxShownName)
	switch {
	case !known[c.Location] && listed:
		warn("no plan is offered in %q, and no server stands there%s", where, nearestTo(c.Location, known))
	case !known[c.Location]:
		warn("no server stands in %q, and the plans cannot be read%s", where, nearestTo(c.Location, known))
	case plan.known && len(plan.Locations) > 0:
		warn("this plan is not offered in %q, but in %s", where, inert.Text(strings.Join(plan.Locations, ", "), 2*maxShownName))
	}
	return nil
}

// plans are all that are listed, or the one that is known.
func (a *Account) plans(ctx context.Context, one planRead) (plans []vpsapi.Plan, listed bool, err error) {
	if !one.hidden {
		plans, err = a.Reader.Plans(ctx, "")
		if err == nil {
			return plans, true, nil
		}
	}
	if err != nil && !errors.Is(err, vpsapi.ErrForbidden) && !errors.Is(err, vpsapi.ErrNotFound) {
		return nil, false, err
	}
	if one.known {
		plans = []vpsapi.Plan{one.Plan}
	}
	return plans, false, nil
}

// nearestTo says which location may be meant: a code of the provider's, which tells
// nothing of any server.
func nearestTo(location string, known map[string]bool) string {
	near := nearest.Word(location, slices.Sorted(maps.Keys(known)))
	if near == "" {
		return ""
	}
	return "; the nearest location is " + inert.Words(near, maxShownName)
}
