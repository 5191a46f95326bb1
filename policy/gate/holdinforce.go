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

// accountOf is the name of the account that a hold is on or limited to, or "".
func accountOf(h ledger.Hold) string {
	if h.Scope == ledger.ScopeAccount {
		return h.Value
	}
	return h.Account
}

// accountKey tells an account from others, whatever it is called; "" is none.
func (g *Gate) accountKey(name string) string {
	for _, a := range g.Accounts {
		if a.Name == name {
			return a.Fingerprint
		}
	}
	return ""
}

// mayBeAccount tells whether the account that a hold names is, or may be, one here:
// by its name, which stays while its token is exchanged; and by its token, which stays
// while it is called otherwise. By neither it is another's, which shares the ledger;
// or, where the ledger has no token's fingerprint, any.
func (g *Gate) mayBeAccount(h ledger.Hold, account string) bool {
	switch named := accountOf(h); {
	case named == account:
		return true
	case h.AccountKey == "":
		return !slices.Contains(g.accountNames(), named)
	default:
		return g.accountKey(named) != h.AccountKey && g.accountKey(account) == h.AccountKey
	}
}

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
