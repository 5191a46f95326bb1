package ledgertest

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

func votesOf(t testing.TB, l ledger.Ledger, id string) (votes []ledger.Vote) {
	t.Helper()
	read(t, l, func(tx ledger.ReadTx) (err error) {
		votes, err = tx.Votes(id)
		return err
	})
	return votes
}

func testVotes(t *testing.T, open Open) {
	l := open(t)
	insert(t, l, newRequest("req_1"), newRequest("req_2"))
	vote := func(person string, approve bool) ledger.Vote {
		return ledger.Vote{
			RequestID: "req_1", Person: person, Identity: policy.Identity{Kind: policy.OIDCSubject, ID: "i|s"}, Front: policy.Page,
			Factor: policy.Passkey, OwnOnly: true, Approve: approve, NameTyped: true, Reason: "why\n", Digest: "digest", At: epoch,
		}
	}
	for _, v := range []ledger.Vote{vote("ana", true), vote("ben", true), vote("ana", false)} {
		write(t, l, func(tx ledger.Tx) error { return tx.AddVote(v) })
	}
	if got, want := votesOf(t, l, "req_1"), []ledger.Vote{vote("ben", true), vote("ana", false)}; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := votesOf(t, l, "req_2"); len(got) != 0 {
		t.Errorf("another request has %+v", got)
	}
	votesOf(t, l, "req_1")[0].Approve = false
	if !votesOf(t, l, "req_1")[0].Approve {
		t.Error("what was read is the ledger's own")
	}
	write(t, l, func(tx ledger.Tx) error { return tx.DropVotes("req_1") })
	if got := votesOf(t, l, "req_1"); len(got) != 0 {
		t.Errorf("after they were dropped: %+v", got)
	}
}

func spend(l ledger.Ledger, token string, now, until time.Time) error {
	return l.Write(context.Background(), func(tx ledger.Tx) error { return tx.Spend(token, now, until) })
}

func testSpend(t *testing.T, open Open) {
	l := open(t)
	until := epoch.Add(time.Minute)
	if err := spend(l, "one", epoch, until); err != nil {
		t.Fatal(err)
	}
	if err := spend(l, "two", epoch, until); err != nil {
		t.Errorf("another token: %v", err)
	}
	if err := spend(l, "one", until, until); !errors.Is(err, ledger.ErrSpent) {
		t.Errorf("the second time: %v", err)
	}
}

func testSpendRace(t *testing.T, open Open) {
	l := open(t)
	var mu sync.Mutex
	var all sync.WaitGroup
	won := 0
	for range 16 {
		all.Go(func() {
			err := spend(l, "one", epoch, epoch.Add(time.Minute))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.Is(err, ledger.ErrSpent) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won != 1 {
		t.Errorf("it was spent %d times", won)
	}
}

func testSessions(t *testing.T, open Open) {
	l := open(t)
	session := func(hash, person string) ledger.Session {
		return ledger.Session{
			IDHash: hash, Identity: policy.Identity{Kind: policy.LocalUser, ID: person}, Person: person, OwnOnly: true,
			Factor: policy.PersonFactor, CSRF: "csrf", Created: epoch, Expires: epoch.Add(time.Hour),
		}
	}
	live := func(hash string, now time.Time) (s ledger.Session, err error) {
		err = l.Read(context.Background(), func(tx ledger.ReadTx) error {
			s, err = tx.Session(hash, now)
			return err
		})
		return s, err
	}
	for _, s := range []ledger.Session{session("a1", "ana"), session("a2", "ana"), session("b1", "ben"), session("a3", "ana")} {
		write(t, l, func(tx ledger.Tx) error { return tx.AddSession(s) })
	}
	if got, err := live("a1", epoch.Add(time.Hour-time.Nanosecond)); err != nil || !reflect.DeepEqual(got, session("a1", "ana")) {
		t.Errorf("got %+v, %v", got, err)
	}
	gone := func(hash string, now time.Time) {
		t.Helper()
		if _, err := live(hash, now); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("%s is still there: %v", hash, err)
		}
	}
	gone("a1", epoch.Add(time.Hour))
	gone("none", epoch)
	write(t, l, func(tx ledger.Tx) error { return tx.DropSession("a1") })
	gone("a1", epoch)
	if _, err := live("a2", epoch); err != nil {
		t.Errorf("another sign-in of the person: %v", err)
	}
	write(t, l, func(tx ledger.Tx) error { return tx.DropSessions("ana") })
	gone("a2", epoch)
	gone("a3", epoch)
	if _, err := live("b1", epoch); err != nil {
		t.Errorf("another person's sign-in: %v", err)
	}
}

func eventsOf(t testing.TB, l ledger.Ledger, limit int) (events []ledger.Event) {
	t.Helper()
	read(t, l, func(tx ledger.ReadTx) (err error) {
		events, err = tx.Events(limit)
		return err
	})
	return events
}

func testEvents(t *testing.T, open Open) {
	l := open(t)
	event := func(i int) ledger.Event {
		return ledger.Event{
			At: epoch.Add(time.Duration(i) * time.Second), Kind: "vote", RequestID: "req_1", Person: "ana",
			Identity: policy.Identity{Kind: policy.LocalUser, ID: "ana"}, Front: policy.Page, Detail: "line\n" + strconv.Itoa(i),
		}
	}
	for i := range 5 {
		write(t, l, func(tx ledger.Tx) error { return tx.Audit(event(i)) })
	}
	all := eventsOf(t, l, 0)
	if len(all) != 5 {
		t.Fatalf("%d rows", len(all))
	}
	for i, got := range all {
		want := event(i)
		want.Seq = int64(i + 1)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	if newest := eventsOf(t, l, 2); len(newest) != 2 || newest[0].Seq != 4 || newest[1].Seq != 5 {
		t.Errorf("the newest two are %+v", newest)
	}
}

func testWatch(t *testing.T, open Open) {
	l := open(t)
	insert(t, l, newRequest("req_1"), newRequest("req_2"))
	first, stopFirst := l.Watch("req_1")
	second, stopSecond := l.Watch("req_1")
	other, stopOther := l.Watch("req_2")
	defer stopFirst()
	defer stopOther()
	update := func(id string, end error) {
		err := l.Write(context.Background(), func(tx ledger.Tx) error {
			r, err := tx.Request(id)
			if err != nil {
				return err
			}
			if _, err := tx.Update(r); err != nil {
				return err
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
	}
	quiet := func(name string, ch <-chan struct{}) {
		t.Helper()
		select {
		case <-ch:
			t.Errorf("%s was woken", name)
		default:
		}
	}
	wakes := func(name string, ch <-chan struct{}) {
		t.Helper()
		select {
		case <-ch:
		case <-t.Context().Done():
			t.Fatalf("%s was not woken", name)
		case <-time.After(5 * time.Second):
			t.Fatalf("%s was not woken", name)
		}
	}
	update("req_1", errRollback)
	quiet("a write that was taken back", first)
	update("req_1", nil)
	wakes("the first", first)
	wakes("the second", second)
	quiet("another request's", other)
	write(t, l, func(tx ledger.Tx) error { return tx.AddVote(ledger.Vote{RequestID: "req_1", Person: "ana", At: epoch}) })
	wakes("a vote's", first)
	stopSecond()
	stopSecond() // twice does no harm
	for range 3 {
		update("req_1", nil) // nobody reads: it must not block
	}
	wakes("after many", first)
}

func testContext(t *testing.T, open Open) {
	l := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.Write(ctx, func(tx ledger.Tx) error { return tx.Insert(newRequest("req_1")) }); !errors.Is(err, context.Canceled) {
		t.Errorf("a write: %v", err)
	}
	if err := l.Read(ctx, func(ledger.ReadTx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a read: %v", err)
	}
	err := l.Read(context.Background(), func(tx ledger.ReadTx) error {
		_, err := tx.Request("req_1")
		return err
	})
	if !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("it was written: %v", err)
	}
}
