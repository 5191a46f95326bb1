package runner

import (
	"context"
	"slices"
	"strings"

	"vpsops/internal/listing"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot/command"
	"vpsops/vpsapi"
)

// ask hands an operation to the gate.
func (e errand) ask(ctx context.Context, op gate.Operation) (Result, error) {
	op.Account, op.Reason, op.BreakGlass = e.command.Account, e.command.Because, e.command.BreakGlass
	v, err := e.desk.Ask(ctx, e.actor, op)
	if err != nil {
		return Result{}, err
	}
	return Result{Request: &Request{View: v, Operation: op}}, nil
}

// mayAsk tells whether the actor may do it to any server: who may not learns
// nothing of this one, and the gate says no.
func (e errand) mayAsk(a policy.Action) bool {
	_, may := e.desk.May(e.actor)[a]
	return may
}

// change asks for what needs nothing but the server. A delete names it by id and
// name: what was typed may be neither.
func (e errand) change(ctx context.Context, a policy.Action) (Result, error) {
	op := gate.Operation{Action: a, Server: e.ref()}
	if a != policy.Delete {
		return e.ask(ctx, op)
	}
	op.Name = op.Server.Text
	if e.mayAsk(a) {
		_, s, err := e.read(ctx)
		if err != nil {
			return Result{}, err
		}
		op.Server, op.Name = gate.Ref{Text: s.ID.String(), IsID: true}, s.Name
	}
	return e.ask(ctx, op)
}

func (e errand) update(ctx context.Context) (Result, error) {
	c := e.command
	if c.Form() {
		return e.updateForm(ctx)
	}
	u := &vpsapi.UpdateServerParams{BackupsEnabled: enabled(c.Backups)}
	if c.Name != "" {
		u.Name = &c.Name
	}
	if c.Hostname != "" {
		u.Hostname = &c.Hostname
	}
	return e.ask(ctx, gate.Operation{Action: policy.Update, Server: e.ref(), Update: u, Replace: c.Replace})
}

// updateForm is a server as it is now, for who may change it: a form whose answer
// would be refused is no help.
func (e errand) updateForm(ctx context.Context) (Result, error) {
	if err := e.desk.MayAsk(e.actor, policy.Update, e.command.Account); err != nil {
		return Result{}, err
	}
	shown, err := e.show(ctx)
	if err != nil {
		return Result{}, err
	}
	d, err := e.desk.Outlook(ctx, e.actor, policy.Update, shown.Server.Account, shown.Server.Server)
	if err != nil {
		return Result{}, err
	}
	if d.Effect == policy.Deny && len(d.Lifts) == 0 {
		return Result{}, &gate.DeniedError{Decision: d}
	}
	return Result{Form: &Form{Server: &shown.Server.Server}}, nil
}

func enabled(s command.Switch) *bool {
	if s == "" {
		return nil
	}
	on := s == command.On
	return &on
}

func (e errand) create(ctx context.Context) (Result, error) {
	if err := e.desk.MayAsk(e.actor, policy.Create, e.command.Account); err != nil {
		return e.refusedCreate(ctx, err)
	}
	source, err := e.desk.Source(e.command.Account)
	if err != nil {
		return Result{}, err
	}
	choices, err := e.choices(ctx, source)
	if err != nil {
		return Result{}, err
	}
	if missing := e.missing(); len(missing) > 0 {
		return Result{Form: &Form{Missing: missing, Choices: choices}}, nil
	}
	params, err := e.resolve(choices)
	if err != nil {
		return Result{}, err
	}
	return e.ask(ctx, gate.Operation{Action: policy.Create, Create: params})
}

// missing are the keys that a create needs and that were not given.
func (e errand) missing() (keys []string) {
	c := e.command
	for _, k := range []struct{ key, given string }{{"name", c.Name}, {"plan", c.Plan}, {"os", c.OS}, {"location", c.Location}} {
		if k.given == "" {
			keys = append(keys, k.key)
		}
	}
	return keys
}

// refusedCreate has the gate deny and record a create that was written out with
// ids. Of any other there is nothing true to record: who may not create is not
// told what names stand for, and a form is no ask. That is refused as a read is.
func (e errand) refusedCreate(ctx context.Context, no error) (Result, error) {
	c := e.command
	if len(e.missing()) > 0 || !looksLikeID(c.Plan) || !looksLikeID(c.OS) {
		return Result{}, no
	}
	params, err := e.resolve(&Choices{})
	if err != nil {
		return Result{}, err
	}
	return e.ask(ctx, gate.Operation{Action: policy.Create, Create: params})
}

// resolve makes ids of what plans and systems are called.
func (e errand) resolve(from *Choices) (*vpsapi.CreateServerParams, error) {
	c := e.command
	p := &vpsapi.CreateServerParams{Name: c.Name, Location: c.Location, Hostname: c.Hostname, BackupsEnabled: enabled(c.Backups)}
	var err error
	if p.PlanID, err = pick("plan", c.Plan, from.planNames()); err != nil {
		return nil, err
	}
	if p.OSID, err = pick("os", c.OS, from.systemNames()); err != nil {
		return nil, err
	}
	if c.SSHKey != "" {
		key, err := vpsapi.ParseID(c.SSHKey)
		if err != nil {
			return nil, &gate.InvalidError{Field: "ssh-key", Problem: "is the key's id, as the panel shows it"}
		}
		p.SSHKeyID = &key
	}
	return p, nil
}

// choice is something that is chosen by its id or one of its names.
type choice struct {
	id    vpsapi.ID
	names []string
}

// pick finds what a text names. An id that no list shows is taken as it is; a
// name that no list shows isn't.
func pick(field, text string, from []choice) (vpsapi.ID, error) {
	var found []vpsapi.ID
	for _, c := range from {
		named := slices.ContainsFunc(c.names, func(name string) bool { return strings.EqualFold(name, text) })
		if (named || c.id.String() == text) && !slices.Contains(found, c.id) {
			found = append(found, c.id)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return vpsapi.ID{}, &gate.InvalidError{Field: field, Problem: "is the name of several; give its id"}
	}
	if id, err := vpsapi.ParseID(text); err == nil && looksLikeID(text) {
		return id, nil
	}
	names := make([]string, 0, len(from))
	for _, c := range from {
		names = append(names, c.names[0])
	}
	if len(names) == 0 {
		return vpsapi.ID{}, &gate.InvalidError{Field: field, Problem: "can't be looked up by name here; give its id, as the panel shows it"}
	}
	return vpsapi.ID{}, &gate.InvalidError{Field: field, Problem: "is an id or one of: " + strings.Join(names, ", ")}
}

// looksLikeID tells a number or a UUID from a name.
func looksLikeID(text string) bool {
	digits := strings.Trim(text, "0123456789") == ""
	return digits || len(text) == 36 && strings.Count(text, "-") == 4
}

// choices are what a server can be made of, as far as the actor may list servers.
func (e errand) choices(ctx context.Context, source gate.Source) (*Choices, error) {
	var visible func(*vpsapi.Server) bool
	if e.desk.MayRead(e.actor, policy.List, source.Account, nil) == nil {
		visible = func(s *vpsapi.Server) bool { return e.desk.MayRead(e.actor, policy.List, source.Account, s) == nil }
	}
	found, err := listing.ReadChoices(ctx, source.Reader, "", visible)
	if err != nil {
		return nil, err
	}
	return &Choices{Plans: found.Plans, Locations: found.Locations, Systems: found.Systems}, nil
}

func (c *Choices) planNames() []choice {
	names := make([]choice, len(c.Plans))
	for i, p := range c.Plans {
		names[i] = choice{p.ID, []string{p.Name, p.Slug}}
	}
	return names
}

func (c *Choices) systemNames() []choice {
	names := make([]choice, len(c.Systems))
	for i, s := range c.Systems {
		names[i] = choice{s.ID, []string{s.Name}}
	}
	return names
}
