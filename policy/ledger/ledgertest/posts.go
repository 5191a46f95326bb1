package ledgertest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"vpsops/policy/ledger"
)

// taken waits for a feed to tell something, and takes it.
func taken(t testing.TB, c *ledger.Changes) (ids []string, lost bool) {
	t.Helper()
	select {
	case <-c.C():
	case <-time.After(5 * time.Second):
		t.Fatal("the feed tells nothing")
	}
	ids, lost = c.Take()
	slices.Sort(ids)
	return ids, lost
}

// tells waits until a feed has told of ids, and holds that it tells of nothing
// else but what was told before, which it may repeat.
func tells(t testing.TB, c *ledger.Changes, before []string, ids ...string) {
	t.Helper()
	missing := slices.Clone(ids)
	for len(missing) > 0 {
		told, lost := taken(t, c)
		if lost {
			t.Fatalf("lost what it was to tell, waiting for %q", missing)
		}
		for _, id := range told {
			if !slices.Contains(before, id) && !slices.Contains(ids, id) {
				t.Errorf("told of %s, waiting for %q", id, missing)
			}
		}
		missing = slices.DeleteFunc(missing, func(id string) bool { return slices.Contains(told, id) })
	}
}

func testChanges(t *testing.T, open Open) {
	l := open(t)
	insert(t, l, newRequest("req_0"))
	feed := l.Changes()
	insert(t, l, newRequest("req_1"), newRequest("req_2"))
	tells(t, feed, nil, "req_1", "req_2")
	write(t, l, func(tx ledger.Tx) error { return tx.AddVote(ledger.Vote{RequestID: "req_0", Person: "ana", At: epoch}) })
	tells(t, feed, []string{"req_1", "req_2"}, "req_0")
	if err := l.Write(context.Background(), func(tx ledger.Tx) error {
		return errors.Join(tx.Insert(newRequest("req_3")), errRollback)
	}); !errors.Is(err, errRollback) {
		t.Fatal(err)
	}
	if ids, _ := feed.Take(); slices.Contains(ids, "req_3") {
		t.Errorf("told of %q, of which req_3 was taken back", ids)
	}
	feed.Close()
	insert(t, l, newRequest("req_4"))
	if ids, _ := feed.Take(); slices.Contains(ids, "req_4") {
		t.Errorf("a closed feed told of %q", ids)
	}
}

func postsOf(t testing.TB, l ledger.Ledger, id string) (posts []ledger.Post) {
	t.Helper()
	read(t, l, func(tx ledger.ReadTx) (err error) {
		posts, err = tx.Posts(id)
		return err
	})
	return posts
}

func putPost(l ledger.Ledger, p ledger.Post) (after ledger.Post, err error) {
	err = l.Write(context.Background(), func(tx ledger.Tx) error {
		after, err = tx.PutPost(p)
		return err
	})
	return after, err
}

func testPosts(t *testing.T, open Open) {
	l := open(t)
	insert(t, l, newRequest("req_1"), newRequest("req_2"))
	first, err := putPost(l, ledger.Post{
		RequestID: "req_1", Name: "b", Channel: "C0OPS", TakenUntil: epoch.Add(time.Minute), At: epoch.Add(time.Second),
	})
	if err != nil || first.Version != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	if _, err := putPost(l, ledger.Post{RequestID: "req_1", Name: "b", At: epoch}); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("the same message is kept twice: %v", err)
	}
	first.Message, first.Face, first.TakenUntil = "1700000000.000100", "face", time.Time{}
	second, err := putPost(l, first)
	if err != nil || second.Version != 2 {
		t.Fatalf("%+v, %v", second, err)
	}
	if _, err := putPost(l, first); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("a stale write is taken: %v", err)
	}
	if _, err := putPost(l, ledger.Post{RequestID: "req_1", Name: "new", Version: 3}); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("a message that nobody keeps is written over: %v", err)
	}
	a, err := putPost(l, ledger.Post{RequestID: "req_1", Name: "a", At: epoch})
	if err != nil {
		t.Fatal(err)
	}
	if got := postsOf(t, l, "req_1"); !reflect.DeepEqual(got, []ledger.Post{a, second}) {
		t.Errorf("got  %+v\nwant %+v", got, []ledger.Post{a, second})
	}
	if got := postsOf(t, l, "req_2"); len(got) != 0 {
		t.Errorf("another request has %+v", got)
	}
	a.Done = true
	if _, err := putPost(l, a); err != nil {
		t.Fatal(err)
	}
	if got := openPosts(t, l, 10); !reflect.DeepEqual(got, []ledger.Post{second}) {
		t.Errorf("open are %+v", got)
	}
}

func openPosts(t testing.TB, l ledger.Ledger, limit int) (posts []ledger.Post) {
	t.Helper()
	read(t, l, func(tx ledger.ReadTx) (err error) {
		posts, err = tx.OpenPosts(limit)
		return err
	})
	return posts
}

func testPostsWake(t *testing.T, open Open) {
	l := open(t)
	insert(t, l, newRequest("req_1"))
	feed := l.Changes()
	defer feed.Close()
	p, err := putPost(l, ledger.Post{RequestID: "req_1", Name: "a", At: epoch})
	if err != nil {
		t.Fatal(err)
	}
	if ids, _ := feed.Take(); len(ids) != 0 {
		t.Errorf("a message's record alone told of %q", ids)
	}
	p.Problem = "channel_not_found"
	if _, err := putPost(l, p); err != nil {
		t.Fatal(err)
	}
	if ids, _ := taken(t, feed); !slices.Equal(ids, []string{"req_1"}) {
		t.Errorf("a problem told of %q", ids)
	}
}

func testPostsRollback(t *testing.T, open Open) {
	l := open(t)
	insert(t, l, newRequest("req_1"))
	kept, err := putPost(l, ledger.Post{RequestID: "req_1", Name: "a", Face: "one", At: epoch})
	if err != nil {
		t.Fatal(err)
	}
	err = l.Write(context.Background(), func(tx ledger.Tx) error {
		changed := kept
		changed.Face = "two"
		_, err := tx.PutPost(changed)
		_, other := tx.PutPost(ledger.Post{RequestID: "req_1", Name: "b", At: epoch})
		return errors.Join(err, other, errRollback)
	})
	if !errors.Is(err, errRollback) || errors.Is(err, ledger.ErrConflict) {
		t.Fatal(err)
	}
	if got := postsOf(t, l, "req_1"); !reflect.DeepEqual(got, []ledger.Post{kept}) {
		t.Errorf("after it was taken back: %+v", got)
	}
}
