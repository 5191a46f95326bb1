package gate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// The kinds of audit row about locks and freezes.
const (
	eventHold        = "hold"
	eventHoldRefused = "hold-refused"
	eventLift        = "lift"
	eventLiftRefused = "lift-refused"
)

const maxHold = 90 * 24 * time.Hour

// HoldOrder asks that a server, a set, a person, an account or everything is
// kept from changes for a time.
type HoldOrder struct {
	Kind    ledger.HoldKind
	Scope   ledger.HoldScope
	Server  Ref           // for ScopeServer
	Value   string        // for ScopeSet, ScopePerson and ScopeAccount: its name
	Account string        // for ScopeServer, "" is the default; for ScopeSet and ScopePerson, "" is all of them
	For     time.Duration // 0: until it is lifted
	Because string
}

// Hold puts a lock or a freeze up. It takes effect on asks and on claims from
// then on, also of what is approved already. Errors are an *InvalidError, a
// *DeniedError where no grant covers it, or what reading the server gave.
func (d *Desk) Hold(ctx context.Context, actor policy.Actor, o HoldOrder) (ledger.Hold, error) {
	g := d.gate
	h, ask, err := g.newHold(ctx, actor, o)
	if err != nil {
		return ledger.Hold{}, err
	}
	decision := g.Policy().Decide(ask)
	if h.Owner = decision.Person; decision.Effect != policy.Allow {
		if sets, _ := d.Freezable(actor); o.Kind == ledger.FreezeHold && len(sets) > 0 {
			decision.Denied = append(decision.Denied, "you may freeze "+strings.Join(sets, ", "))
		}
		return ledger.Hold{}, g.refuseHold(ctx, eventHoldRefused, actor, decision)
	}
	err = g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		if err := tx.AddHold(h); err != nil {
			return err
		}
		return tx.Audit(g.holdEvent(eventHold, actor, h.Owner, h, nameOf(ask.Server)))
	})
	return h, err
}

// Lift ends a lock or a freeze. Its owner may, and whoever could put it up, but
// for the person whom another's freeze is on: it is often the person's assistant
// that is to be stopped, and what has their shell speaks in their name.
// One that is not in force is ErrNotFound; a *DeniedError says who may not.
func (d *Desk) Lift(ctx context.Context, actor policy.Actor, id string) (lifted ledger.Hold, err error) {
	g := d.gate
	if g.ReadOnly {
		return lifted, &InvalidError{"", "vpsops runs read-only: nothing is loosened"}
	}
	pol := g.Policy()
	var refused *policy.Decision
	err = g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		refused = nil
		holds, err := tx.Holds(g.Now())
		if err != nil {
			return err
		}
		lifted = ledger.Hold{}
		for _, h := range holds {
			if h.ID == id {
				lifted = h
			}
		}
		if lifted.ID == "" {
			return ErrNotFound
		}
		person, decision := g.decideLift(pol, actor, lifted)
		if decision != nil {
			refused = decision
			return tx.Audit(g.holdEvent(eventLiftRefused, actor, person, lifted, ""))
		}
		if err := tx.LiftHold(id); err != nil {
			return err
		}
		return tx.Audit(g.holdEvent(eventLift, actor, person, lifted, ""))
	})
	if err == nil && refused != nil {
		err = &DeniedError{*refused}
	}
	return lifted, err
}

// MayLift tells whether the actor could lift a lock or a freeze.
func (d *Desk) MayLift(actor policy.Actor, h ledger.Hold) bool {
	_, refused := d.gate.decideLift(d.gate.Policy(), actor, h)
	return refused == nil && !d.gate.ReadOnly
}

// decideLift returns the actor's person, and why they may not lift a hold, or nil.
func (g *Gate) decideLift(pol *policy.Policy, actor policy.Actor, h ledger.Hold) (person string, refused *policy.Decision) {
	person = pol.PersonOf(actor.Identity)
	ask := g.holdAsk(actor, h)
	ask.Lift = true
	decision := pol.Decide(ask)
	if h.Kind == ledger.FreezeHold && h.Scope == ledger.ScopePerson && h.Value == person {
		decision.Effect, decision.Denied = policy.Deny, []string{"a freeze of a person is lifted by who put it up, or another"}
	}
	if person == "" || (person != h.Owner && decision.Effect != policy.Allow) {
		return person, &decision
	}
	return person, nil
}

// Holds returns the locks and freezes in force, oldest first.
func (d *Desk) Holds(ctx context.Context, actor policy.Actor) ([]HoldInForce, error) {
	if err := d.MayRead(actor, policy.List, "", nil); err != nil {
		return nil, err
	}
	return d.gate.holds(ctx)
}

// HoldsOn returns the locks and freezes in force that keep a server of an
// account from being changed by the actor, oldest first. It is a
// *NoAccountError where there is no such account.
func (d *Desk) HoldsOn(ctx context.Context, actor policy.Actor, account string, server vpsapi.Server) (on []HoldInForce, err error) {
	a, err := d.gate.account(account)
	if err != nil {
		return nil, err
	}
	holds, err := d.Holds(ctx, actor)
	pol := d.gate.Policy()
	ask := policy.Ask{Actor: actor, Account: a.Name, Server: factsOf(server).forPolicy(a.Name), At: d.gate.Now()}
	for _, h := range holds {
		if d.gate.covers(h.Hold, pol, pol.PersonOf(actor.Identity), &ask) {
			on = append(on, h)
		}
	}
	return on, err
}

// newHold checks an order and says what the policy is to be asked about it.
func (g *Gate) newHold(ctx context.Context, actor policy.Actor, o HoldOrder) (ledger.Hold, policy.Ask, error) {
	now := g.Now()
	h := ledger.Hold{
		ID: "hold_" + strings.ToLower(rand.Text()[:12]), Kind: o.Kind, Scope: o.Scope, Value: o.Value,
		Because: capRunes(strings.TrimSpace(o.Because), maxReason), From: now,
	}
	switch {
	case h.Because == "":
		return h, policy.Ask{}, &InvalidError{"because", "is needed: say why, for whoever meets it"}
	case o.For < 0 || o.For > maxHold:
		return h, policy.Ask{}, &InvalidError{"for", "is a time of up to 90 days"}
	case o.For > 0:
		h.Until = now.Add(o.For)
	}
	if o.Scope != ledger.ScopeServer {
		limit, err := g.limitOf(o)
		if h.Account = limit; err == nil {
			err = g.checkHoldValue(h)
		}
		h.AccountKey = g.accountKey(accountOf(h))
		return h, g.holdAsk(actor, h), err
	}
	ask := g.holdAsk(actor, h)
	account, err := g.account(o.Account)
	if err != nil {
		return h, ask, err
	}
	id, err := account.Finder.Find(ctx, o.Server.Text, vpsapi.FindOptions{Fresh: true, KnownID: o.Server.IsID})
	if err != nil {
		return h, ask, err
	}
	server, err := account.Reader.GetServer(ctx, id)
	if err != nil {
		return h, ask, err
	}
	h.Value, h.Account, h.AccountKey = server.ID.String(), account.Name, account.Fingerprint
	ask.Account, ask.Server = account.Name, factsOf(server).forPolicy(account.Name)
	return h, ask, nil
}

// limitOf is the account that a hold on more than a server is limited to, or "".
func (g *Gate) limitOf(o HoldOrder) (string, error) {
	switch {
	case o.Account == "":
		return "", nil
	case o.Scope != ledger.ScopeSet && o.Scope != ledger.ScopePerson:
		return "", &InvalidError{"account", "limits what is frozen of a set or a person, and nothing else"}
	}
	account, err := g.account(o.Account)
	if err != nil {
		return "", err
	}
	return account.Name, nil
}

func (g *Gate) checkHoldValue(h ledger.Hold) error {
	pol := g.Policy()
	switch h.Scope {
	case ledger.ScopeSet:
		if !pol.HasSet(h.Value) {
			return &InvalidError{"set", fmt.Sprintf("the policy has no server set %q", h.Value)}
		}
	case ledger.ScopePerson:
		if !pol.HasPerson(h.Value) {
			return &InvalidError{"person", fmt.Sprintf("the policy has no person %q", h.Value)}
		}
	case ledger.ScopeAccount:
		_, err := g.account(h.Value)
		return err
	case ledger.ScopeAll:
	default:
		return &InvalidError{"", "a hold is on a server, a set, a person, an account or all"}
	}
	return nil
}

// holdAsk is the question whether somebody may put such a hold up. A person
// who may freeze nothing else may lock nothing that is not named.
func (g *Gate) holdAsk(actor policy.Actor, h ledger.Hold) policy.Ask {
	action := policy.Freeze
	if h.Kind == ledger.LockHold {
		action = policy.Lock
	}
	ask := policy.Ask{Actor: actor, Action: action, Account: h.Account, At: g.Now()}
	switch h.Scope {
	case ledger.ScopeSet:
		ask.Set = h.Value
	case ledger.ScopeServer:
		ask.Server = &policy.Server{ID: h.Value, Account: h.Account}
	}
	return ask
}

func (g *Gate) refuseHold(ctx context.Context, kind string, actor policy.Actor, d policy.Decision) error {
	err := g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		return tx.Audit(ledger.Event{
			At: g.Now(), Kind: kind, Person: d.Person, Identity: actor.Identity, Front: actor.Front, Detail: strings.Join(d.Denied, "; "),
		})
	})
	return errors.Join(&DeniedError{d}, err)
}

func (g *Gate) holdEvent(kind string, actor policy.Actor, person string, h ledger.Hold, server string) ledger.Event {
	return ledger.Event{
		At: g.Now(), Kind: kind, Person: person, Identity: actor.Identity, Front: actor.Front,
		ServerID: serverOf(h), Account: h.Account,
		Detail: string(h.Kind) + " " + h.ID + " of " + string(h.Scope) + " " + h.Value + ": " + h.Because,
		Data:   mustJSON(heldOf(h, server)),
	}
}

func nameOf(s *policy.Server) string {
	if s == nil {
		return ""
	}
	return s.Name
}

// serverOf is the server that a hold is on, or "".
func serverOf(h ledger.Hold) string {
	if h.Scope != ledger.ScopeServer {
		return ""
	}
	return h.Value
}
