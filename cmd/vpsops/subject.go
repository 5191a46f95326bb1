package main

import (
	"errors"
	"fmt"
	"strings"

	"vpsops/policy/ledger"
)

// subject is what records are wanted of; "" is any.
type subject struct{ server, request, person string }

// known refuses a subject that cannot be meant: that nothing is found of a slip would
// pass for that nothing happened. What the ledger has something of is known.
func (c *core) known(tx ledger.ReadTx, s subject) error {
	return errors.Join(knownServer(tx, s.server), knownRequest(tx, s.request), c.knownAsker(tx, s.person))
}

func knownServer(tx ledger.ReadTx, id string) error {
	if id == "" || isNumberOrUUID(id) {
		return nil
	}
	rows, err := tx.Trail(ledger.EventFilter{ServerID: id, Limit: 1})
	if err == nil && len(rows) == 0 {
		err = &usageError{fmt.Errorf("--server is a server's id, and the ledger has nothing of %q; \"vpsops console -c list\" shows the ids of those there are", id)}
	}
	return err
}

func isNumberOrUUID(id string) bool {
	return strings.Trim(id, "0123456789") == "" || len(id) == 36 && strings.Count(id, "-") == 4
}

func knownRequest(tx ledger.ReadTx, id string) error {
	if id == "" {
		return nil
	}
	rows, err := tx.Trail(ledger.EventFilter{RequestID: id, Limit: 1})
	if err == nil && len(rows) == 0 {
		err = noRequest(id)
	}
	return err
}

func noRequest(id string) error {
	return fmt.Errorf("there is no request %q; \"vpsops requests list\" shows those there are", id)
}

// knownAsker asks the policy, where there is one, of whom the ledger has no request.
func (c *core) knownAsker(tx ledger.ReadTx, person string) error {
	if person == "" || c.cfg.PolicyFile == "" && person == c.cfg.Person {
		return nil
	}
	asked, err := tx.Requests(ledger.Filter{Person: person, Limit: 1})
	if err != nil || len(asked) > 0 {
		return err
	}
	listed := ""
	if c.cfg.PolicyFile != "" {
		pol, err := loadPolicy(c.cfg.PolicyFile)
		switch {
		case err != nil: // what is wrong with it is no matter of the records
		case pol.HasPerson(person):
			return nil
		default:
			listed = ", and the policy lists " + strings.Join(pol.People(), ", ")
		}
	}
	return &usageError{fmt.Errorf("--person is who asked, and the ledger has nothing of %q%s", person, listed)}
}
