package gate

import (
	"context"
	"errors"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// Desk is what a front end holds that may ask and look, and that votes for
// nobody: at most it hands in what its own dialog said, for the asker alone.
// It is safe for concurrent use.
type Desk struct{ gate *Gate }

// Desk returns the gate as an asking front end sees it.
func (g *Gate) Desk() *Desk { return &Desk{g} }

// Ask records an ask and, where no vote is needed, carries it out and returns
// with its outcome. The policy's no is a View with the outcome denied, not an
// error. Errors are an *InvalidError, *NoAccountError, ErrClosing, or what
// reading the server gave (a *vpsapi.NotFoundError or *vpsapi.AmbiguousError
// where the name is not one server's, a *SharedIDError where an id is not);
// nothing was recorded or sent then.
func (d *Desk) Ask(ctx context.Context, actor policy.Actor, op Operation) (View, error) {
	r, again, err := d.gate.ask(ctx, actor, op)
	if err != nil {
		return View{}, err
	}
	v, err := d.afterward(ctx, actor, r)
	v.Again = again
	return v, err
}

// afterward waits for a call that is being made. A stranger's ask is recorded
// and can be looked at by nobody, so its view is made here.
func (d *Desk) afterward(ctx context.Context, actor policy.Actor, r ledger.Request) (View, error) {
	if r.State == ledger.Denied {
		return d.gate.bareView(r)
	}
	return d.gate.waitForCall(ctx, actor, r.ID)
}

// Dialog returns the sealed state for a dialog of the client's about a
// pending request, or "" where a dialog's answer would not count.
func (d *Desk) Dialog(actor policy.Actor, op Operation, v View) string {
	return d.gate.dialog(actor, op, v.Request)
}

// Page returns the sealed state for a call that is made again once its pending
// request's page was opened.
func (d *Desk) Page(actor policy.Actor, op Operation, v View) string {
	return d.gate.page(actor, op, v.Request)
}

// AtPage is Request for the very call that a page's state was sealed for. A state
// that is forged, another caller's or another call's is ErrDialog, and recorded.
func (d *Desk) AtPage(ctx context.Context, actor policy.Actor, op Operation, state string) (View, error) {
	id, err := d.gate.openPage(ctx, actor, op, state)
	if err != nil {
		return View{}, err
	}
	return d.Request(ctx, actor, id)
}

// Answer hands in a dialog's answer to the very call that the state was sealed
// for. A state that is forged, another caller's, another call's, too old or
// used before is recorded and counts for nothing; it is ErrDialog, save where it is of
// this caller's very call and its request is no longer pending: then that is returned.
func (d *Desk) Answer(ctx context.Context, actor policy.Actor, op Operation, state string, accept bool) (View, error) {
	r, err := d.gate.answer(ctx, actor, op, state, accept)
	var late *TooLateError
	if err != nil && !errors.As(err, &late) {
		return View{}, err
	}
	return d.gate.waitForCall(ctx, actor, r.ID)
}

// Request returns a request that is some of the actor's business: their own or,
// but for an assistant, one that wants their vote. Any other is ErrNotFound.
func (d *Desk) Request(ctx context.Context, actor policy.Actor, id string) (View, error) {
	v, err := d.gate.view(ctx, actor, id)
	if err != nil || v.Outcome != OutcomeAccepted {
		return v, err
	}
	d.gate.refresh(ctx, v)
	return d.gate.view(context.WithoutCancel(ctx), actor, id) // it is known, though the look was cut short
}

// Wait is Request, but returns only when there is nothing left to wait for, or
// after the time limit. progress, if not nil, is called with every change.
func (d *Desk) Wait(ctx context.Context, actor policy.Actor, id string, limit time.Duration, progress func(View)) (View, error) {
	if limit <= 0 {
		return d.Request(ctx, actor, id)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if v, err := d.gate.view(ctx, actor, id); err == nil && v.Gone() {
		d.gate.refresh(ctx, v) // nobody follows it any more
	}
	return d.gate.wait(ctx, actor, id, progress)
}

// Cancel takes back the actor's own open request. A request that is decided
// already is returned as it is with a *TooLateError; another person's is
// ErrNotFound.
func (d *Desk) Cancel(ctx context.Context, actor policy.Actor, id string) (View, error) {
	_, late := d.gate.cancel(ctx, actor, id)
	var tooLate *TooLateError
	if late != nil && !errors.As(late, &tooLate) {
		return View{}, late
	}
	v, err := d.gate.view(ctx, actor, id)
	return v, errors.Join(err, late)
}

// Own returns the actor's newest requests, newest first.
func (d *Desk) Own(ctx context.Context, actor policy.Actor, limit int) ([]View, error) {
	return d.OwnIn(ctx, actor, "", limit)
}

// OwnIn is Own for the requests in one account alone; "" is all of them.
func (d *Desk) OwnIn(ctx context.Context, actor policy.Actor, account string, limit int) ([]View, error) {
	person := d.gate.Policy().PersonOf(actor.Identity)
	if person == "" {
		return nil, nil
	}
	f := ledger.Filter{Person: person, Account: account, Limit: limit}
	own, err := d.gate.views(ctx, f, func(ledger.Request) bool { return true })
	if err != nil || !d.gate.expireDue(ctx, own) {
		return own, err
	}
	return d.gate.views(ctx, f, func(ledger.Request) bool { return true })
}

// Open returns the open requests that are some of the actor's business, newest
// first: their own, and those that want their vote.
func (d *Desk) Open(ctx context.Context, actor policy.Actor) ([]View, error) {
	pol := d.gate.Policy()
	person := pol.PersonOf(actor.Identity)
	if person == "" {
		return nil, nil
	}
	open := ledger.Filter{States: []ledger.State{ledger.Pending, ledger.Approved}}
	return d.gate.views(ctx, open, func(r ledger.Request) bool {
		return !d.gate.due(r) && (r.Person == person || d.gate.mayDecide(pol, r, person))
	})
}

// views reads what the filter and keep pick.
func (g *Gate) views(ctx context.Context, f ledger.Filter, keep func(ledger.Request) bool) (views []View, err error) {
	pol := g.Policy()
	err = g.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		views = nil
		found, err := tx.Requests(f)
		if err != nil {
			return err
		}
		for _, r := range found {
			if !keep(r) {
				continue
			}
			v, err := g.viewOf(tx, pol, r)
			if err != nil {
				return err
			}
			views = append(views, v)
		}
		return nil
	})
	return views, err
}

// Source is where one account's servers are read.
type Source struct {
	Account string
	Reader  *vpsapi.Reader
	Finder  *vpsapi.Finder
}

// Source returns where to read an account's servers; "" is the default
// account. It is a *NoAccountError where there is none.
func (d *Desk) Source(account string) (Source, error) {
	a, err := d.gate.account(account)
	if err != nil {
		return Source{}, err
	}
	return Source{Account: a.Name, Reader: a.Reader, Finder: a.Finder}, nil
}

// Accounts returns the names of the configured accounts, the default first.
func (d *Desk) Accounts() []string { return d.gate.accountNames() }

// ReadOnly tells whether changes are neither offered nor accepted.
func (d *Desk) ReadOnly() bool { return d.gate.ReadOnly }

// MayRead returns nil where the actor may do a list or get, of this server or,
// where it is nil, of any; else a *DeniedError. What is read is written into
// the audit trail a while later, at best effort.
func (d *Desk) MayRead(actor policy.Actor, action policy.Action, account string, server *vpsapi.Server) error {
	decision := d.readDecision(actor, action, account, server)
	if accounts := d.gate.Accounts; account == "" && len(accounts) > 0 {
		account = accounts[0].Name
	}
	read := readKey{eventRead, actor.Identity, decision.Person, actor.Front, action, account, allServers}
	if server != nil {
		read.server = server.ID.String()
	}
	if decision.Effect == policy.Deny {
		read.kind = eventReadDenied
		d.gate.noteRead(read)
		return &DeniedError{decision}
	}
	if (action == policy.Get) == (server != nil) { // not a list's single rows, nor whether any may be got
		d.gate.noteRead(read)
	}
	return nil
}

func (d *Desk) readDecision(actor policy.Actor, action policy.Action, account string, server *vpsapi.Server) policy.Decision {
	a := policy.Ask{Actor: actor, Action: action, Account: account, At: d.gate.Now(), AnyServer: server == nil}
	if server != nil {
		a.Server = factsOf(*server).forPolicy(account)
	}
	return d.gate.Policy().Decide(a)
}

// Person returns the name of the actor's person in the policy, or "".
func (d *Desk) Person(actor policy.Actor) string {
	return d.gate.Policy().PersonOf(actor.Identity)
}

// May returns what the actor may ask for on some server, and how such an ask
// would end at the least.
func (d *Desk) May(actor policy.Actor) map[policy.Action]policy.Decision {
	may := make(map[policy.Action]policy.Decision)
	for _, action := range policy.Actions() {
		f := &frozen{account: &Account{}, op: Operation{Action: action}}
		if decision := d.gate.decide(d.gate.Policy(), actor, f); decision.Effect != policy.Deny {
			may[action] = decision
		}
	}
	return may
}

// MayAsk returns nil where the actor may ask for a change of some server; else a
// *DeniedError, and the refusal is written into the audit trail as that of a read.
// It is for what is not an ask yet, such as a form to fill in: an ask is refused by
// [Desk.Ask], which records what was asked.
func (d *Desk) MayAsk(actor policy.Actor, action policy.Action, account string) error {
	a, err := d.gate.account(account)
	if err != nil {
		return err
	}
	decision := d.gate.decide(d.gate.Policy(), actor, &frozen{account: a, op: Operation{Action: action}})
	if decision.Effect != policy.Deny {
		return nil
	}
	d.gate.noteRead(readKey{eventReadDenied, actor.Identity, decision.Person, actor.Front, action, a.Name, allServers})
	return &DeniedError{decision}
}

// Eligible returns who could fill a need of an ask by the actor.
func (d *Desk) Eligible(actor policy.Actor, n policy.Need) []string {
	pol := d.gate.Policy()
	return pol.Eligible(n, pol.PersonOf(actor.Identity))
}

// NeedWords says in a line what a need of an ask by the actor is, and who
// could fill it.
func (d *Desk) NeedWords(actor policy.Actor, n policy.Need) string {
	pol := d.gate.Policy()
	return pol.NeedBy(n, pol.PersonOf(actor.Identity)).String()
}
