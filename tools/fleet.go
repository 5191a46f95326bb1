package tools

import (
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

// fleet is an account's servers, as far as a caller may list them.
type fleet struct {
	gate.Source
	visible func(*vpsapi.Server) bool
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
