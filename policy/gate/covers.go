package gate

import (
	"slices"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// covers tells whether a hold keeps an ask from being done. What it names and isn't
// here may be anything that is.
func (g *Gate) covers(h ledger.Hold, pol *policy.Policy, person string, a *policy.Ask) bool {
	switch h.Scope {
	case ledger.ScopeServer:
		return a.Server != nil && a.Server.ID == h.Value && g.mayBeAccount(h, a.Account)
	case ledger.ScopePerson:
		return (person == h.Value || !pol.HasPerson(h.Value)) && (h.Account == "" || g.mayBeAccount(h, a.Account))
	case ledger.ScopeAccount:
		return g.mayBeAccount(h, a.Account)
	case ledger.ScopeSet:
		if h.Account != "" && !g.mayBeAccount(h, a.Account) {
			return false
		}
		for _, s := range []*policy.Server{a.Server, a.After} {
			if s != nil && pol.MayBeIn(*s, h.Value) {
				return true
			}
		}
		return false
	}
	return true // all, and what a newer version wrote
}

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
