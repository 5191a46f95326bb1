package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

const apiCheckTime = 10 * time.Second

// checkAPI asks every account's API who it takes us for.
func (c *core) checkAPI(ctx context.Context) error { return errors.Join(c.apiFaults(ctx)...) }

// apiFaults is checkAPI with an error for each account that has one.
func (c *core) apiFaults(ctx context.Context) []error {
	desk := c.gate.Desk()
	names := desk.Accounts()
	if len(names) == 0 {
		return []error{&gate.NoAccountError{}}
	}
	ctx, cancel := context.WithTimeout(ctx, apiCheckTime)
	defer cancel()
	var faults []error
	for _, name := range names {
		source, err := desk.Source(name)
		if err == nil {
			err = tokenWorks(ctx, source.Reader)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("account %s: %w", name, err))
		}
	}
	return faults
}

// tokenWorks makes the cheapest call that wants a token. Where /account/me/ is
// closed to it, a page of one server tells as well.
func tokenWorks(ctx context.Context, r *vpsapi.Reader) error {
	_, err := r.Account(ctx)
	if errors.Is(err, vpsapi.ErrForbidden) || errors.Is(err, vpsapi.ErrNotFound) {
		_, err = r.ServerPage(ctx, vpsapi.ServerFilter{}, vpsapi.PageOptions{PageSize: 1})
	}
	return err
}
