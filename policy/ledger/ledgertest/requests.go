package ledgertest

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// whole is a request with something in every field.
func whole() ledger.Request {
	at := func(minutes int) time.Time { return epoch.Add(time.Duration(minutes) * time.Minute) }
	return ledger.Request{
		ID: "req_whole", State: ledger.Pending,
		Person: "ana", Identity: policy.Identity{Kind: policy.SlackUser, ID: "T1/U1"}, Front: policy.Slack, Channel: "C1", Client: "a \"client\"\n",
		Action: policy.Delete, Account: "prod", ServerID: "12345", Operation: json.RawMessage(`{"action":"delete"}`), Reason: "weil’s muß\x00\u202e",
		Intent: "intent", Shown: json.RawMessage(`{"server":{"id":12345}}`), Digest: "digest", PolicyHash: "hash",
		Needs: []policy.Need{{From: "sre", Count: 2, Factor: policy.Passkey, TypeName: true, Reason: true, Rules: []string{"a", "b"}}},
		Rules: []policy.Rule{{Kind: policy.GuardRule, ID: "a", Effect: policy.Approve, Why: "because", BreakGlass: true, Unsafe: true}},

		CreatedAt: at(0), ExpiresAt: at(15), ApprovedAt: at(1), EndedAt: at(2),
		Fence: "fence", LeaseUntil: at(3), SendingAt: at(4),
		Message: "message", ServerStatus: "stopping", SettledAt: at(5),
	}
}

func testRoundTrip(t *testing.T, open Open) {
	l := open(t)
	want := whole()
	for _, field := range reflect.VisibleFields(reflect.TypeOf(want)) {
		if field.Name != "Version" && reflect.ValueOf(want).FieldByIndex(field.Index).IsZero() {
			t.Errorf("%s is not tried", field.Name)
		}
	}
	insert(t, l, want)
	want.Version = 1
	if got := requestOf(t, l, want.ID); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	insert(t, l, newRequest("req_bare"))
	bare := newRequest("req_bare")
	bare.Version = 1
	if got := requestOf(t, l, bare.ID); !reflect.DeepEqual(got, bare) {
		t.Errorf("got  %+v\nwant %+v", got, bare)
	}
	err := l.Read(context.Background(), func(tx ledger.ReadTx) error {
		_, err := tx.Request("req_other")
		return err
	})
	if !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("an unknown id gives %v", err)
	}
}

func testCopies(t *testing.T, open Open) {
	l := open(t)
	mine := whole()
	insert(t, l, mine)
	spoil := func(r ledger.Request) {
		r.Needs[0].Count, r.Needs[0].Rules[0], r.Rules[0].ID = 0, "x", "x"
		r.Operation[0], r.Shown[0] = 'x', 'x'
	}
	spoil(mine)
	spoil(requestOf(t, l, mine.ID))
	read(t, l, func(tx ledger.ReadTx) error {
		found, err := tx.Requests(ledger.Filter{})
		spoil(found[0])
		return err
	})
	write(t, l, func(tx ledger.Tx) error {
		r, err := tx.Request(mine.ID)
		if err != nil {
			return err
		}
		r, err = tx.Update(r)
		spoil(r)
		return err
	})
	want := whole()
	want.Version = 2
	if got := requestOf(t, l, mine.ID); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func testBegin(t *testing.T, open Open) {
	l := open(t)
	for _, state := range append(States, "", "running") {
		r := newRequest("req_" + string(state))
		r.State = state
		err := l.Write(context.Background(), func(tx ledger.Tx) error { return tx.Insert(r) })
		may := state == ledger.Pending || state == ledger.Approved || state == ledger.Denied
		if may != (err == nil) || !may && !errors.Is(err, ledger.ErrNoEdge) {
			t.Errorf("a request begins as %q: %v", state, err)
		}
	}
}

func testIDs(t *testing.T, open Open) {
	l := open(t)
	insert(t, l, newRequest("req_1"))
	for _, id := range []string{"req_1", ""} {
		r := newRequest(id)
		r.Person = "eve"
		if l.Write(context.Background(), func(tx ledger.Tx) error { return tx.Insert(r) }) == nil {
			t.Errorf("the id %q was taken", id)
		}
	}
	if got := requestOf(t, l, "req_1"); got.Person != "ana" {
		t.Errorf("the request is now %s's", got.Person)
	}
}

func testEdges(t *testing.T, open Open) {
	l := open(t)
	for _, from := range States {
		for _, to := range append(States, "", "running") {
			id := "req_" + string(from) + "_" + string(to)
			insertIn(t, l, id, from)
			err := l.Write(context.Background(), func(tx ledger.Tx) error {
				r, err := tx.Request(id)
				if err != nil {
					return err
				}
				r.State = to
				_, err = tx.Update(r)
				return err
			})
			may := from == to || Edges[from][to]
			if may != (err == nil) || !may && !errors.Is(err, ledger.ErrNoEdge) {
				t.Errorf("%s to %q: %v", from, to, err)
			}
			want := from
			if may {
				want = to
			}
			if got := requestOf(t, l, id); got.State != want {
				t.Errorf("%s to %q: it is now %s", from, to, got.State)
			}
		}
	}
}

func testStale(t *testing.T, open Open) {
	l := open(t)
	insert(t, l, newRequest("req_1"))
	stale := requestOf(t, l, "req_1")
	write(t, l, func(tx ledger.Tx) error {
		r := stale
		r.Message = "first"
		got, err := tx.Update(r)
		if got.Version != 2 || got.Message != "first" {
			t.Errorf("Update returned %+v", got)
		}
		return err
	})
	for name, r := range map[string]ledger.Request{"an old version": stale, "a version to come": {ID: "req_1", Version: 3, State: ledger.Pending}} {
		err := l.Write(context.Background(), func(tx ledger.Tx) error {
			_, err := tx.Update(r)
			return err
		})
		if !errors.Is(err, ledger.ErrConflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := l.Write(context.Background(), func(tx ledger.Tx) error {
		_, err := tx.Update(newRequest("req_2"))
		return err
	})
	if !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("an unknown request: %v", err)
	}
}

// testRace has many claim one request by compare-and-swap, each with what it
// read before.
func testRace(t *testing.T, open Open) {
	l := open(t)
	insertIn(t, l, "req_1", ledger.Approved)
	approved := requestOf(t, l, "req_1")
	const writers = 16
	errs := make([]error, writers)
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			errs[i] = l.Write(context.Background(), func(tx ledger.Tx) error {
				r := approved
				r.State = ledger.Executing
				_, err := tx.Update(r)
				return err
			})
		})
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, ledger.ErrConflict):
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d won", won, writers)
	}
}

func testFilter(t *testing.T, open Open) {
	l := open(t)
	add := func(id string, change func(*ledger.Request)) {
		r := newRequest(id)
		change(&r)
		insert(t, l, r)
	}
	add("req_1", func(r *ledger.Request) { r.Account, r.ServerID = "prod", "1" })
	add("req_2", func(r *ledger.Request) { r.Person = "ben"; r.Account = "prod" })
	add("req_3", func(r *ledger.Request) { r.Front, r.Intent = policy.Slack, "same" })
	add("req_4", func(r *ledger.Request) {
		r.State, r.Intent, r.EndedAt = ledger.Denied, "same", epoch.Add(time.Minute)
	})
	add("req_5", func(r *ledger.Request) { r.State, r.ExpiresAt = ledger.Approved, epoch.Add(time.Second) })
	for _, tt := range []struct {
		name   string
		filter ledger.Filter
		want   []string
	}{
		{"all, newest first", ledger.Filter{}, []string{"req_5", "req_4", "req_3", "req_2", "req_1"}},
		{"the newest", ledger.Filter{Limit: 2}, []string{"req_5", "req_4"}},
		{"a person's", ledger.Filter{Person: "ben"}, []string{"req_2"}},
		{"a front end's", ledger.Filter{Front: policy.Slack}, []string{"req_3"}},
		{"an intent's", ledger.Filter{Intent: "same"}, []string{"req_4", "req_3"}},
		{"a server's", ledger.Filter{ServerID: "1"}, []string{"req_1"}},
		{"an account's", ledger.Filter{Account: "prod"}, []string{"req_2", "req_1"}},
		{"in states", ledger.Filter{States: []ledger.State{ledger.Approved, ledger.Denied}}, []string{"req_5", "req_4"}},
		{"ended since", ledger.Filter{EndedSince: epoch.Add(time.Minute)}, []string{"req_4"}},
		{"expired before", ledger.Filter{ExpiresBefore: epoch.Add(2 * time.Second)}, []string{"req_5"}},
		{"expired by then", ledger.Filter{ExpiresBefore: epoch.Add(time.Second)}, nil},
		{"ended later", ledger.Filter{EndedSince: epoch.Add(2 * time.Minute)}, nil},
		{"all of it together", ledger.Filter{Person: "ana", Front: policy.MCP, Intent: "same", States: []ledger.State{ledger.Denied}, Limit: 1}, []string{"req_4"}},
		{"a limit counts what is picked", ledger.Filter{Person: "ana", Limit: 4}, []string{"req_5", "req_4", "req_3", "req_1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			read(t, l, func(tx ledger.ReadTx) error {
				found, err := tx.Requests(tt.filter)
				var got []string
				for _, r := range found {
					got = append(got, r.ID)
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				if err != nil {
					return err
				}
				outlines, err := tx.Outlines(tt.filter)
				if len(outlines) != len(found) {
					t.Fatalf("there are %d outlines of %d requests, %v", len(outlines), len(found), err)
				}
				for i, o := range outlines {
					if r := found[i]; o.ID != r.ID || o.State != r.State || !o.ExpiresAt.Equal(r.ExpiresAt) {
						t.Errorf("the outline of %+v is %+v", r, o)
					}
				}
				return err
			})
		})
	}
}
