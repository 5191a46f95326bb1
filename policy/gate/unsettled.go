package gate

import (
	"fmt"
	"slices"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// unsettledFor is how long a change of which nobody knows whether it happened is
// warned of. A reboot is never found out about, and a day later no longer matters.
const unsettledFor = 24 * time.Hour

// addUnsettled warns of what may have been done already: whoever says yes to the
// same once more may pay twice, or interrupt twice.
func (g *Gate) addUnsettled(tx ledger.ReadTx, r *ledger.Request, f *frozen) error {
	earlier, err := g.unsettled(tx, *r)
	if err != nil {
		return err
	}
	for _, e := range earlier {
		if line := unsettledWords(e); !slices.Contains(f.shown.Warnings, line) {
			f.shown.Warnings = append(f.shown.Warnings, line)
		}
	}
	g.show(r, f)
	return nil
}

// unsettled are the newest changes of r's kind and server, whoever asked for them,
// that are being made or may have been.
func (g *Gate) unsettled(tx ledger.ReadTx, r ledger.Request) ([]ledger.Request, error) {
	const most = 3
	same := ledger.Filter{Account: r.Account, ServerID: r.ServerID, States: []ledger.State{ledger.Executing}}
	found, err := tx.Requests(same)
	if err != nil {
		return nil, err
	}
	same.States, same.EndedSince = []ledger.State{ledger.Unknown}, r.CreatedAt.Add(-unsettledFor)
	unknown, err := tx.Requests(same)
	found = slices.DeleteFunc(append(found, unknown...), func(o ledger.Request) bool {
		return o.Action != r.Action || targetOf(o) != targetOf(r)
	})
	return found[:min(len(found), most)], err
}

func unsettledWords(r ledger.Request) string {
	which, mind := fmt.Sprintf("an earlier %s of this server, %s,", r.Action, r.ID), "look at the server before it is done twice"
	if r.Action == policy.Create {
		which, mind = fmt.Sprintf("an earlier create of this name, %s,", r.ID), "look before you pay twice"
	}
	if r.State == ledger.Executing {
		return which + " is being carried out: " + mind
	}
	return which + " may have been done: " + mind
}
