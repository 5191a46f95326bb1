package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vpsops/policy/ledger"
)

// change writes to everything that a ledger keeps.
func change(tx ledger.Tx) error {
	r, err := tx.Request("req_old")
	if err != nil {
		return err
	}
	r.State, r.Message = ledger.Approved, "changed"
	if _, err := tx.Update(r); err != nil {
		return err
	}
	later := epoch.Add(2 * time.Hour)
	return errors.Join(
		tx.Insert(newRequest("req_new")),
		tx.AddVote(ledger.Vote{RequestID: "req_old", Person: "ana", At: epoch}),
		tx.AddVote(ledger.Vote{RequestID: "req_old", Person: "ben", At: epoch}),
		tx.DropVotes("req_votes"),
		tx.Spend("new", later, later.Add(time.Minute)),
		tx.AddSession(ledger.Session{IDHash: "new", Person: "ben", Created: epoch, Expires: later}),
		tx.DropSession("one"),
		tx.DropSessions("ana"),
		tx.Audit(ledger.Event{Kind: "new", At: epoch}),
		tx.Audit(ledger.Event{Kind: "new", At: epoch}),
	)
}

// prepared is a ledger that holds what change changes.
func prepared(t *testing.T, open Open) ledger.Ledger {
	l := open(t)
	insert(t, l, newRequest("req_old"), newRequest("req_votes"))
	write(t, l, func(tx ledger.Tx) error {
		return errors.Join(
			tx.AddVote(ledger.Vote{RequestID: "req_old", Person: "ana", Approve: true, At: epoch}),
			tx.AddVote(ledger.Vote{RequestID: "req_votes", Person: "ana", At: epoch}),
			tx.Spend("old", epoch, epoch.Add(time.Hour)),
			tx.AddSession(ledger.Session{IDHash: "one", Person: "ana", Created: epoch, Expires: epoch.Add(time.Hour)}),
			tx.AddSession(ledger.Session{IDHash: "two", Person: "ana", Created: epoch, Expires: epoch.Add(time.Hour)}),
			tx.Audit(ledger.Event{Kind: "old", At: epoch}),
		)
	})
	return l
}

// picture is everything that can be read of a ledger.
func picture(t testing.TB, l ledger.Ledger) string {
	t.Helper()
	var p string
	read(t, l, func(tx ledger.ReadTx) error {
		requests, err := tx.Requests(ledger.Filter{})
		if err != nil {
			return err
		}
		p = fmt.Sprintf("%+v", requests)
		for _, r := range requests {
			votes, err := tx.Votes(r.ID)
			if err != nil {
				return err
			}
			p += fmt.Sprintf("\n%+v", votes)
		}
		for _, hash := range []string{"one", "two", "new"} {
			s, err := tx.Session(hash, epoch)
			p += fmt.Sprintf("\n%+v %v", s, err)
		}
		events, err := tx.Events(0)
		p += fmt.Sprintf("\n%+v", events)
		return err
	})
	return p
}

func testRollback(t *testing.T, open Open) {
	l := prepared(t, open)
	before := picture(t, l)
	for name, end := range map[string]error{"its own error": errRollback, "a conflict": ledger.ErrConflict} {
		if err := l.Write(context.Background(), func(tx ledger.Tx) error { return errors.Join(change(tx), end) }); !errors.Is(err, end) {
			t.Fatalf("%s: %v", name, err)
		}
		if after := picture(t, l); after != before {
			t.Errorf("%s: it was\n%s\nand is\n%s", name, before, after)
		}
	}
	stillRight(t, l)
}

func testPanic(t *testing.T, open Open) {
	l := prepared(t, open)
	before := picture(t, l)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = l.Write(context.Background(), func(tx ledger.Tx) error {
			if err := change(tx); err != nil {
				t.Error(err)
			}
			panic("in the middle")
		})
	}()
	if after := picture(t, l); after != before {
		t.Errorf("it was\n%s\nand is\n%s", before, after)
	}
	stillRight(t, l)
}

// stillRight tells whether a rollback took back what cannot be read: what was
// spent, and the next number of the trail.
func stillRight(t testing.TB, l ledger.Ledger) {
	t.Helper()
	if err := spend(l, "old", epoch, epoch.Add(time.Hour)); !errors.Is(err, ledger.ErrSpent) {
		t.Errorf("what was spent before it: %v", err)
	}
	write(t, l, func(tx ledger.Tx) error { return tx.Audit(ledger.Event{Kind: "next", At: epoch}) })
	if rows := eventsOf(t, l, 0); rows[len(rows)-1].Seq != int64(len(rows)) {
		t.Errorf("the next row of %d has the number %d", len(rows), rows[len(rows)-1].Seq)
	}
	write(t, l, change) // what it spent was not spent
}

// model is what a ledger must be like, as simple as can be.
type model struct {
	order    []string
	requests map[string]ledger.Request
	votes    map[string]map[string]bool // request -> person -> approve
	spent    map[string]bool
	rows     int
}

func (m model) clone() model {
	c := model{slices.Clone(m.order), maps.Clone(m.requests), map[string]map[string]bool{}, maps.Clone(m.spent), m.rows}
	for id, votes := range m.votes {
		c.votes[id] = maps.Clone(votes)
	}
	return c
}

// testModel draws transactions of several steps, some of which are taken back,
// and compares everything after each.
func testModel(t *testing.T, open Open) {
	rapid.Check(t, func(rt *rapid.T) {
		l := open(t)
		m := model{requests: map[string]ledger.Request{}, votes: map[string]map[string]bool{}, spent: map[string]bool{}}
		for range rapid.IntRange(1, 20).Draw(rt, "transactions") {
			next := m.clone()
			undo := rapid.IntRange(0, 3).Draw(rt, "undo") == 0
			err := l.Write(context.Background(), func(tx ledger.Tx) error {
				for range rapid.IntRange(1, 4).Draw(rt, "steps") {
					if err := next.step(rt, tx); err != nil {
						return err
					}
				}
				if undo {
					return errRollback
				}
				return nil
			})
			if err == nil {
				m = next
			}
			m.compare(rt, l)
		}
	})
}

// step does one thing to both, and fails where one refuses what the other
// takes. A refusal that both agree on ends the transaction.
func (m *model) step(t *rapid.T, tx ledger.Tx) error {
	id := rapid.SampledFrom([]string{"req_1", "req_2", "req_3"}).Draw(t, "id")
	switch rapid.IntRange(0, 4).Draw(t, "step") {
	case 0:
		r := newRequest(id)
		r.State = rapid.SampledFrom(States).Draw(t, "begin")
		_, taken := m.requests[id]
		begins := r.State == ledger.Pending || r.State == ledger.Approved || r.State == ledger.Denied
		err := agree(t, "insert", tx.Insert(r), !taken && begins)
		if err == nil {
			r.Version = 1
			m.requests[id], m.order = r, append([]string{id}, m.order...)
		}
		return err
	case 1:
		r, ok := m.requests[id]
		if !ok {
			r = newRequest(id)
		}
		was := r.State
		r.Version -= int64(rapid.IntRange(0, 4).Draw(t, "stale") / 4)
		stale := ok && r.Version != m.requests[id].Version
		r.State = rapid.SampledFrom(States).Draw(t, "to")
		got, err := tx.Update(r)
		err = agree(t, fmt.Sprintf("update %s to %s", was, r.State), err, ok && !stale && (was == r.State || Edges[was][r.State]))
		if err == nil {
			r.Version++
			if m.requests[id] = r; got.Version != r.Version || got.State != r.State {
				t.Fatalf("Update returned %s %d", got.State, got.Version)
			}
		}
		return err
	case 2:
		if _, ok := m.requests[id]; !ok {
			return nil
		}
		person, approve := rapid.SampledFrom([]string{"ana", "ben"}).Draw(t, "person"), rapid.Bool().Draw(t, "approve")
		if m.votes[id] == nil {
			m.votes[id] = map[string]bool{}
		}
		m.votes[id][person] = approve
		return tx.AddVote(ledger.Vote{RequestID: id, Person: person, Approve: approve, At: epoch})
	case 3:
		token := rapid.SampledFrom([]string{"t1", "t2", "t3"}).Draw(t, "token")
		err := agree(t, "spend", tx.Spend(token, epoch, epoch.Add(time.Hour)), !m.spent[token])
		m.spent[token] = true
		return err
	}
	m.rows++
	return tx.Audit(ledger.Event{Kind: "step", At: epoch})
}

func agree(t *rapid.T, what string, err error, want bool) error {
	if (err == nil) != want {
		t.Fatalf("%s: %v, and the model says %t", what, err, want)
	}
	return err
}

func (m *model) compare(t *rapid.T, l ledger.Ledger) {
	err := l.Read(context.Background(), func(tx ledger.ReadTx) error {
		found, err := tx.Requests(ledger.Filter{})
		if err != nil {
			return err
		}
		var order []string
		for _, r := range found {
			order = append(order, r.ID)
			if want := m.requests[r.ID]; r.State != want.State || r.Version != want.Version {
				t.Fatalf("%s is %s %d, and the model's %s %d", r.ID, r.State, r.Version, want.State, want.Version)
			}
			votes, err := tx.Votes(r.ID)
			if err != nil {
				return err
			}
			got := map[string]bool{}
			for _, v := range votes {
				got[v.Person] = v.Approve
			}
			if len(votes) != len(got) || !maps.Equal(got, m.votes[r.ID]) {
				t.Fatalf("the votes are %v, and the model's %v", votes, m.votes[r.ID])
			}
		}
		if !slices.Equal(order, m.order) {
			t.Fatalf("the order is %q, and the model's %q", order, m.order)
		}
		events, err := tx.Events(0)
		if len(events) != m.rows || m.rows > 0 && events[m.rows-1].Seq != int64(m.rows) {
			t.Fatalf("%d rows, and the model's %d", len(events), m.rows)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
