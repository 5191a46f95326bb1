package ledgertest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// testAskNeverChanges holds that who asked for what stays as it was written.
func testAskNeverChanges(t *testing.T, open Open) {
	l := open(t)
	insert(t, l, whole())
	for name, change := range map[string]func(*ledger.Request){
		"the person":    func(r *ledger.Request) { r.Person = "mallory" },
		"the account":   func(r *ledger.Request) { r.Identity.ID = "mallory" },
		"the front end": func(r *ledger.Request) { r.Front = policy.Console },
		"the action":    func(r *ledger.Request) { r.Action = policy.Start },
		"the server":    func(r *ledger.Request) { r.ServerID = "999" },
		"the API's":     func(r *ledger.Request) { r.Account = "another" },
		"the operation": func(r *ledger.Request) { r.Operation = json.RawMessage(`{"other":1}`) },
		"the intent":    func(r *ledger.Request) { r.Intent = "another" },
		"the reason":    func(r *ledger.Request) { r.Reason = "another" },
		"the time":      func(r *ledger.Request) { r.CreatedAt = r.CreatedAt.Add(time.Second) },
	} {
		err := l.Write(context.Background(), func(tx ledger.Tx) error {
			r, err := tx.Request(whole().ID)
			if err != nil {
				return err
			}
			change(&r)
			_, err = tx.Update(r)
			return err
		})
		if !errors.Is(err, ledger.ErrAnotherAsk) {
			t.Errorf("%s changes: %v", name, err)
		}
	}
}

// testRefusedByPerson holds a person's no apart from a dialog's and from the
// policy's.
func testRefusedByPerson(t *testing.T, open Open) {
	l := open(t)
	for _, id := range []string{"person", "dialog", "policy", "approved"} {
		insert(t, l, newRequest(id))
	}
	write(t, l, func(tx ledger.Tx) error {
		return errors.Join(
			tx.AddVote(ledger.Vote{RequestID: "person", Person: "ana", Factor: policy.PersonFactor, At: time.Unix(1, 0)}),
			tx.AddVote(ledger.Vote{RequestID: "dialog", Person: "ana", Factor: policy.Client, At: time.Unix(1, 0)}),
			tx.AddVote(ledger.Vote{RequestID: "approved", Person: "ana", Factor: policy.Passkey, Approve: true, At: time.Unix(1, 0)}),
		)
	})
	read(t, l, func(tx ledger.ReadTx) error {
		found, err := tx.Requests(ledger.Filter{RefusedByPerson: true})
		if len(found) != 1 || found[0].ID != "person" {
			t.Errorf("found %v", found)
		}
		return err
	})
}

// testHasYes holds requests to which somebody said yes apart from the others.
func testHasYes(t *testing.T, open Open) {
	l := open(t)
	for _, id := range []string{"yes", "both", "no", "none"} {
		insert(t, l, newRequest(id))
	}
	vote := func(id, person string, approve bool) ledger.Vote {
		return ledger.Vote{RequestID: id, Person: person, Factor: policy.Client, Approve: approve, At: time.Unix(1, 0)}
	}
	write(t, l, func(tx ledger.Tx) error {
		return errors.Join(
			tx.AddVote(vote("yes", "ana", true)), tx.AddVote(vote("both", "ana", true)), tx.AddVote(vote("both", "ben", false)), tx.AddVote(vote("no", "ana", false)),
		)
	})
	read(t, l, func(tx ledger.ReadTx) error {
		found, err := tx.Requests(ledger.Filter{HasYes: true, States: []ledger.State{ledger.Pending}})
		if len(found) != 2 || found[0].ID != "both" || found[1].ID != "yes" {
			t.Errorf("found %v", found)
		}
		return err
	})
}
