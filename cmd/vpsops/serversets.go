package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

// setsAmiss tells of the policy's server sets that go by an account which isn't here:
// no server comes into them by it. That is no fault, since several vpsops may share a
// policy and have other accounts each; but what guards such a set may hold nothing.
func (c *core) setsAmiss(pol *policy.Policy) (amiss []string) {
	here := c.gate.Desk().Accounts()
	if c.sandbox || len(here) == 0 {
		return nil
	}
	for _, account := range pol.AccountsOfSets() {
		if !slices.Contains(here, account.Name) {
			amiss = append(amiss, fmt.Sprintf("the server set %s goes by the account %q, which isn't one of those here (%s; VPS_API_TOKENS names them), so it holds no server by it",
				strings.Join(account.Sets, ", "), account.Name, strings.Join(here, ", ")))
		}
	}
	return amiss
}

// doctorSets tells of server sets that hold nothing. What only is so today, and what
// another vpsops may have, is no fault.
func (c *core) doctorSets(ctx context.Context) check {
	pol := c.policy.current.Load()
	words := c.setsAmiss(pol)
	switch empty, err := c.emptySets(ctx, pol); {
	case err != nil:
		words = append(words, "whether each holds a server isn't known, as the servers can't be read")
	case len(empty) > 0:
		words = append(words, "no server is in "+strings.Join(empty, ", ")+" now: see that this is meant")
	case len(words) == 0:
		words = append(words, "each holds a server")
	}
	return check{name: "server sets", good: strings.Join(words, "; ")}
}

// emptySets returns the sets in which no server of any account is, nor may be.
func (c *core) emptySets(ctx context.Context, pol *policy.Policy) (empty []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, apiCheckTime)
	defer cancel()
	desk := c.gate.Desk()
	accounts := desk.Accounts()
	if len(accounts) == 0 {
		return nil, &gate.NoAccountError{}
	}
	for name := range pol.Document().ServerSets {
		empty = append(empty, name)
	}
	slices.Sort(empty)
	for _, account := range accounts {
		source, err := desk.Source(account)
		if err != nil {
			return nil, err
		}
		for server, err := range source.Reader.Servers(ctx, vpsapi.ServerFilter{}) {
			if err != nil {
				return nil, err
			}
			facts := gate.PolicyServer(server, account)
			if empty = slices.DeleteFunc(empty, func(set string) bool { return pol.MayBeIn(facts, set) }); len(empty) == 0 {
				return nil, nil
			}
		}
	}
	return empty, nil
}
