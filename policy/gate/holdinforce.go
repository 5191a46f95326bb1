package gate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/ledger"
)

// HoldInForce is a lock or a freeze as it holds here now.
type HoldInForce struct {
	ledger.Hold
	// Remark says, without a full stop, what is not here any more, or not by that name,
	// of what the hold names, and what it covers for that. "" where all is as it says.
	Remark string
}

// holds returns what is in force, oldest first.
func (g *Gate) holds(ctx context.Context) (holds []HoldInForce, err error) {
	err = g.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		holds, err = g.holdsIn(tx, g.Policy(), g.Now())
		return err
	})
	return holds, err
}

func (g *Gate) holdsIn(tx ledger.ReadTx, pol *policy.Policy, at time.Time) ([]HoldInForce, error) {
	found, err := tx.Holds(at)
	holds := make([]HoldInForce, len(found))
	for i, h := range found {
		holds[i] = g.inForce(pol, h)
	}
	return holds, err
}

// Amiss returns the locks and freezes in force that name what isn't here, or not
// by that name: for whoever looks after vpsops.
func (g *Gate) Amiss(ctx context.Context) ([]HoldInForce, error) {
	holds, err := g.holds(ctx)
	return slices.DeleteFunc(holds, func(h HoldInForce) bool { return h.Remark == "" }), err
}

// IsOf tells whether the account that a lock or a freeze names is, or may be, the one
// that is called so here.
func (d *Desk) IsOf(h ledger.Hold, account string) bool { return d.gate.mayBeAccount(h, account) }

// inForce says what of a hold's names isn't here, and what that comes to.
func (g *Gate) inForce(pol *policy.Policy, h ledger.Hold) HoldInForce {
	held := HoldInForce{Hold: h}
	value := inert.Text(h.Value, maxShownName)
	var remarks []string
	switch {
	case h.Scope == ledger.ScopePerson && !pol.HasPerson(h.Value):
		remarks = append(remarks, fmt.Sprintf("the policy lists no %s now, so it holds what anybody asks for", value))
	case h.Scope == ledger.ScopeSet && !pol.HasSet(h.Value):
		remarks = append(remarks, fmt.Sprintf("the policy has no server set %s now, so it holds every server", value))
	}
	account, nowhere := g.accountRemark(h)
	if account != "" {
		remarks = append(remarks, account)
	}
	if nowhere {
		remarks = []string{account}
	}
	held.Remark = strings.Join(remarks, ", and ")
	return held
}

// accountRemark is what there is to say of the account that a hold names, and whether
// that is none of those here.
func (g *Gate) accountRemark(h ledger.Hold) (remark string, nowhere bool) {
	named, names := accountOf(h), g.accountNames()
	if named == "" || len(names) == 0 {
		return "", false
	}
	shown, known := inert.Text(named, maxShownName), slices.Contains(names, named)
	other := slices.IndexFunc(names, func(name string) bool { return name != named && g.mayBeAccount(h, name) })
	switch {
	case known && other < 0:
		return "", false
	case known:
		return fmt.Sprintf("the API token of the account %s is now that of %s, so both are held", shown, names[other]), false
	case other < 0:
		return fmt.Sprintf("the account %s is none of those here, by its name or its API token, so it holds nothing here", shown), true
	case h.AccountKey == "":
		return fmt.Sprintf("there is no account %s here now, so it may be any, and all are held", shown), false
	}
	return fmt.Sprintf("the account %s is called %s here", shown, names[other]), false
}

// lifting is the chat's command that lifts a hold.
func (g *Gate) lifting(h ledger.Hold) string {
	command := "unfreeze "
	switch h.Scope {
	case ledger.ScopeServer:
		command = "unlock "
	case ledger.ScopePerson, ledger.ScopeAccount:
		command += string(h.Scope) + ":"
	}
	command += inert.Text(h.Value, maxShownName)
	for _, name := range g.accountNames() {
		if h.Account != "" && g.mayBeAccount(h, name) && (h.Scope != ledger.ScopeServer || len(g.Accounts) > 1) {
			return command + " account=" + name
		}
	}
	return command
}

// holdWords says why, who and until when, for whoever is refused; and where it covers
// more than it names, why that is and what ends it.
func (g *Gate) holdWords(h HoldInForce) string {
	within := ""
	if h.Account != "" {
		within = " in the account " + h.Account
	}
	what := map[ledger.HoldScope]string{
		ledger.ScopeServer: "this server is", ledger.ScopeSet: "the servers of " + h.Value + within + " are",
		ledger.ScopePerson: "what " + h.Value + " asks for" + within + " is", ledger.ScopeAccount: "the account " + h.Value + " is",
	}[h.Scope]
	if what == "" {
		what = "everything is"
	}
	until := "until it is lifted"
	if !h.Until.IsZero() {
		until = "until " + h.Until.UTC().Format(time.RFC3339)
	}
	verb := map[ledger.HoldKind]string{ledger.LockHold: "locked"}[h.Kind]
	if verb == "" {
		verb = "frozen"
	}
	words := fmt.Sprintf("%s %s by %s %s (%s)", what, verb, h.Owner, until, inert.Line(h.Because, 200))
	if h.Remark != "" {
		words += ": " + h.Remark + "; it is lifted on the page, or in the chat by \"" + g.lifting(h.Hold) + "\""
	}
	return words
}
