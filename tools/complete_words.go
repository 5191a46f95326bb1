package tools

import (
	"context"

	"vpsops/policy"
	"vpsops/vpsapi"
)

// statuses suggests those that the API can filter by.
func (c completions) statuses(_ context.Context, _ policy.Actor, _ string, s *suggestions) error {
	for _, status := range []vpsapi.Status{vpsapi.StatusActive, vpsapi.StatusStopped, vpsapi.StatusSuspended} {
		if s.takes(string(status)) {
			s.add(string(status))
		}
	}
	return nil
}

// accounts suggests the configured ones.
func (c completions) accounts(_ context.Context, _ policy.Actor, _ string, s *suggestions) error {
	for _, name := range c.Desk.Accounts() {
		if s.takes(name) {
			s.add(name)
		}
	}
	return nil
}
