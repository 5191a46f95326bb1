package vpsapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
)

// Reader reads from the API. It cannot change anything. Make one with [NewReader] and keep it: it holds the connections. It is
// safe for concurrent use.
//
// Reads of the same thing that wait together share one answer, but never one that was on its way before they began: what a read
// returns is never older than its call.
//
// Every method ends with its context, tries at most four times within its deadline or bound ([BoundReads]), and returns one of the errors that the
// package's overview lists.
type Reader struct{ client *client }

// NewReader returns a Reader. A zero token is no error here: each call then returns a [*MissingTokenError]. An option or token
// that can't be right gives an [*OptionError].
func NewReader(token Token, opts ...Option) (*Reader, error) {
	c, err := newClient(token, read, opts)
	if err != nil {
		return nil, err
	}
	return &Reader{client: c}, nil
}

// BaseURL returns the API's address as configured, without a final slash.
func (r *Reader) BaseURL() string { return r.client.base.String() }

// CloseIdleConnections closes the connections that are kept and not in use. The Reader remains usable.
func (r *Reader) CloseIdleConnections() { r.client.wire.transport.CloseIdleConnections() }

// GetServer returns one server in detail (https://admin.vps.org/api/v1/servers/{id}/).
//
// A server that doesn't exist gives an error that is [ErrNotFound]; an id that can't be one an [*InvalidIDError].
func (r *Reader) GetServer(ctx context.Context, id ID) (Server, error) {
	var server Server
	err := r.client.get(ctx, opGetServer, id, nil, func(got *answer) error {
		if err := got.decode(&server); err != nil {
			return err
		}
		return sameServer(id, server.ID)
	})
	if err != nil {
		return Server{}, err
	}
	return server, nil
}

// Plans returns the plans, all or those of one location's code. The list is a companion call of the API: where the token's
// permissions don't reach it, or it isn't there, the error is [ErrForbidden] or [ErrNotFound], and a caller goes on without.
func (r *Reader) Plans(ctx context.Context, location string) ([]Plan, error) {
	query := url.Values{}
	if location != "" {
		query.Set("location", location)
	}
	var plans []Plan
	seen := seenIDs{}
	for page, err := range pages[Plan](ctx, r.client, opListPlans, query) {
		if err != nil {
			return nil, err
		}
		before := len(plans)
		for _, plan := range page.Results {
			if seen.add(plan.ID) {
				plans = append(plans, plan)
			}
		}
		if err := page.stuck(len(plans) - before); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

// GetPlan returns one plan. It is a companion call like [Reader.Plans].
func (r *Reader) GetPlan(ctx context.Context, id ID) (Plan, error) {
	var plan Plan
	err := r.client.get(ctx, opGetPlan, id, nil, func(got *answer) error {
		if err := json.Unmarshal(got.body, &plan); err != nil {
			return err
		}
		if !plan.ID.Equal(id) {
			return fmt.Errorf("asked for plan %s, the answer is about %q", id, plan.ID)
		}
		return nil
	})
	if err != nil {
		return Plan{}, err
	}
	return plan, nil
}

// Account returns whom the token belongs to and what it may do. Any active token may ask: an error that is [ErrUnauthorized]
// means that the token isn't one. It is a companion call like [Reader.Plans].
func (r *Reader) Account(ctx context.Context) (Account, error) {
	var account accountJSON
	err := r.client.get(ctx, opGetAccount, ID{}, nil, func(got *answer) error {
		if err := json.Unmarshal(got.body, &account); err != nil {
			return err
		}
		if account.Account == nil {
			return errors.New("no account in it")
		}
		return nil
	})
	if err != nil {
		return Account{}, err
	}
	return account.account(), nil
}

// get makes one call.
func (c *client) get(ctx context.Context, op *operation, id ID, query url.Values, accept func(*answer) error) error {
	call, err := c.newCall(op, id, query)
	if err != nil {
		return fmt.Errorf("%s: %w", op.name, err)
	}
	call.accept = accept
	_, err = c.do(ctx, call)
	return err
}
