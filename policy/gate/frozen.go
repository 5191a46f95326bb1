package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/vpsapi"
)

// frozen is an operation whose server is known and whose arguments can no
// longer change.
type frozen struct {
	account *Account
	op      Operation
	asked   Ref       // the server as the asker wrote it
	several bool      // there are several accounts: which one this is in must be said
	id      vpsapi.ID // zero for a create
	shown   Shown
}

// freeze resolves the server, reads it fresh, and works out what would change. Who
// may not do this to that very server is denied before anything is held to how it
// is: each such answer would tell of it.
func (g *Gate) freeze(ctx context.Context, pol *policy.Policy, actor policy.Actor, a *Account, op Operation) (*frozen, policy.Decision, error) {
	f := &frozen{account: a, op: op, asked: op.Server, several: len(g.Accounts) > 1}
	f.op.Account = a.Name
	if op.Action == policy.Create {
		return f, policy.Decision{}, f.freezeCreate(ctx)
	}
	if err := f.look(ctx); err != nil {
		return f, policy.Decision{}, err
	}
	d := g.decide(pol, actor, f)
	if d.Effect == policy.Deny {
		return f, d, nil
	}
	return f, d, f.check(ctx)
}

// look finds the server and reads it, once.
func (f *frozen) look(ctx context.Context) error {
	op, a := f.op, f.account
	// Who an id means is settled by the read below. The list tells only whether
	// another server goes by it, for which a few seconds don't matter: a new list
	// for each ask would be a thousand pages on a large account.
	found, err := a.Finder.Find(ctx, op.Server.Text, vpsapi.FindOptions{Fresh: !op.Server.IsID, KnownID: op.Action == policy.Delete && op.Server.IsID})
	if err != nil {
		return sharedID(err)
	}
	if op.Server.IsID && found.String() != strings.TrimSpace(op.Server.Text) {
		// An id that is gone may be what another server is called.
		return &vpsapi.NotFoundError{Ref: op.Server.Text}
	}
	server, err := a.Reader.GetServer(ctx, found)
	if err != nil {
		return err
	}
	facts := factsOf(server)
	f.id, f.shown.Server = facts.ID, &facts
	f.op.Server = Ref{Text: facts.ID.String(), IsID: true}
	return nil
}

// check holds what was asked to the server as it is.
func (f *frozen) check(ctx context.Context) error {
	switch f.op.Action {
	case policy.Delete:
		return f.checkDelete()
	case policy.Update:
		if err := f.freezeUpdate(); err != nil {
			return err
		}
		return f.warnOfNames(ctx)
	}
	return f.checkPower()
}

// freezeCreate reads the price and what stands in the way.
func (f *frozen) freezeCreate(ctx context.Context) error {
	c := f.op.Create
	after := Facts{Name: c.Name, Hostname: c.Hostname, Location: c.Location, PlanID: c.PlanID, OSID: c.OSID, Backups: c.BackupsEnabled}
	plan, err := f.account.plan(ctx, c.PlanID)
	if err != nil {
		return err
	}
	after.Plan, f.shown.MonthlyPrice = plan.Name, plan.monthly()
	f.shown.After = &after
	if f.shown.MonthlyPrice == "" {
		f.shown.Warnings = append(f.shown.Warnings, "the price of this plan cannot be read")
	}
	there, err := f.account.peers(ctx, c)
	if err != nil {
		return err
	}
	f.shown.SameName, after.OS = there.sameName, there.system
	for _, name := range there.taken {
		f.warnOfName(name)
	}
	return f.warnOfChoices(ctx, plan, there.locations)
}

// peers are the servers that there are, beside a new one.
type peers struct {
	sameName  []vpsapi.ID // that bear its name already
	taken     []string    // of its name and hostname, what another is called by already
	system    string      // what those with its system call that; "" where none has it, or they don't agree
	locations map[string]bool
}

// peers reads them: the API has no list of systems.
func (a *Account) peers(ctx context.Context, c *vpsapi.CreateServerParams) (peers, error) {
	p, names := peers{locations: make(map[string]bool)}, make(map[string]bool)
	for s, err := range a.Reader.Servers(ctx, vpsapi.ServerFilter{}) {
		if err != nil {
			return peers{}, err
		}
		p.locations[s.Location] = true
		if s.Name == c.Name {
			p.sameName = append(p.sameName, s.ID)
		}
		for _, name := range []string{c.Name, c.Hostname} {
			if name != "" && goesBy(s, name) && !slices.Contains(p.taken, name) {
				p.taken = append(p.taken, name)
			}
		}
		if s.OS.ID.Equal(c.OSID) && !names[s.OS.Name] {
			p.system, names[s.OS.Name] = s.OS.Name, true
		}
	}
	if len(names) > 1 {
		p.system = ""
	}
	return p, nil
}

// goesBy tells whether a server is found by a name.
func goesBy(s vpsapi.Server, name string) bool {
	return slices.Contains([]string{s.ID.String(), s.Name, s.Hostname, s.IPAddress}, name)
}

// takes tells whether another server than this one is found by a name already.
func (a *Account) takes(ctx context.Context, name string, but vpsapi.ID) (bool, error) {
	id, err := a.Finder.Find(ctx, name, vpsapi.FindOptions{Fresh: true})
	var none *vpsapi.NotFoundError
	var several *vpsapi.AmbiguousError
	switch {
	case errors.As(err, &none):
		return false, nil
	case errors.As(err, &several):
		return true, nil
	}
	return err == nil && !id.Equal(but), err
}

// place says in which account a server is that is refused as it is: another may have
// one of that id or name.
func (f *frozen) place() string {
	if !f.several {
		return ""
	}
	return " in account " + inert.Text(f.account.Name, maxShownName)
}

// maxGivenName is how many runes of a name assistants are shown.
const maxGivenName = 300

// checkDelete wants the name beside the id. Who was shown it in another form, since it
// has what doesn't show as it is, may give that.
func (f *frozen) checkDelete() error {
	name := f.shown.Server.Name
	if !slices.Contains([]string{name, inert.Text(name, maxGivenName), inert.Line(name, maxGivenName)}, f.op.Name) {
		return &InvalidError{"name", fmt.Sprintf("server %s%s is called %q, not %q: id and name must agree", f.id, f.place(), f.shown.Server.Name, f.op.Name)}
	}
	return nil
}

// checkPower spares people a question whose answer the API would refuse. A
// status it does not know is left to the API.
func (f *frozen) checkPower() error {
	name, status := f.shown.Server.Name, f.shown.Server.Status
	refuse := func(why string) error {
		return &InvalidError{"", fmt.Sprintf("the server %s%s is %s: %s", inert.Name(name, maxShownName), f.place(), inert.Name(string(status), maxShownName), why)}
	}
	switch {
	case status.Transitional():
		return refuse("wait until it has arrived, then ask again")
	case status == vpsapi.StatusSuspended:
		return refuse("only the provider can lift a suspension")
	case f.op.Action == policy.Start && status == vpsapi.StatusActive:
		return refuse("there is nothing to start")
	case f.op.Action != policy.Start && status == vpsapi.StatusStopped:
		return refuse("it is not running")
	}
	return nil
}

// freezeUpdate works out what would really change.
func (f *frozen) freezeUpdate() error {
	u, before := f.op.Update, f.shown.Server
	after := *before
	add := func(field, from, to string) {
		if from != to {
			f.shown.Changes = append(f.shown.Changes, Change{field, from, to})
		}
	}
	if u.Name != nil {
		add("name", before.Name, *u.Name)
		after.Name = *u.Name
	}
	if u.Hostname != nil {
		add("hostname", before.Hostname, *u.Hostname)
		after.Hostname = *u.Hostname
	}
	if u.BackupsEnabled != nil {
		add("backups_enabled", boolText(before.Backups), boolText(u.BackupsEnabled))
		after.Backups = u.BackupsEnabled
	}
	if len(f.shown.Changes) == 0 {
		return &InvalidError{"", "the server " + inert.Name(before.Name, maxShownName) + f.place() + " is already so: nothing would change"}
	}
	f.shown.After = &after
	return nil
}

// warnOfNames warns of a new name or hostname that would be two servers' from then
// on.
func (f *frozen) warnOfNames(ctx context.Context) error {
	before, after := f.shown.Server, f.shown.After
	var names []string
	if after.Name != before.Name {
		names = append(names, after.Name)
	}
	if after.Hostname != before.Hostname && after.Hostname != "" && !slices.Contains(names, after.Hostname) {
		names = append(names, after.Hostname)
	}
	for _, name := range names {
		taken, err := f.account.takes(ctx, name, f.id)
		if err != nil {
			return err
		}
		if taken {
			f.warnOfName(name)
		}
	}
	return nil
}

func (f *frozen) warnOfName(name string) {
	f.shown.Warnings = append(f.shown.Warnings, "another server already goes by the name "+name)
}

func boolText(b *bool) string {
	if b == nil {
		return "unknown"
	}
	return strconv.FormatBool(*b)
}

// ask is the question to the policy.
func (f *frozen) ask(actor policy.Actor) policy.Ask {
	a := policy.Ask{Actor: actor, Action: f.op.Action, Account: f.account.Name, BreakGlass: f.op.BreakGlass, AnyServer: f.shown.Server == nil && f.shown.After == nil}
	if f.shown.Server != nil {
		a.Server = f.shown.Server.forPolicy(f.account.Name)
	}
	if f.shown.After != nil {
		a.After = f.shown.After.forPolicy(f.account.Name)
	}
	if price, ok := vpsapi.ParsePrice(f.shown.MonthlyPrice); ok {
		if cents, ok := price.Cents(); ok {
			a.MonthlyCents = &cents
		}
	}
	return a
}

func mustJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil { // only our own plain structs come here
		panic(err)
	}
	return text
}
