package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// A request's life as one person at a time would live it: each deed is done
// where it may be, and otherwise told in which state the request is.

type deed string

const (
	approve deed = "approve"
	deny    deed = "deny"
	cancel  deed = "cancel"
	claim   deed = "claim"
)

var deeds = map[deed]struct{ from, to ledger.State }{
	approve: {ledger.Pending, ledger.Approved},
	deny:    {ledger.Pending, ledger.Denied},
	cancel:  {ledger.Pending, ledger.Cancelled},
	claim:   {ledger.Approved, ledger.Executing},
}

// told is what a deed is answered: done, or the state that was in its way.
type told struct {
	done  bool
	state ledger.State
}

var oneAtATime = porcupine.Model{
	Init: func() any { return ledger.Pending },
	Step: func(state, input, output any) (bool, any) {
		s, d, got := state.(ledger.State), deeds[input.(deed)], output.(told)
		if s == d.from {
			return got.done, d.to
		}
		return !got.done && got.state == s, s
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%s: %+v", input, output) },
}

// do is a deed as the gate does it: it looks and acts in one transaction.
func do(l ledger.Ledger, d deed) (t told, err error) {
	err = l.Write(context.Background(), func(tx ledger.Tx) error {
		r, err := tx.Request("req_1")
		if err != nil {
			return err
		}
		if t = (told{r.State == deeds[d].from, r.State}); !t.done {
			return nil
		}
		return act(tx, r, d)
	})
	return t, err
}

func act(tx ledger.Tx, r ledger.Request, d deed) error {
	if d == approve || d == deny {
		v := ledger.Vote{RequestID: r.ID, Person: "ben", Front: policy.Page, Factor: policy.PersonFactor, Approve: d == approve, Digest: r.Digest, At: epoch}
		if err := tx.AddVote(v); err != nil {
			return err
		}
	}
	r.State = deeds[d].to
	if _, err := tx.Update(r); err != nil {
		return err
	}
	return tx.Audit(ledger.Event{At: epoch, Kind: "state", RequestID: r.ID, Detail: string(d)})
}

// lookThenAct is the mutant: it looks in one transaction, acts in another, and
// takes a state that has moved on for its own doing.
func lookThenAct(l ledger.Ledger, d deed) (t told, err error) {
	err = l.Read(context.Background(), func(tx ledger.ReadTx) error {
		r, err := tx.Request("req_1")
		t = told{r.State == deeds[d].from, r.State}
		return err
	})
	if err != nil || !t.done {
		return t, err
	}
	err = l.Write(context.Background(), func(tx ledger.Tx) error {
		r, err := tx.Request("req_1")
		if err != nil {
			return err
		}
		if r.State != deeds[d].from {
			return nil
		}
		return act(tx, r, d)
	})
	return t, err
}

// history has many hands do deeds at once, over two ledgers on one store.
func history(t *testing.T, dsn string, seed uint64, how func(ledger.Ledger, deed) (told, error)) []porcupine.Operation {
	t.Helper()
	hands := []*ledger.SQL{openAt(t, dsn, ledger.Options{}), openAt(t, dsn, ledger.Options{})}
	err := hands[0].Write(t.Context(), func(tx ledger.Tx) error {
		r := ledger.Request{ID: "req_1", State: ledger.Pending, Person: "ana", Digest: "digest", CreatedAt: epoch, ExpiresAt: epoch.Add(time.Hour)}
		return errors.Join(tx.Insert(r), tx.Audit(ledger.Event{At: epoch, Kind: "ask", RequestID: "req_1"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all []porcupine.Operation
	var running sync.WaitGroup
	began := time.Now()
	start := make(chan struct{})
	for hand := range 8 {
		random := rand.New(rand.NewPCG(seed, uint64(hand)))
		running.Go(func() {
			<-start
			for range 4 {
				d := []deed{approve, claim, claim, claim, deny, cancel}[random.IntN(6)]
				call := time.Since(began)
				got, err := how(hands[hand%2], d)
				if err != nil {
					t.Errorf("%s: %v", d, err)
					return
				}
				mu.Lock()
				all = append(all, porcupine.Operation{ClientId: hand, Input: d, Call: int64(call), Output: got, Return: int64(time.Since(began))})
				mu.Unlock()
			}
		})
	}
	close(start)
	running.Wait()
	return all
}

func TestWhatManyDoAtOnceIsAsIfOneAfterTheOther(t *testing.T) {
	for name, newStore := range stores {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(10) {
				if !porcupine.CheckOperations(oneAtATime, history(t, newStore(t), seed, do)) {
					t.Fatalf("seed %d: no order of these deeds gives their answers", seed)
				}
			}
		})
	}
}

// The model tells the mutant from the real thing.
func TestLookingBeforeActingIsFoundOut(t *testing.T) {
	for name, newStore := range stores {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(200) {
				if !porcupine.CheckOperations(oneAtATime, history(t, newStore(t), seed, lookThenAct)) {
					return
				}
			}
			t.Error("200 histories of a ledger that looks and then acts seem in order")
		})
	}
}
