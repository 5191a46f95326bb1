package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vpsops/internal/faults"
	"vpsops/internal/inert"
	"vpsops/internal/listing"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot/command"
	"vpsops/vpsapi"
)

const (
	maxRows     = 500 // servers in a result
	maxRequests = 20
	maxTrail    = 40
)

// errand is one command being run.
type errand struct {
	desk    *gate.Desk
	actor   policy.Actor
	command command.Command
}

// Run does what a command says, for an actor. The policy's no to a change is a
// result, with a request that is denied; its no to a read or a lock is a
// *gate.DeniedError. Explain says in words what any of its errors means.
func Run(ctx context.Context, desk *gate.Desk, actor policy.Actor, c command.Command) (Result, error) {
	e := errand{desk, actor, c}
	r, err := e.run(ctx)
	r.Command = cmp.Or(r.Command, c)
	return r, err
}

func (e errand) run(ctx context.Context) (Result, error) {
	switch e.command.Verb {
	case command.VerbHelp:
		return Result{Text: command.Help(e.standing(), string(e.command.Topic))}, nil
	case command.VerbList:
		return e.list(ctx)
	case command.VerbShow:
		return e.show(ctx)
	case command.VerbCreate:
		return e.create(ctx)
	case command.VerbUpdate:
		return e.update(ctx)
	case command.VerbStart, command.VerbStop, command.VerbReboot, command.VerbDelete:
		return e.change(ctx, policy.Action(e.command.Verb))
	case command.VerbRequests:
		return e.requests(ctx)
	case command.VerbRequest:
		return e.request(ctx)
	case command.VerbCancel:
		return e.cancel(ctx)
	case command.VerbLock, command.VerbFreeze:
		return e.hold(ctx)
	case command.VerbUnlock, command.VerbUnfreeze:
		return e.lift(ctx)
	case command.VerbWhoami:
		return e.whoami(ctx), nil
	case command.VerbAudit:
		return e.audit(ctx)
	}
	return Result{}, &gate.InvalidError{Problem: fmt.Sprintf("there is no command %q", e.command.Verb)}
}

func (e errand) standing() command.Standing {
	return command.Standing{May: e.desk.May(e.actor), Unread: e.desk.Unread(e.actor), ReadOnly: e.desk.ReadOnly()}
}

func found(v gate.View, err error) (Result, error) {
	if err != nil {
		return Result{}, err
	}
	return Result{Request: &Request{View: v}}, nil
}

func (e errand) request(ctx context.Context) (Result, error) {
	v, err := e.desk.Request(ctx, e.actor, e.command.Request)
	if err == nil {
		err = e.meant(v)
	}
	return found(v, err)
}

func (e errand) cancel(ctx context.Context) (Result, error) {
	if e.command.Account != "" {
		if r, err := e.request(ctx); err != nil {
			return r, err
		}
	}
	v, err := e.desk.Cancel(ctx, e.actor, e.command.Request)
	return found(v, err)
}

// meant is gate.ErrNotFound for a request in another account than the command
// names.
func (e errand) meant(v gate.View) error {
	if e.command.Account == "" {
		return nil
	}
	source, err := e.desk.Source(e.command.Account)
	if err == nil && v.Account != source.Account {
		err = gate.ErrNotFound
	}
	return err
}

func (e errand) list(ctx context.Context) (Result, error) {
	c := e.command
	if err := e.desk.MayRead(e.actor, policy.List, c.Account, nil); err != nil {
		return Result{}, err
	}
	source, err := e.desk.Source(c.Account)
	if err != nil {
		return Result{}, err
	}
	servers := Servers{Account: source.Account, Accounts: e.desk.Accounts()}
	status := vpsapi.Status(c.Status)
	filter := vpsapi.ServerFilter{Location: c.Location}
	if status.Resting() { // by others the API filters nothing
		filter.Status = status
	}
	visible := func(s *vpsapi.Server) bool { return e.desk.MayRead(e.actor, policy.List, source.Account, s) == nil }
	locations := make(map[string]bool)
	for s, err := range source.Reader.Servers(ctx, filter) {
		if err != nil {
			return Result{}, err
		}
		if status != "" && s.Status != status || !visible(&s) {
			continue
		}
		if locations[s.Location] = true; !mentions(&s, c.Text) {
			continue
		}
		if servers.Total++; len(servers.Rows) < maxRows {
			servers.Rows = append(servers.Rows, s)
		}
	}
	r := Result{Servers: &servers}
	switch {
	case servers.Total > 0:
	case command.MeansAll(ofServers(c.Text)):
		c.Text = ""
		return Run(ctx, e.desk, e.actor, c)
	case c.Location != "":
		r.Text = listing.Nowhere(ctx, source.Reader, c.Location, visible)
	case c.Text != "":
		r.Text = filterMeant(c, locations)
	}
	return r, nil
}

// filterMeant asks whether the text that fits nothing was meant for a status or a
// location; it is "" for one that is neither.
func filterMeant(c command.Command, locations map[string]bool) string {
	word := ofServers(c.Text)
	c.Text, c.Share = "", false
	if status := command.StatusOf(word); status != "" && c.Status == "" {
		c.Status = status
		return "Did you mean " + c.String() + "?"
	}
	for l := range locations {
		if l != "" && strings.EqualFold(l, word) {
			c.Location = l
			return "Did you mean " + inert.Line(c.String(), maxLine) + "?"
		}
	}
	return ""
}

// ofServers is what a text says of servers: stopped, of stopped servers.
func ofServers(text string) string {
	if i := strings.LastIndexByte(text, ' '); i > 0 && slices.Contains([]string{"server", "servers"}, strings.ToLower(text[i+1:])) {
		return text[:i]
	}
	return text
}

// mentions tells whether a text stands in a server's names or addresses, or is
// its id.
func mentions(s *vpsapi.Server, text string) bool {
	text = strings.ToLower(text)
	return text == "" || s.ID.String() == text ||
		slices.ContainsFunc([]string{s.Name, s.Hostname, s.IPAddress}, func(field string) bool {
			return strings.Contains(strings.ToLower(field), text)
		})
}

func (e errand) show(ctx context.Context) (Result, error) {
	if err := e.desk.MayRead(e.actor, policy.Get, e.command.Account, nil); err != nil {
		return Result{}, err
	}
	source, s, err := e.read(ctx)
	if err != nil {
		return Result{}, err
	}
	if err := e.desk.MayRead(e.actor, policy.Get, source.Account, &s); err != nil {
		return Result{}, err
	}
	shown := Server{Account: source.Account, Accounts: e.desk.Accounts(), Server: s}
	holds, err := e.desk.HoldsOn(ctx, e.actor, source.Account, s)
	var unread string
	shown.Holds, unread = readHolds(holds, err)
	return Result{Text: unread, Server: &shown}, nil
}

// ref is the server as the command names it; id:12345 is an id and nothing
// else.
func (e errand) ref() gate.Ref {
	if id, is := strings.CutPrefix(e.command.Server, "id:"); is {
		return gate.Ref{Text: id, IsID: true}
	}
	return gate.Ref{Text: e.command.Server}
}

// read finds the command's server and reads it as it is now.
func (e errand) read(ctx context.Context) (gate.Source, vpsapi.Server, error) {
	source, err := e.desk.Source(e.command.Account)
	if err != nil {
		return source, vpsapi.Server{}, err
	}
	ref := e.ref()
	id, err := source.Finder.Find(ctx, ref.Text, vpsapi.FindOptions{Fresh: true, KnownID: ref.IsID})
	if err != nil {
		return source, vpsapi.Server{}, err
	}
	s, err := source.Reader.GetServer(ctx, id)
	return source, s, err
}

func (e errand) requests(ctx context.Context) (Result, error) {
	r := Requests{Which: e.command.Which, Accounts: e.desk.Accounts()}
	account := e.command.Account
	if account != "" {
		if _, err := e.desk.Source(account); err != nil {
			return Result{}, err
		}
	}
	if e.command.Which != command.Mine {
		open, err := e.desk.Open(ctx, e.actor)
		if err != nil {
			return Result{}, err
		}
		r.Open = slices.DeleteFunc(open, func(v gate.View) bool { return account != "" && v.Account != account })
	}
	if e.command.Which != command.Open {
		own, err := e.desk.OwnIn(ctx, e.actor, account, maxRequests)
		if err != nil {
			return Result{}, err
		}
		for _, v := range own {
			if !slices.ContainsFunc(r.Open, func(o gate.View) bool { return o.ID == v.ID }) {
				r.Own = append(r.Own, v)
			}
		}
	}
	return Result{Requests: &r}, nil
}

// readHolds are the locks and freezes that were read; none for who may not list.
// Where they can't be read, unread says so: none shown would look like none there.
func readHolds(holds []gate.HoldInForce, err error) (read []gate.HoldInForce, unread string) {
	var denied *gate.DeniedError
	if err == nil || errors.As(err, &denied) {
		return holds, ""
	}
	unread = "Locks and freezes can't be read, so none are shown."
	if why := faults.Words(err, "list"); why != "" {
		unread += " " + why
	}
	return nil, unread
}

func (e errand) whoami(ctx context.Context) Result {
	holds, unread := readHolds(e.desk.Holds(ctx, e.actor))
	return Result{Text: unread, Who: &Who{
		Actor: e.actor, Person: e.desk.Person(e.actor), Standing: e.standing(), Accounts: e.desk.Accounts(), Holds: holds,
	}}
}

// audit reads the trail. A server that is gone is looked up by its id.
func (e errand) audit(ctx context.Context) (Result, error) {
	id := ""
	if e.command.Server != "" {
		var err error
		if _, id, err = e.serverID(ctx); err != nil {
			return Result{}, err
		}
	}
	rows, err := e.desk.Trail(ctx, e.actor, e.command.Account, id, maxTrail)
	if err != nil {
		return Result{}, err
	}
	return Result{Trail: &Trail{Accounts: e.desk.Accounts(), Rows: rows}}, nil
}
