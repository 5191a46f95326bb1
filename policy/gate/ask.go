package gate

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/ledger"
)

// The ids under which the gate itself denies, beside the policy's rules.
const (
	ruleOpen     = "open-requests"
	ruleCooldown = "deny-cooldown"
)

// ask records an ask and, where the policy wants no vote, carries it out. It
// tells whether the same ask was open already: then that is what it returns.
func (g *Gate) ask(ctx context.Context, actor policy.Actor, op Operation) (r ledger.Request, again bool, err error) {
	if err := g.begin(); err != nil {
		return ledger.Request{}, false, err
	}
	defer g.running.Done()
	ctx, ended := g.Trace(ctx, "ask")
	defer func() { ended(r.ID, err) }()
	if err := op.check(); err != nil {
		return ledger.Request{}, false, err
	}
	op.Reason = capRunes(strings.TrimSpace(op.Reason), maxReason)
	account, err := g.account(op.Account)
	if err != nil {
		return ledger.Request{}, false, err
	}
	pol, began := g.Policy(), g.Now()
	f := &frozen{account: account, op: op}
	f.op.Account = account.Name
	var read []string // the Slack user groups that were read for this
	// Who may not do this to any server learns nothing about this one.
	d := g.decide(pol, actor, f)
	if d.Effect != policy.Deny {
		if f, d, err = g.freezeInTime(ctx, pol, actor, account, op); err != nil {
			return ledger.Request{}, false, err
		}
		if d.Effect != policy.Deny {
			if read, err = g.readTooFew(ctx, pol, actor, f, began); err != nil {
				return ledger.Request{}, false, err
			}
			pol = g.Policy()
		}
	}
	if r, again, err = g.record(ctx, pol, actor, f, d, read); err != nil {
		return ledger.Request{}, false, err
	}
	g.follow(ctx, r)
	return r, again, nil
}

// lookTime bounds what an ask reads of the API, so that who asked still hears
// that the API hangs: most clients wait a minute.
const lookTime = 45 * time.Second

// freezeInTime is freeze within lookTime.
func (g *Gate) freezeInTime(ctx context.Context, pol *policy.Policy, actor policy.Actor, account *Account, op Operation) (*frozen, policy.Decision, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return g.freeze(ctx, pol, actor, account, op)
}

// record writes the ask down, once: the same open ask is the same request.
func (g *Gate) record(ctx context.Context, pol *policy.Policy, actor policy.Actor, f *frozen, d policy.Decision, read []string) (r ledger.Request, again bool, err error) {
	err = g.writeInTime(ctx, func(tx ledger.Tx) error {
		again = false
		if d.Effect != policy.Deny {
			now, err := g.decideIn(tx, pol, actor, f)
			if err != nil {
				return err
			}
			d = now
			denyTooFew(pol, &d, read)
			if err := g.denyWrongClock(tx, &d); err != nil {
				return err
			}
		}
		if d.Effect == policy.Deny {
			r = g.newRequest(pol, actor, g.forAsker(pol, actor, f), d)
			return g.insertDenied(tx, &r, g.denialWords(pol, actor, f, d))
		}
		r = g.newRequest(pol, actor, f, d)
		if err := g.addFormerNames(tx, &r, f); err != nil {
			return err
		}
		if err := g.addUnsettled(tx, &r, f); err != nil {
			return err
		}
		open, err := g.openOf(tx, r)
		if err != nil {
			return err
		}
		if same := slices.IndexFunc(open, func(o ledger.Request) bool { return sameAsk(o, r) }); same >= 0 {
			r, again = open[same], true
			return nil
		}
		return g.admit(tx, pol, &r, open)
	})
	return r, again, err
}

// openOf returns the open requests of r's asker on r's front end.
func (g *Gate) openOf(tx ledger.ReadTx, r ledger.Request) ([]ledger.Request, error) {
	open, err := tx.Requests(ledger.Filter{Person: r.Person, Front: r.Front, States: []ledger.State{ledger.Pending, ledger.Approved}})
	return slices.DeleteFunc(open, func(o ledger.Request) bool { return !r.CreatedAt.Before(o.ExpiresAt) }), err
}

// admit writes a new request in the place of the asker's other for the same server
// and action, unless people would be asked too often.
func (g *Gate) admit(tx ledger.Tx, pol *policy.Policy, r *ledger.Request, open []ledger.Request) error {
	cooling, err := g.cooling(tx, pol, *r)
	if err != nil {
		return err
	}
	if cooling != "" {
		return g.insertDenied(tx, r, cooling, ruleCooldown)
	}
	replaced := func(o ledger.Request) bool {
		return o.Action == r.Action && o.Account == r.Account && targetOf(o) == targetOf(*r)
	}
	if left := slices.DeleteFunc(slices.Clone(open), replaced); len(left) >= pol.Limits().OpenRequestsPerPerson {
		return g.insertDenied(tx, r, tooManyOpen(left), ruleOpen)
	}
	for _, o := range open {
		if !replaced(o) {
			continue
		}
		if _, err := g.move(tx, o, ledger.Superseded, eventState, "replaced by "+r.ID); err != nil {
			return err
		}
	}
	return g.insert(tx, *r)
}

func (g *Gate) newRequest(pol *policy.Policy, actor policy.Actor, f *frozen, d policy.Decision) ledger.Request {
	now := g.Now()
	r := ledger.Request{
		ID: newID(), State: ledger.Pending,
		Person: d.Person, Identity: actor.Identity, Front: actor.Front, Channel: actor.Channel, Client: capRunes(actor.Client, 80),
		Action: f.op.Action, Account: f.account.Name, ServerID: f.id.String(),
		Operation: mustJSON(f.op), Reason: f.op.Reason, Intent: f.intent(d.Person),
		Shown: mustJSON(f.shown), PolicyHash: pol.Hash(), Needs: d.Needs, Rules: d.Rules,
		CreatedAt: now, ExpiresAt: now.Add(pol.Limits().RequestTTL),
	}
	r.Digest = shownDigest(r.Intent, r.PolicyHash, r.Shown, r.Reason)
	if d.Effect == policy.Allow {
		r.State, r.ApprovedAt, r.ExpiresAt = ledger.Approved, now, now.Add(pol.Limits().RunWithin)
	}
	return r
}

// sameAsk tells whether two requests would show a voter the same thing: the
// model's wording of a reason makes no new one.
func sameAsk(a, b ledger.Request) bool {
	return a.Intent == b.Intent && a.PolicyHash == b.PolicyHash && string(a.Shown) == string(b.Shown)
}

// addFormerNames makes a disguise visible: a server renamed shortly before it
// is to be deleted shows the names it bore.
func (g *Gate) addFormerNames(tx ledger.ReadTx, r *ledger.Request, f *frozen) error {
	if f.op.Action != policy.Delete {
		return nil
	}
	past, err := pastOf(tx, *r)
	if err != nil {
		return err
	}
	for _, p := range past {
		shown, err := shownOf(p)
		if err != nil {
			return err
		}
		if name := shown.Name(); name != "" && name != f.shown.Server.Name && !slices.Contains(f.shown.FormerNames, name) {
			f.shown.FormerNames = append(f.shown.FormerNames, name)
		}
	}
	g.show(r, f)
	return nil
}

// show makes what f says now what is shown of r, and voted on.
func (g *Gate) show(r *ledger.Request, f *frozen) {
	r.Shown = mustJSON(f.shown)
	r.Digest = shownDigest(r.Intent, r.PolicyHash, r.Shown, r.Reason)
}

// pastOf returns the newest requests about r's server, and the newest that were
// carried out: asks alone, which cost nothing, must not push those out.
func pastOf(tx ledger.ReadTx, r ledger.Request) ([]ledger.Request, error) {
	lately := ledger.Filter{ServerID: r.ServerID, Account: r.Account, Limit: 200}
	asked, err := tx.Requests(lately)
	if err != nil {
		return nil, err
	}
	lately.States = []ledger.State{ledger.Succeeded, ledger.Unknown}
	done, err := tx.Requests(lately)
	return append(asked, done...), err
}

// cooling says why the ask is refused for now, if a person has denied it
// lately.
func (g *Gate) cooling(tx ledger.ReadTx, pol *policy.Policy, r ledger.Request) (string, error) {
	lately := ledger.Filter{
		Person: r.Person, Front: r.Front, Intent: r.Intent, States: []ledger.State{ledger.Denied},
		EndedSince: r.CreatedAt.Add(-pol.Limits().DenyCooldown), RefusedByPerson: true,
	}
	if r.Action == policy.Update {
		lately.Intent, lately.ServerID, lately.Account = "", r.ServerID, r.Account
	}
	denied, err := tx.Requests(lately)
	if err != nil {
		return "", err
	}
	for _, d := range denied {
		same, err := sameEffect(d, r)
		if err != nil {
			return "", err
		}
		until := d.EndedAt.Add(pol.Limits().DenyCooldown)
		if !same || !r.CreatedAt.Before(until) {
			continue
		}
		votes, err := tx.Votes(d.ID)
		if err != nil {
			return "", err
		}
		for _, v := range votes {
			if !v.Approve && v.Factor >= policy.PersonFactor {
				return v.Person + " denied this a short while ago; it can be asked again after " + until.UTC().Format(time.RFC3339), nil
			}
		}
	}
	return "", nil
}

// sameEffect tells whether two requests of one asker would do the same. An
// update, which alone shows changes, can be asked in several ways: all three fields
// or those that change.
func sameEffect(a, b ledger.Request) (bool, error) {
	if a.Intent == b.Intent {
		return true, nil
	}
	one, err := shownOf(a)
	if err != nil {
		return false, err
	}
	other, err := shownOf(b)
	return slices.Equal(one.Changes, other.Changes), err
}

// targetOf is the server that a request is about: the new one's name for a create,
// and what the asker called it where they are told no more of it.
func targetOf(r ledger.Request) string {
	v, err := ViewOf(r)
	if err != nil {
		return r.ID
	}
	if r.ServerID != "" && !v.isUnseen() {
		return r.ServerID
	}
	if c := v.Operation.Create; c != nil {
		return "new " + inert.Text(c.Name, maxShownName)
	}
	return inert.Text(v.Operation.Server.Text, maxShownName)
}

// tooManyOpen names the oldest, which end first: to name all would cost a model
// more than it tells.
func tooManyOpen(open []ledger.Request) string {
	const named = 2
	open = slices.SortedFunc(slices.Values(open), func(a, b ledger.Request) int { return a.CreatedAt.Compare(b.CreatedAt) })
	var ids []string
	for _, o := range open[:min(named, len(open))] {
		ids = append(ids, o.ID)
	}
	text := strings.Join(ids, ", ")
	if more := len(open) - named; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return "too many of your requests are still open (" + text + "): wait for them or cancel one"
}

func (g *Gate) insert(tx ledger.Tx, r ledger.Request) error {
	if err := tx.Insert(r); err != nil {
		return err
	}
	e := g.event(eventAsk, r, r.Identity, r.Person, r.Front, string(r.State)+" "+string(r.Action)+" "+targetOf(r)+View{Request: r}.glassWords())
	e.Data = decided{r.PolicyHash, r.Rules, r.Needs, r.Message, r.Operation}.data()
	return tx.Audit(e)
}

// decided is what the trail keeps of a decision: why it came out as it did.
type decided struct {
	Policy    string          `json:"policy"`
	Rules     []policy.Rule   `json:"rules"`
	Needs     []policy.Need   `json:"needs,omitempty"`
	Denied    string          `json:"denied,omitempty"`
	Operation json.RawMessage `json:"operation"`
}

// What a row of the trail is given of a decision, in bytes: the ledger takes 64 KiB.
const (
	maxDecided = 40 << 10
	maxDenied  = 2_000 // runes
)

// data is the decision for the trail. One by very many rules, or by very long ones,
// is kept without their words, which the policy has: a denial that could not be
// recorded could not be told either.
func (d decided) data() json.RawMessage {
	text := mustJSON(d)
	if len(text) <= maxDecided {
		return text
	}
	d.Denied, d.Rules = capRunes(d.Denied, maxDenied), slices.Clone(d.Rules)
	for i := range d.Rules {
		d.Rules[i].Why = ""
	}
	return mustJSON(d)
}

func (g *Gate) insertDenied(tx ledger.Tx, r *ledger.Request, why string, rules ...string) error {
	r.State, r.Message, r.Needs, r.EndedAt = ledger.Denied, why, nil, r.CreatedAt
	for _, id := range rules {
		r.Rules = append(r.Rules, policy.Rule{Kind: policy.FloorRule, ID: id, Effect: policy.Deny, Why: why})
	}
	return g.insert(tx, *r)
}

// newID is opaque, and hard to guess without being a secret.
func newID() string { return "req_" + strings.ToLower(rand.Text()[:16]) }

func capRunes(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}
