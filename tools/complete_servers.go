package tools

import (
	"context"

	"vpsops/policy"
	"vpsops/vpsapi"
)

// serverNames suggests servers by name, or by id where the name is not one
// server's or doesn't show as itself.
func (c completions) serverNames(ctx context.Context, actor policy.Actor, account string, s *suggestions) error {
	rows, err := c.matching(ctx, actor, account, s)
	if err != nil {
		return err
	}
	bearers := make(map[string]int, len(rows))
	for _, r := range rows {
		bearers[r.Name]++
	}
	for _, r := range rows {
		if bearers[r.Name] > 1 || cell(r.Name) != r.Name {
			s.add(r.ID.String())
		} else {
			s.add(r.Name)
		}
	}
	return nil
}

// serverIDs suggests the ids of servers of which anything matches.
func (c completions) serverIDs(ctx context.Context, actor policy.Actor, account string, s *suggestions) error {
	rows, err := c.matching(ctx, actor, account, s)
	for _, r := range rows {
		s.add(r.ID.String())
	}
	return err
}

// matching are the caller's servers that hold what was typed, one more than
// can be suggested at most.
func (c completions) matching(ctx context.Context, actor policy.Actor, account string, s *suggestions) (found []vpsapi.ServerRow, err error) {
	f, err := c.fleetOf(actor, account)
	if err != nil {
		return nil, err
	}
	rows, err := f.Finder.Rows(ctx)
	for _, r := range rows {
		if !s.takes(r.ID.String(), r.Name, r.Hostname, r.IPAddress) || !f.visible(r.Server()) {
			continue
		}
		if found = append(found, r); len(found) > maxSuggested {
			break
		}
	}
	return found, err
}
