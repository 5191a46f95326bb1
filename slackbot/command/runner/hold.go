package runner

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"vpsops/internal/nearest"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/command"
	"vpsops/vpsapi"
)

// scopes are the ledger's words for the language's.
var scopes = map[command.Scope]ledger.HoldScope{
	command.ScopeSet: ledger.ScopeSet, command.ScopePerson: ledger.ScopePerson,
	command.ScopeAccount: ledger.ScopeAccount, command.ScopeAll: ledger.ScopeAll,
}

// hold puts a lock or a freeze up.
func (e errand) hold(ctx context.Context) (Result, error) {
	c := e.command
	o := gate.HoldOrder{For: c.For, Because: c.Because}
	if c.Verb == command.VerbLock {
		o.Kind, o.Scope, o.Server, o.Account = ledger.LockHold, ledger.ScopeServer, e.ref(), c.Account
	} else {
		target, err := e.target()
		if err != nil {
			return Result{}, err
		}
		o.Kind, o.Scope, o.Value, o.Account = ledger.FreezeHold, scopes[c.Scope], target, c.Account
	}
	h, err := e.desk.Hold(ctx, e.actor, o)
	var invalid *gate.InvalidError
	if errors.As(err, &invalid) && (invalid.Field == "set" || invalid.Field == "person") {
		err = &gate.InvalidError{Problem: invalid.Problem + cmp.Or(e.nearScope(), e.scopes())}
	}
	if err != nil {
		return Result{}, err
	}
	return Result{Hold: &Hold{Accounts: e.desk.Accounts(), Held: []ledger.Hold{h}, By: e.desk.Person(e.actor), Name: e.nameOf(ctx, h)}}, nil
}

// target is what a freeze is of. A mention is the person to whom that Slack user
// belongs, by the policy alone.
func (e errand) target() (string, error) {
	user, mentioned := command.MentionedUser(e.command.Target)
	if e.command.Scope != command.ScopePerson || !mentioned {
		return e.command.Target, nil
	}
	team, _, inSlack := strings.Cut(e.actor.Identity.ID, "/")
	if inSlack && e.actor.Identity.Kind == policy.SlackUser {
		them := policy.Actor{Identity: policy.Identity{Kind: policy.SlackUser, ID: team + "/" + user}}
		if person := e.desk.Person(them); person != "" {
			return person, nil
		}
	}
	return "", &gate.InvalidError{Field: "person", Problem: "the policy lists nobody with that Slack account"}
}

// nearScope asks whether something else is meant that can be frozen, as far as the
// asker may: others are nobody's business. It is "" where nothing is near.
func (e errand) nearScope() string {
	c := e.command
	sets, people := e.desk.Freezable(e.actor)
	near := ""
	switch {
	case c.Scope != command.ScopeSet && c.Scope != command.ScopePerson || slices.Contains(sets, c.Target):
	case command.MeansAll(c.Target):
		near = string(command.ScopeAll)
	case c.Scope == command.ScopePerson, slices.Contains(people, c.Target):
		if near = nearest.Word(c.Target, people); near != "" {
			near = "person:" + near
		}
	default:
		near = nearest.Word(c.Target, sets)
	}
	switch {
	case near == "":
		return ""
	case c.Verb == command.VerbFreeze:
		near += " because …"
	}
	return "; did you mean " + string(c.Verb) + " " + near + "?"
}

// scopes says what the asker may freeze, or is "" where that is nothing.
func (e errand) scopes() string {
	sets, people := e.desk.Freezable(e.actor)
	if len(people) > 0 {
		sets = append([]string{"all"}, append(sets, "person:P", "account:A")...)
	}
	if len(sets) == 0 {
		return ""
	}
	return "; there is " + strings.Join(sets, ", ") + "; a single server is locked: lock SERVER because …"
}

// lift ends the locks of a server, or the freezes of what is named, as far as the asker
// may. It is an error where none of them is ended.
func (e errand) lift(ctx context.Context) (Result, error) {
	is, err := e.sameHold(ctx)
	if err != nil {
		return Result{}, err
	}
	holds, err := e.desk.Holds(ctx, e.actor)
	if err != nil {
		return Result{}, err
	}
	var refused error
	lifted := Hold{Accounts: e.desk.Accounts(), Lifted: true, By: e.desk.Person(e.actor)}
	for _, h := range holds {
		if !is(h.Hold) {
			continue
		}
		ended, err := e.desk.Lift(ctx, e.actor, h.ID)
		if errors.Is(err, gate.ErrNotFound) {
			continue // somebody was quicker
		}
		if err != nil {
			why := Explain(e.desk, e.actor, e.command, err)
			if why == "" {
				return Result{}, err
			}
			lifted.Kept, refused = append(lifted.Kept, Kept{h.Hold, why}), cmp.Or(refused, err)
			continue
		}
		lifted.Held = append(lifted.Held, ended)
		lifted.Name = cmp.Or(lifted.Name, e.nameOf(ctx, ended))
	}
	switch {
	case len(lifted.Held) > 0:
	case refused != nil:
		return Result{}, refused
	default:
		return Result{}, &gate.InvalidError{Problem: "nothing of that kind is in force; whoami shows what is" + e.nearScope()}
	}
	return Result{Hold: &lifted}, nil
}

const nameTime = 3 * time.Second

// nameOf is what a server that is or was locked is called, or "": it is done
// whether the API tells or not.
func (e errand) nameOf(ctx context.Context, h ledger.Hold) string {
	id, err := vpsapi.ParseID(h.Value)
	source, err2 := e.desk.Source(h.Account)
	if h.Scope != ledger.ScopeServer || err != nil || err2 != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, nameTime)
	defer cancel()
	s, err := source.Reader.GetServer(ctx, id)
	if err != nil || e.desk.MayRead(e.actor, policy.Get, source.Account, &s) != nil {
		return ""
	}
	return s.Name
}

// sameHold tells the holds that a command means from others.
func (e errand) sameHold(ctx context.Context) (func(ledger.Hold) bool, error) {
	if e.command.Verb == command.VerbUnlock {
		source, id, err := e.serverID(ctx)
		return func(h ledger.Hold) bool {
			return h.Kind == ledger.LockHold && h.Scope == ledger.ScopeServer && h.Value == id && e.desk.IsOf(h, source.Account)
		}, err
	}
	if e.command.Account != "" {
		if _, err := e.desk.Source(e.command.Account); err != nil {
			return nil, err
		}
	}
	target, err := e.target()
	account := e.command.Account
	return func(h ledger.Hold) bool {
		return h.Kind == ledger.FreezeHold && h.Scope == scopes[e.command.Scope] && h.Value == target &&
			(h.Account == account || account != "" && h.Account != "" && e.desk.IsOf(h, account))
	}, err
}

// serverID is the id of a server that may be gone: then it must be given.
func (e errand) serverID(ctx context.Context) (gate.Source, string, error) {
	if err := e.desk.MayRead(e.actor, policy.List, e.command.Account, nil); err != nil {
		return gate.Source{}, "", err
	}
	source, err := e.desk.Source(e.command.Account)
	if err != nil {
		return source, "", err
	}
	ref := e.ref()
	id, err := source.Finder.Find(ctx, ref.Text, vpsapi.FindOptions{Fresh: true, KnownID: ref.IsID})
	var none *vpsapi.NotFoundError
	var several *vpsapi.AmbiguousError
	unread := err != nil && !errors.As(err, &several) && e.command.Verb == command.VerbAudit // which shows what was done, and loosens nothing
	if (errors.As(err, &none) || unread) && looksLikeID(ref.Text) {
		return source, ref.Text, nil
	}
	return source, id.String(), err
}
