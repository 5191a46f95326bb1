package listing

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"vpsops/vpsapi"
)

// MaxSeen bounds how many servers are looked at for the systems and locations in
// use.
const MaxSeen = 1000

// Choices are what a new server can be made of. The texts are the API's own.
type Choices struct {
	Plans     []vpsapi.Plan
	Unlisted  bool        // the account's plans can't be listed
	Systems   []vpsapi.OS // that servers run, by name: the API has no list
	Locations []string    // where plans can be had or servers stand, sorted
	Cut       bool        // there are more than MaxSeen servers
}

// ReadChoices reads the plans, those that are offered at location where it isn't
// "", and the servers that are visible: none where visible is nil. Errors are
// those of the reader.
func ReadChoices(ctx context.Context, r *vpsapi.Reader, location string, visible func(*vpsapi.Server) bool) (c Choices, err error) {
	if c.Plans, c.Unlisted, err = Plans(ctx, r, location); err != nil {
		return c, err
	}
	systems, locations := map[vpsapi.OS]bool{}, map[string]bool{}
	for _, p := range c.Plans {
		for _, l := range p.Locations {
			if p.Available {
				locations[l] = true
			}
		}
	}
	if visible != nil {
		seen := 0
		for s, err := range r.Servers(ctx, vpsapi.ServerFilter{}) {
			if err != nil {
				return c, err
			}
			if seen++; seen > MaxSeen {
				c.Cut = true
				break
			}
			if visible(&s) {
				systems[s.OS], locations[s.Location] = true, true
			}
		}
	}
	// The API may know neither of a server.
	delete(systems, vpsapi.OS{})
	delete(locations, "")
	c.Locations = slices.Sorted(maps.Keys(locations))
	c.Systems = slices.SortedFunc(maps.Keys(systems), func(a, b vpsapi.OS) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID.String(), b.ID.String()))
	})
	return c, nil
}

// Plans reads the plans. A token that may not list them has none, and is no
// error.
func Plans(ctx context.Context, r *vpsapi.Reader, location string) (plans []vpsapi.Plan, unlisted bool, err error) {
	plans, err = r.Plans(ctx, location)
	if errors.Is(err, vpsapi.ErrForbidden) || errors.Is(err, vpsapi.ErrNotFound) {
		return nil, true, nil
	}
	return plans, false, err
}
