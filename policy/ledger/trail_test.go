package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

func keys() []ed25519.PublicKey { return []ed25519.PublicKey{ledger.CheckpointKey(key)} }

// every are all kinds of ledger.
func every(t *testing.T, test func(t *testing.T, l ledger.Ledger)) {
	t.Helper()
	t.Run("Memory", func(t *testing.T) { test(t, ledger.NewMemory()) })
	everywhere(t, func(t *testing.T, dsn string) { test(t, openAt(t, dsn, ledger.Options{})) })
}

func TestTheTrailIsReadByPages(t *testing.T) {
	every(t, func(t *testing.T, l ledger.Ledger) {
		newStory(t, l, "req_1").carriedOut() // rows 1 to 8
		newStory(t, l, "req_2").ask()        // row 9
		write(t, l, func(tx ledger.Tx) error {
			return tx.Audit(ledger.Event{At: epoch, Kind: "lock", ServerID: "12345", Account: "prod", Person: "ana"})
		})
		write(t, l, func(tx ledger.Tx) error {
			return tx.Audit(ledger.Event{At: epoch.Add(time.Hour), Kind: "lock", ServerID: "777", Account: "prod", Person: "ben"})
		})
		for _, tt := range []struct {
			name   string
			filter ledger.EventFilter
			want   []int64
		}{
			{"all", ledger.EventFilter{}, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
			{"the newest", ledger.EventFilter{Limit: 2}, []int64{10, 11}},
			{"the page before", ledger.EventFilter{Limit: 2, Before: 10}, []int64{8, 9}},
			{"the oldest", ledger.EventFilter{Limit: 2, Oldest: true}, []int64{1, 2}},
			{"the page after", ledger.EventFilter{Limit: 2, Oldest: true, After: 2}, []int64{3, 4}},
			{"a request's", ledger.EventFilter{RequestID: "req_2"}, []int64{9}},
			{"a server's, of requests and its own", ledger.EventFilter{ServerID: "12345", After: 7}, []int64{8, 9, 10}},
			{"a server's of another account", ledger.EventFilter{ServerID: "12345", Account: "staging"}, nil},
			{"an account's", ledger.EventFilter{Account: "prod", After: 8}, []int64{9, 10, 11}},
			{"kinds", ledger.EventFilter{Kinds: []string{"ask", "lock"}, Limit: 3}, []int64{9, 10, 11}},
			{"a person's", ledger.EventFilter{Person: "ana", After: 8}, []int64{9, 10}},
			{"since a time", ledger.EventFilter{Since: epoch.Add(time.Hour)}, []int64{11}},
			{"until a time", ledger.EventFilter{After: 8, Until: epoch.Add(time.Hour)}, []int64{9, 10}},
		} {
			read(t, l, func(tx ledger.ReadTx) error {
				rows, err := tx.Trail(tt.filter)
				var got []int64
				for _, row := range rows {
					got = append(got, row.Seq)
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
				}
				return err
			})
		}
		read(t, l, func(tx ledger.ReadTx) error {
			rows, err := tx.Trail(ledger.EventFilter{})
			for i, row := range rows {
				if i > 0 && row.Prev != rows[i-1].Hash || i == 0 && strings.Trim(row.Prev, "0") != "" {
					t.Errorf("row %d follows %s", row.Seq, row.Prev)
				}
			}
			return err
		})
	})
}

func TestMemoryAndDatabasesHashAlike(t *testing.T) {
	var want string
	every(t, func(t *testing.T, l ledger.Ledger) {
		newStory(t, l, "req_1").carriedOut()
		read(t, l, func(tx ledger.ReadTx) error {
			rows, err := tx.Trail(ledger.EventFilter{Limit: 1})
			if want == "" {
				want = rows[0].Hash
			}
			if rows[0].Hash != want {
				t.Errorf("it ends in %s, and another's in %s", rows[0].Hash, want)
			}
			return err
		})
	})
}

func TestBudgets(t *testing.T) {
	every(t, func(t *testing.T, l ledger.Ledger) {
		use := func(key, request string, count int, cents int64, after time.Duration) {
			write(t, l, func(tx ledger.Tx) error {
				return tx.AddUse(ledger.Use{Key: key, RequestID: request, Count: count, Cents: cents, At: epoch.Add(after)})
			})
		}
		used := func(key string, after time.Duration, wantCount int, wantCents int64) {
			t.Helper()
			read(t, l, func(tx ledger.ReadTx) error {
				count, cents, err := tx.Used(key, epoch.Add(after))
				if count != wantCount || cents != wantCents {
					t.Errorf("%s since %s: %d, %d", key, after, count, cents)
				}
				return err
			})
		}
		used("deletes", 0, 0, 0)
		use("deletes", "req_1", 1, 0, 0)
		use("deletes", "req_2", 1, 500, time.Minute)
		use("spend", "req_2", 1, 1999, time.Minute)
		used("deletes", 0, 2, 500)
		used("deletes", time.Nanosecond, 1, 500)
		used("deletes", time.Hour, 0, 0)
		read(t, l, func(tx ledger.ReadTx) error {
			uses, err := tx.Uses("deletes", epoch)
			if len(uses) != 2 || uses[0].RequestID != "req_1" || uses[1].RequestID != "req_2" || uses[1].Cents != 500 || uses[1].Count != 1 || !uses[1].At.Equal(epoch.Add(time.Minute)) {
				t.Errorf("it is made up of %+v", uses)
			}
			if later, err := tx.Uses("deletes", epoch.Add(time.Nanosecond)); len(later) != 1 || err != nil {
				t.Errorf("and since of %+v, %v", later, err)
			}
			return err
		})
		used("spend", 0, 1, 1999)
		write(t, l, func(tx ledger.Tx) error { return tx.Refund("req_2") })
		used("deletes", 0, 1, 0)
		used("spend", 0, 0, 0)
		if err := l.Write(t.Context(), func(tx ledger.Tx) error {
			if err := tx.AddUse(ledger.Use{Key: "deletes", RequestID: "req_3", Count: 1, At: epoch}); err != nil {
				return err
			}
			if count, _, err := tx.Used("deletes", epoch); count != 2 || err != nil {
				t.Errorf("in the transaction: %d, %v", count, err)
			}
			if err := tx.Refund("req_1"); err != nil {
				return err
			}
			return ledger.ErrConflict
		}); err == nil {
			t.Error("it was not taken back")
		}
		used("deletes", 0, 1, 0)
	})
}

func TestHolds(t *testing.T) {
	every(t, func(t *testing.T, l ledger.Ledger) {
		lock := ledger.Hold{
			ID: "hold_1", Kind: ledger.LockHold, Scope: ledger.ScopeServer, Value: "12345", Account: "prod", AccountKey: "key of prod",
			Owner: "ana", Because: "a restore runs\x00", From: epoch, Until: epoch.Add(time.Hour),
		}
		freeze := ledger.Hold{ID: "hold_2", Kind: ledger.FreezeHold, Scope: ledger.ScopeAll, Owner: "ben", From: epoch.Add(time.Minute)}
		for _, h := range []ledger.Hold{lock, freeze} {
			write(t, l, func(tx ledger.Tx) error { return tx.AddHold(h) })
		}
		for name, h := range map[string]ledger.Hold{
			"without an id": {Kind: ledger.LockHold, Scope: ledger.ScopeAll}, "taken": lock,
			"of no kind": {ID: "x", Scope: ledger.ScopeAll}, "of no scope": {ID: "x", Kind: ledger.LockHold},
		} {
			if l.Write(t.Context(), func(tx ledger.Tx) error { return tx.AddHold(h) }) == nil {
				t.Errorf("a hold %s was taken", name)
			}
		}
		inForce := func(after time.Duration, want ...ledger.Hold) {
			t.Helper()
			read(t, l, func(tx ledger.ReadTx) error {
				got, err := tx.Holds(epoch.Add(after))
				if !slices.Equal(got, want) {
					t.Errorf("after %s: %+v", after, got)
				}
				return err
			})
		}
		inForce(-time.Nanosecond)
		inForce(0, lock)
		inForce(time.Minute, lock, freeze)
		inForce(time.Hour, freeze)
		write(t, l, func(tx ledger.Tx) error { return tx.LiftHold("hold_2") })
		inForce(time.Hour)
		inForce(time.Minute, lock)
		if err := l.Write(t.Context(), func(tx ledger.Tx) error { return tx.LiftHold("hold_2") }); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("lifted twice: %v", err)
		}
	})
}

func TestAnExportIsVerifiedWithoutTheLedger(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{Key: key, CheckpointRows: 5})
		s := newStory(t, l, "req_1").carriedOut()
		write(t, l, func(tx ledger.Tx) error {
			return tx.Audit(ledger.Event{
				At: s.at, Kind: "ask", RequestID: "req_2\n{\"seq\":1}", Person: "a\x00b\xff", Identity: policy.Identity{Kind: policy.OIDCSubject, ID: "i|<s>"},
				Detail: "line\n\u2028\u202e<b>&", Data: []byte(`{ "a" : "<\u0000>" }`),
			})
		})
		var out bytes.Buffer
		if err := l.Export(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		check := func(text string) ledger.Report {
			t.Helper()
			r, err := ledger.VerifyExport(strings.NewReader(text), ledger.VerifyOptions{Keys: keys()})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		whole := out.String()
		r := check(whole)
		mustHold(t, r)
		if want := verify(t, l, ledger.VerifyOptions{}); r.Hash != want.Hash || r.Rows != want.Rows || r.Rows != int64(strings.Count(whole, "\n")) {
			t.Errorf("got %+v, want %+v", r, want)
		}
		lines := strings.SplitAfter(whole, "\n")
		for name, tt := range map[string]struct {
			text string
			seq  int64
		}{
			"edited":           {strings.Replace(whole, `"person":"ben"`, `"person":"eve"`, 1), 4},
			"a line removed":   {strings.Join(slices.Delete(slices.Clone(lines), 2, 3), ""), 3},
			"lines moved":      {strings.Join(append([]string{lines[1], lines[0]}, lines[2:]...), ""), 1},
			"a key twice":      {strings.Replace(whole, `"kind":"ask"`, `"kind":"ask","kind":"ask"`, 1), 1},
			"a key unknown":    {strings.Replace(whole, `{"seq":2,`, `{"seq":2,"approved":true,`, 1), 2},
			"another spelling": {strings.Replace(whole, `{"seq":2,`, `{ "seq":2,`, 1), 2},
			"no JSON":          {lines[0] + "x\n", 2},
		} {
			r := check(tt.text)
			if len(r.Faults) == 0 || r.Faults[0].Seq != tt.seq || r.Faults[0].Kind != ledger.ChainFault && r.Faults[0].Kind != ledger.BeginningFault {
				t.Errorf("%s: %v, want row %d", name, r.Faults, tt.seq)
			}
		}
		if r := check(strings.Join(lines[3:], "")); len(r.Faults) == 0 || r.Faults[0].Kind != ledger.BeginningFault {
			t.Errorf("without its beginning: %v", r.Faults)
		}
	})
}

func TestRetentionKeepsTheTrailProvable(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{Key: key})
		old := newStory(t, l, "req_old").carriedOut()
		across := newStory(t, l, "req_across").ask().vote("ana").vote("ben").vote("cy").to("state", ledger.Approved)
		first, err := l.Checkpoint(t.Context(), old.at)
		if err != nil {
			t.Fatal(err)
		}
		later := epoch.Add(90 * 24 * time.Hour)
		across.at = later
		across.to("claim", ledger.Executing).sending()
		fresh := newStory(t, l, "req_new")
		fresh.at = later.Add(time.Minute)
		fresh.carriedOut()
		before := verify(t, l, ledger.VerifyOptions{})
		mustHold(t, before)
		for _, p := range []ledger.Post{{RequestID: "row 1", Done: true, At: epoch}, {RequestID: "row 2", At: epoch}, {RequestID: "row 3", Done: true, At: later}} {
			write(t, l, func(tx ledger.Tx) error { _, err := tx.PutPost(p); return err })
		}

		removed, err := l.Prune(t.Context(), later, later.Add(time.Hour))
		if err != nil || removed < 13 {
			t.Fatalf("%d rows went, %v", removed, err)
		}
		given := ledger.VerifyOptions{Checkpoints: []ledger.Checkpoint{first}}
		r := verify(t, l, given)
		mustHold(t, r)
		if r.First != removed+1 || r.Unchecked != 1 {
			t.Errorf("%+v", r)
		}
		read(t, l, func(tx ledger.ReadTx) error {
			requests, err := tx.Requests(ledger.Filter{})
			if len(requests) != 2 || requests[0].ID != "req_new" || requests[1].ID != "req_across" {
				t.Errorf("%d requests are left", len(requests))
			}
			return err
		})
		for id, want := range map[string]int{"row 1": 0, "row 2": 1, "row 3": 1} {
			read(t, l, func(tx ledger.ReadTx) error {
				posts, err := tx.Posts(id)
				if len(posts) != want {
					t.Errorf("%s has %d messages on record, not %d", id, len(posts), want)
				}
				return err
			})
		}
		again := openAt(t, dsn, ledger.Options{Key: key})
		newStory(t, again, "req_next").carriedOut()
		r = verify(t, again, ledger.VerifyOptions{Skew: 100 * 24 * time.Hour})
		mustHold(t, r)
		if removed, err := l.Prune(t.Context(), epoch, later); removed != 0 || err != nil {
			t.Errorf("nothing was old any more, and %d rows went, %v", removed, err)
		}
		var out bytes.Buffer
		if err := l.Export(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		r, err = ledger.VerifyExport(&out, ledger.VerifyOptions{Keys: keys(), Skew: 100 * 24 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		mustHold(t, r)
	})
}

// A budget counts over up to 366 days, whatever is taken away meanwhile.
func TestRetentionLeavesBudgetsAsTheyAre(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{Key: key})
		write(t, l, func(tx ledger.Tx) error {
			return tx.AddUse(ledger.Use{Key: "deletes", RequestID: "req_1", Count: 1, At: epoch})
		})
		for _, c := range []struct {
			days, want int
		}{{1, 1}, {366, 1}, {367, 0}} {
			now := epoch.Add(time.Duration(c.days) * 24 * time.Hour)
			write(t, l, func(tx ledger.Tx) error { return tx.Audit(ledger.Event{At: now.Add(-time.Hour), Kind: "ask"}) })
			if removed, err := l.Prune(t.Context(), now, now); err != nil || removed == 0 {
				t.Fatalf("after %d days %d rows went, %v", c.days, removed, err)
			}
			read(t, l, func(tx ledger.ReadTx) error {
				count, _, err := tx.Used("deletes", epoch)
				if count != c.want {
					t.Errorf("after %d days %d uses count, want %d", c.days, count, c.want)
				}
				return err
			})
		}
	})
}

// A name is no secret, whatever it looks like: else nobody would find what that person
// did.
func TestRowsAreFoundByAnyNameOfThePolicy(t *testing.T) {
	every(t, func(t *testing.T, l ledger.Ledger) {
		write(t, l, func(tx ledger.Tx) error {
			return tx.Audit(ledger.Event{At: epoch, Kind: "lock", ServerID: "12345", Person: "vps_admin", Account: "xapp-prod"})
		})
		for name, f := range map[string]ledger.EventFilter{"person": {Person: "vps_admin"}, "account": {Account: "xapp-prod"}} {
			read(t, l, func(tx ledger.ReadTx) error {
				rows, err := tx.Trail(f)
				if len(rows) != 1 || rows[0].Person != "vps_admin" || rows[0].Account != "xapp-prod" {
					t.Errorf("by %s: %+v", name, rows)
				}
				return err
			})
		}
	})
}

// What it takes away may be the very checkpoint that tells whose the ledger is.
func TestRetentionWithAnotherKeyIsRefused(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		others := openAt(t, dsn, ledger.Options{Key: otherKey}) // before there is a checkpoint
		ours := openAt(t, dsn, ledger.Options{Key: key})
		newStory(t, ours, "req_1").carriedOut()
		for name, l := range map[string]*ledger.SQL{
			"a replica": others, "who only reads": openAt(t, dsn, ledger.Options{Key: otherKey, OnlyRead: true}),
		} {
			_, err := l.Prune(t.Context(), epoch.Add(time.Hour), epoch.Add(time.Hour))
			if got := problemOf(t, err); got != ledger.OtherKey {
				t.Errorf("%s: %s", name, got)
			}
		}
		mustHold(t, verify(t, ours, ledger.VerifyOptions{}))
		if err := ledger.CheckKey(t.Context(), dsn, key); err != nil {
			t.Error(err)
		}
	})
}

// A cool-down after a person's no lasts up to 366 days, whatever is taken away meanwhile.
func TestRetentionEndsNoCoolDown(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{Key: key})
		no := func(v *ledger.Vote) { v.Approve = false }
		newStory(t, l, "req_refused").ask().vote("ben", no).to("state", ledger.Denied)
		newStory(t, l, "req_policy").ask().to("state", ledger.Denied)
		newStory(t, l, "req_dialog").ask().vote("ana", no, func(v *ledger.Vote) { v.Factor = policy.Client }).to("state", ledger.Denied)
		newStory(t, l, "req_outvoted").ask().vote("ben", no).to("state", ledger.Cancelled)
		for _, c := range []struct {
			days, requests, votes int
		}{{1, 1, 1}, {366, 1, 1}, {367, 0, 0}} {
			now := epoch.Add(time.Duration(c.days) * 24 * time.Hour)
			write(t, l, func(tx ledger.Tx) error { return tx.Audit(ledger.Event{At: now.Add(-time.Hour), Kind: "ask"}) })
			if removed, err := l.Prune(t.Context(), now, now); err != nil || removed == 0 {
				t.Fatalf("after %d days %d rows went, %v", c.days, removed, err)
			}
			read(t, l, func(tx ledger.ReadTx) error {
				found, err := tx.Requests(ledger.Filter{RefusedByPerson: true})
				all, err2 := tx.Requests(ledger.Filter{})
				var votes []ledger.Vote
				for _, id := range []string{"req_refused", "req_policy", "req_dialog", "req_outvoted"} {
					of, err := tx.Votes(id)
					if votes = append(votes, of...); err != nil {
						return err
					}
				}
				if len(votes) != c.votes {
					t.Errorf("after %d days %d votes are left, want %d", c.days, len(votes), c.votes)
				}
				if len(found) != c.requests || len(all) != c.requests {
					t.Errorf("after %d days %d refused requests are left, and %d in all; want %d", c.days, len(found), len(all), c.requests)
				}
				return errors.Join(err, err2)
			})
			mustHold(t, verify(t, l, ledger.VerifyOptions{}))
		}
	})
}

func TestRetentionWithoutAKeyIsRefused(t *testing.T) {
	l := openAt(t, newPath(t), ledger.Options{})
	newStory(t, l, "req_1").carriedOut()
	if _, err := l.Prune(t.Context(), epoch.Add(time.Hour), epoch.Add(time.Hour)); err == nil {
		t.Error("it was done")
	}
	if r := verify(t, l, ledger.VerifyOptions{}); r.Rows != 8 {
		t.Errorf("%d rows are left", r.Rows)
	}
}
