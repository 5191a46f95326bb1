package tools

import (
	"cmp"
	"slices"
	"strings"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

// fleet is an account's servers, as far as a caller may list them.
type fleet struct {
	gate.Source
	visible func(*vpsapi.Server) bool
}

// named is the account that a read looked in, where there are several: another may have
// a server of the same id or name.
func (t *toolset) named(account string) string {
	if t.accounts == nil {
		return ""
	}
	return cmp.Or(account, t.accounts[0])
}

// lookedIn says in which of several accounts a list looked, and in which it did not.
func (t *toolset) lookedIn(account string) string {
	if t.accounts == nil {
		return ""
	}
	account = t.named(account)
	others := slices.DeleteFunc(slices.Clone(t.accounts), func(name string) bool { return name == account })
	return " in account " + shorten(account) + "; not listed: " + inert.Text(strings.Join(others, ", "), maxFault)
}

// fleetOf returns the account's fleet for who may list any of it; "" is the
// default account.
func (t *toolset) fleetOf(actor policy.Actor, account string) (fleet, error) {
	if err := t.Desk.MayRead(actor, policy.List, account, nil); err != nil {
		return fleet{}, err
	}
	source, err := t.Desk.Source(account)
	if err != nil {
		return fleet{}, err
	}
	return fleet{source, func(s *vpsapi.Server) bool { return t.Desk.MayRead(actor, policy.List, source.Account, s) == nil }}, nil
}
