package ledger_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"

	_ "github.com/jackc/pgx/v5/stdlib"
)

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

// story is the way of one request, told as the gate tells it.
type story struct {
	t  testing.TB
	l  ledger.Ledger
	id string
	at time.Time
}

func newStory(t testing.TB, l ledger.Ledger, id string) *story { return &story{t, l, id, epoch} }

func (s *story) tick() time.Time {
	s.at = s.at.Add(time.Millisecond)
	return s.at
}

func (s *story) request() ledger.Request {
	return ledger.Request{
		ID: s.id, State: ledger.Pending, Person: "ana", Identity: policy.Identity{Kind: policy.LocalUser, ID: "ana"}, Front: policy.MCP,
		Action: policy.Delete, Account: "prod", ServerID: "12345", Intent: "intent of " + s.id,
		Operation: json.RawMessage(`{"action":"delete","server":"12345"}`), Shown: json.RawMessage(`{"server":{"id":12345,"name":"prod-db-1"}}`),
		Digest: strings.Repeat("d", 64), PolicyHash: strings.Repeat("p", 64),
		Needs: []policy.Need{
			{Count: 1, Factor: policy.PersonFactor, TypeName: true, Rules: []string{"delete"}},
			{From: "sre", Count: 2, Factor: policy.PersonFactor, Rules: []string{"prod-delete"}},
		},
		CreatedAt: s.at, ExpiresAt: s.at.Add(15 * time.Minute),
	}
}

func (s *story) event(kind, person, detail string) ledger.Event {
	return ledger.Event{At: s.tick(), Kind: kind, RequestID: s.id, Person: person, Front: policy.Page, Detail: detail}
}

func (s *story) ask() *story {
	s.t.Helper()
	write(s.t, s.l, func(tx ledger.Tx) error {
		if err := tx.Insert(s.request()); err != nil {
			return err
		}
		return tx.Audit(s.event("ask", "ana", "pending delete 12345"))
	})
	return s
}

func (s *story) vote(person string, change ...func(*ledger.Vote)) *story {
	s.t.Helper()
	v := ledger.Vote{
		RequestID: s.id, Person: person, Front: policy.Page, Factor: policy.PersonFactor, Approve: true, NameTyped: true,
		Digest: strings.Repeat("d", 64), At: s.at,
	}
	for _, c := range change {
		c(&v)
	}
	write(s.t, s.l, func(tx ledger.Tx) error {
		if err := tx.AddVote(v); err != nil {
			return err
		}
		return tx.Audit(s.event("vote", person, "approve by factor person"))
	})
	return s
}

// step takes the request to a state, or changes it within one.
func (s *story) step(kind string, change func(*ledger.Request)) *story {
	s.t.Helper()
	write(s.t, s.l, func(tx ledger.Tx) error {
		r, err := tx.Request(s.id)
		if err != nil {
			return err
		}
		change(&r)
		if r, err = tx.Update(r); err != nil {
			return err
		}
		return tx.Audit(s.event(kind, "", string(r.State)))
	})
	return s
}

func (s *story) to(kind string, state ledger.State) *story {
	s.t.Helper()
	return s.step(kind, func(r *ledger.Request) {
		if r.State = state; state.Final() {
			r.EndedAt = s.at
		}
	})
}

func (s *story) sending() *story {
	s.t.Helper()
	return s.step("sending", func(r *ledger.Request) { r.SendingAt = s.tick() })
}

// carriedOut is the whole way of a request, ten rows.
func (s *story) carriedOut() *story {
	s.t.Helper()
	return s.ask().vote("ana").vote("ben").vote("cy").
		to("state", ledger.Approved).to("claim", ledger.Executing).sending().to("outcome", ledger.Succeeded)
}

// tamper changes the store behind the ledger's back.
func tamper(t testing.TB, dsn string, statements ...string) {
	t.Helper()
	driver := "pgx"
	if !strings.HasPrefix(dsn, "postgres://") {
		driver = "sqlite"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func verify(t testing.TB, l *ledger.SQL, o ledger.VerifyOptions) ledger.Report {
	t.Helper()
	report, err := l.Verify(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func mustHold(t testing.TB, r ledger.Report) {
	t.Helper()
	if !r.OK() {
		t.Errorf("the trail does not hold: %v", r.Faults)
	}
}

// everywhere runs a test against each kind of store.
func everywhere(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	for name, newStore := range stores {
		t.Run(name, func(t *testing.T) { test(t, newStore(t)) })
	}
}

func rowID(i int) string { return fmt.Sprintf("req_%d", i) }
