package gate_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/policy/ledger/ledgertest"
	"vpsops/vpsapi/sandbox"
)

// watched is a ledger that remembers every edge that was taken.
type watched struct {
	ledger.Ledger
	mu    sync.Mutex
	edges [][2]ledger.State
}

func (l *watched) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	var edges [][2]ledger.State
	err := l.Ledger.Write(ctx, func(tx ledger.Tx) error {
		edges = nil
		return fn(watchedTx{tx, &edges})
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.edges = append(l.edges, edges...)
	}
	return err
}

type watchedTx struct {
	ledger.Tx
	edges *[][2]ledger.State
}

func (t watchedTx) Update(r ledger.Request) (ledger.Request, error) {
	old, err := t.Request(r.ID)
	if err != nil {
		return r, err
	}
	if old.State != r.State {
		*t.edges = append(*t.edges, [2]ledger.State{old.State, r.State})
	}
	return t.Tx.Update(r)
}

// Whatever a model asks, in whatever order people vote, and whatever the API
// and the servers do meanwhile: nothing is sent without the votes it needed,
// nothing twice, and what is told for sure is what the API did.
func TestWhateverHappens(t *testing.T) {
	taken := make(map[[2]ledger.State]int)
	for seed := range uint64(80) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l := &watched{Ledger: ledger.NewMemory()}
			inWorld(t, func(w *world) {
				d := &driver{world: w, rand: rand.New(rand.NewPCG(seed, 1))}
				for range 80 {
					d.step()
				}
				w.faults()
				time.Sleep(time.Hour)
				d.judge()
			}, withLedger(l), withPolicy(approvals(1)))
			for _, e := range l.edges {
				taken[e]++
				if !ledgertest.Edges[e[0]][e[1]] {
					t.Errorf("%s became %s", e[0], e[1])
				}
			}
		})
	}
	for _, e := range [][2]ledger.State{
		{ledger.Pending, ledger.Approved},
		{ledger.Pending, ledger.Denied},
		{ledger.Pending, ledger.Expired},
		{ledger.Pending, ledger.Cancelled},
		{ledger.Pending, ledger.Superseded},
		{ledger.Approved, ledger.Executing},
		{ledger.Executing, ledger.Succeeded},
		{ledger.Executing, ledger.Failed},
		{ledger.Executing, ledger.Unknown},
		{ledger.Executing, ledger.Invalidated},
		{ledger.Unknown, ledger.Succeeded},
		{ledger.Unknown, ledger.Failed},
	} {
		if taken[e] == 0 {
			t.Errorf("the way from %s to %s was never tried", e[0], e[1])
		}
	}
}

// driver does things at random.
type driver struct {
	*world
	rand   *rand.Rand
	asked  []gate.View
	states []string // dialogs' states
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func (d *driver) step() {
	switch d.rand.IntN(13) {
	case 0, 1, 2, 3, 12:
		d.ask()
	case 4, 5, 6, 7:
		d.vote()
	case 8:
		d.answer()
	case 9:
		if len(d.asked) > 0 {
			_, _ = d.desk.Cancel(d.soon(), actor(pick(d.rand, "ana", "ben", "eve")), pick(d.rand, d.asked...).ID)
		}
	case 10:
		time.Sleep(pick(d.rand, time.Second, 10*time.Second, time.Minute, 6*time.Minute))
	case 11:
		d.disturb()
	}
}

func (d *driver) operation() gate.Operation {
	server := pick[int64](d.rand, web, db)
	name := "gone"
	if s, ok := d.sandbox.Server(server); ok {
		name = s.Name
	}
	return pick(d.rand,
		power(policy.Start, server), power(policy.Stop, server), power(policy.Reboot, server), power(policy.Reboot, server),
		deletion(server, name), creation(pick(d.rand, "new-1", "new-2")),
		hostname(server, pick(d.rand, "a.example.com", "b.example.com")), rename(server, pick(d.rand, "renamed", "web-server-01")))
}

func (d *driver) ask() {
	op, who := d.operation(), actor(pick(d.rand, "ana", "ana", "ben", "dee", "eve"))
	v, err := d.desk.Ask(d.soon(), who, op)
	if err != nil {
		return // it could not be meant
	}
	d.asked = append(d.asked, v)
	d.states = append(d.states, d.desk.Dialog(who, op, v))
}

func (d *driver) vote() {
	if len(d.asked) == 0 {
		return
	}
	v := pick(d.rand, d.asked[max(0, len(d.asked)-3):]...)
	by := voter(pick(d.rand, v.Person, v.Person, v.Person, "ana", "ben", "cy", "dee", "eve"))
	by.OwnOnly = d.rand.IntN(4) == 0
	by.Factor = pick(d.rand, policy.Client, policy.PersonFactor, policy.PersonFactor, policy.Passkey)
	verdict := yes(v)
	verdict.Approve = d.rand.IntN(8) > 0
	if d.rand.IntN(8) == 0 {
		verdict.TypedName, verdict.Digest = "other", pick(d.rand, d.asked...).Digest
	}
	_, err := d.ballot.Vote(d.soon(), by, verdict)
	var refused *gate.VoteError
	var late *gate.TooLateError
	if err != nil && !errors.As(err, &refused) && !errors.As(err, &late) && !errors.Is(err, gate.ErrStale) && !errors.Is(err, gate.ErrNotFound) {
		d.Errorf("a vote: %v", err)
	}
}

func (d *driver) answer() {
	if len(d.asked) > 0 {
		_, _ = d.desk.Answer(d.soon(), actor(pick(d.rand, "ana", "ben")), d.operation(), pick(d.rand, d.states...), d.rand.IntN(4) > 0)
	}
}

// disturb changes a server behind the API's back, or has calls fail.
func (d *driver) disturb() {
	server := pick[int64](d.rand, web, db)
	switch d.rand.IntN(4) {
	case 0:
		d.sandbox.EditServer(server, func(s *sandbox.Server) { s.Status = pick(d.rand, "active", "stopped") })
	case 1:
		d.sandbox.EditServer(server, func(s *sandbox.Server) { s.IPAddress = fmt.Sprintf("203.0.113.%d", d.rand.IntN(100)) })
	default:
		kind := pick(d.rand, sandbox.KindCutBefore, sandbox.KindCutAfter, sandbox.KindHangAfter, sandbox.KindTruncate, sandbox.KindGarbage, sandbox.KindRedirect, sandbox.KindStatus, sandbox.KindStatus, sandbox.KindStatus)
		var plan []sandbox.Fault
		for _, method := range []string{"POST", "PATCH", "DELETE"} {
			plan = append(plan, sandbox.Fault{Match: sandbox.Match{Method: method}, Times: 1, Kind: kind, Status: map[bool]int{true: 429}[kind == sandbox.KindStatus]})
		}
		d.faults(plan...)
	}
}

// judge holds every call the API received to the votes in the ledger.
func (d *driver) judge() {
	d.Helper()
	var requests []ledger.Request
	votes := make(map[string][]policy.Vote)
	err := d.ledger.Read(context.Background(), func(tx ledger.ReadTx) (err error) {
		requests, err = tx.Requests(ledger.Filter{})
		for _, r := range requests {
			given, err := tx.Votes(r.ID)
			if err != nil {
				return err
			}
			for _, v := range given {
				if v.Approve && v.Digest == r.Digest {
					votes[r.ID] = append(votes[r.ID], policy.Vote{Person: v.Person, Factor: v.Factor, OwnOnly: v.OwnOnly, NameTyped: v.NameTyped, Reason: v.Reason})
				}
			}
		}
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
	claimed := 0
	for _, r := range requests {
		switch {
		case r.State.Open(), r.State == ledger.Executing:
			d.Errorf("%s is still %s", r.Action, r.State)
		case r.SendingAt.IsZero() && (r.State == ledger.Succeeded || r.State == ledger.Unknown):
			d.Errorf("%s %s, and nothing was sent", r.Action, r.State)
		}
		if r.SendingAt.IsZero() {
			continue
		}
		claimed++
		if missing := d.pol.Load().Missing(r.Needs, r.Person, votes[r.ID]); len(missing) > 0 || r.Action.Guarded() && len(r.Needs) == 0 {
			d.Errorf("%s was sent without %+v", r.Action, missing)
		}
	}
	d.tellTruly(requests)
	if writes := len(d.writes()); writes > claimed {
		d.Errorf("%d calls for %d claims", writes, claimed)
	}
}

// tellTruly counts what was carried out against what was told, action by
// action. What is unknown may be either, and so may be what was settled by
// looking: another's call may have made the server what it is.
func (d *driver) tellTruly(requests []ledger.Request) {
	d.Helper()
	executed, sure, open := make(map[policy.Action]int), make(map[policy.Action]int), make(map[policy.Action]int)
	for _, w := range d.writes() {
		if w.Executed {
			executed[actionOf(w)]++
		}
	}
	for _, r := range requests {
		switch {
		case r.State == ledger.Unknown, slices.Contains(d.kinds(r.ID), "settled"):
			open[r.Action]++
		case r.State == ledger.Succeeded:
			sure[r.Action]++
		}
	}
	for _, a := range policy.Actions() {
		if executed[a] < sure[a] || executed[a] > sure[a]+open[a] {
			d.Errorf("%s: %d carried out, %d surely and %d perhaps told so", a, executed[a], sure[a], open[a])
		}
	}
}

func actionOf(r sandbox.Request) policy.Action {
	switch r.Method {
	case "PATCH", "PUT":
		return policy.Update
	case "DELETE":
		return policy.Delete
	}
	for _, a := range []policy.Action{policy.Start, policy.Stop, policy.Reboot} {
		if strings.HasSuffix(r.Path, "/"+string(a)+"/") {
			return a
		}
	}
	return policy.Create
}
