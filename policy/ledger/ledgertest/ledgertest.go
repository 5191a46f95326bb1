// Package ledgertest holds every ledger to what [ledger.Ledger] promises.
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

// Open returns an empty ledger, which is closed when the test ends.
type Open func(t testing.TB) ledger.Ledger

// TestLedger runs the whole suite against the ledgers that open returns, each
// test against one of its own.
func TestLedger(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, Open){
		"a request comes back as it was written":      testRoundTrip,
		"what was read is a copy":                     testCopies,
		"a request begins pending, approved, denied":  testBegin,
		"an id is taken once":                         testIDs,
		"no edge but the design's":                    testEdges,
		"a stale write is refused":                    testStale,
		"who asked for what never changes":            testAskNeverChanges,
		"a person's no is told from a dialog's":       testRefusedByPerson,
		"a yes is told from a no":                     testHasYes,
		"one of many writers wins":                    testRace,
		"an error takes everything back":              testRollback,
		"a panic takes everything back":               testPanic,
		"a filter picks":                              testFilter,
		"a person has one vote":                       testVotes,
		"a token is spent once":                       testSpend,
		"a token is spent once by many":               testSpendRace,
		"a sign-in lives until it expires or ends":    testSessions,
		"the audit trail is in order":                 testEvents,
		"a watch wakes":                               testWatch,
		"a feed tells of every request":               testChanges,
		"a message's record is kept, one writer wins": testPosts,
		"a message's problem wakes who waits":         testPostsWake,
		"a message's record is taken back":            testPostsRollback,
		"a delivery is kept until it is dealt with":   testDeliveries,
		"a passkey's count only rises":                testPasskeys,
		"a context that is over writes nothing":       testContext,
		"it behaves as the model does":                testModel,
	} {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
}

// States are all the states there are.
var States = []ledger.State{
	ledger.Pending, ledger.Approved, ledger.Executing, ledger.Succeeded, ledger.Failed, ledger.Unknown,
	ledger.Denied, ledger.Expired, ledger.Cancelled, ledger.Superseded, ledger.Invalidated,
}

// Edges are the design's, written out a second time: a ledger must know no
// other.
var Edges = map[ledger.State]map[ledger.State]bool{
	ledger.Pending: {
		ledger.Approved: true, ledger.Denied: true, ledger.Expired: true, ledger.Cancelled: true,
		ledger.Superseded: true, ledger.Invalidated: true,
	},
	ledger.Approved: {
		ledger.Executing: true, ledger.Pending: true, ledger.Denied: true, ledger.Expired: true, ledger.Cancelled: true,
		ledger.Superseded: true, ledger.Invalidated: true,
	},
	ledger.Executing: {ledger.Succeeded: true, ledger.Failed: true, ledger.Unknown: true, ledger.Invalidated: true},
	ledger.Unknown:   {ledger.Succeeded: true, ledger.Failed: true},
}

// wayTo is a way by which a request gets to a state.
var wayTo = map[ledger.State][]ledger.State{
	ledger.Pending:     {ledger.Pending},
	ledger.Approved:    {ledger.Pending, ledger.Approved},
	ledger.Executing:   {ledger.Approved, ledger.Executing},
	ledger.Succeeded:   {ledger.Approved, ledger.Executing, ledger.Succeeded},
	ledger.Failed:      {ledger.Approved, ledger.Executing, ledger.Failed},
	ledger.Unknown:     {ledger.Approved, ledger.Executing, ledger.Unknown},
	ledger.Denied:      {ledger.Denied},
	ledger.Expired:     {ledger.Pending, ledger.Expired},
	ledger.Cancelled:   {ledger.Pending, ledger.Cancelled},
	ledger.Superseded:  {ledger.Pending, ledger.Superseded},
	ledger.Invalidated: {ledger.Pending, ledger.Invalidated},
}

// epoch has no fraction of a microsecond: that is what every ledger keeps.
var epoch = time.Date(2026, 11, 24, 10, 0, 0, 123456000, time.UTC)

var errRollback = errors.New("take it all back")

func newRequest(id string) ledger.Request {
	return ledger.Request{
		ID: id, State: ledger.Pending, Person: "ana", Front: policy.MCP,
		Operation: json.RawMessage(`{}`), Shown: json.RawMessage(`{}`),
		CreatedAt: epoch, ExpiresAt: epoch.Add(15 * time.Minute),
	}
}

func write(t testing.TB, l ledger.Ledger, fn func(tx ledger.Tx) error) {
	t.Helper()
	if err := l.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, l ledger.Ledger, fn func(tx ledger.ReadTx) error) {
	t.Helper()
	if err := l.Read(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func insert(t testing.TB, l ledger.Ledger, requests ...ledger.Request) {
	t.Helper()
	write(t, l, func(tx ledger.Tx) error {
		for _, r := range requests {
			if err := tx.Insert(r); err != nil {
				return err
			}
		}
		return nil
	})
}

func requestOf(t testing.TB, l ledger.Ledger, id string) (r ledger.Request) {
	t.Helper()
	read(t, l, func(tx ledger.ReadTx) (err error) {
		r, err = tx.Request(id)
		return err
	})
	return r
}

// insertIn brings a new request to a state.
func insertIn(t testing.TB, l ledger.Ledger, id string, state ledger.State) {
	t.Helper()
	way := wayTo[state]
	r := newRequest(id)
	r.State = way[0]
	insert(t, l, r)
	for _, next := range way[1:] {
		write(t, l, func(tx ledger.Tx) error {
			r, err := tx.Request(id)
			if err != nil {
				return err
			}
			r.State = next
			_, err = tx.Update(r)
			return err
		})
	}
}
