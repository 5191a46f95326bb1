//go:build crash && unix

package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

var budgetRounds = flag.Int("rounds", 5, "how often the claims race for the budget")

// racePolicy gives each of n persons a token and a budget of their own.
func racePolicy(n int) string {
	var people strings.Builder
	for i := range n {
		fmt.Fprintf(&people, "  p%d: {tokens: [{id: t%d, sha256: \"%x\", scopes: [read, write], expires: 2099-01-01}]}\n", i, i, sha256.Sum256([]byte(raceToken(i))))
	}
	return "version: 1\npeople:\n  ana: {local: [ana]}\n" + people.String() + `
grants: [{id: all, who: everyone, actions: [list, get, stop]}]
guards: [{id: confirm, actions: [stop], require: {confirm: asker, factor: client}}]
budgets: [{id: three, actions: [stop], max: 3, per: 1h, by: asker}]
limits: {open_requests_per_person: 100}
`
}

func raceToken(i int) string { return fmt.Sprintf("vpsops_race_%04d", i) }

func TestABudgetHoldsWhateverIsClaimedAtOnce(t *testing.T) {
	everyStore(t, func(t *testing.T, store string) {
		const claims, budget = 32, 3
		rounds := *budgetRounds
		s := newSite(t, store, racePolicy(rounds), claims, httptest.NewServer)
		houses := []*house{s.serve(), s.serve()}
		for round := range rounds {
			s.api.ClearRequests()
			s.race(houses, raceToken(round), claims)
			states := make(map[ledger.State]int)
			for _, r := range s.requests(ledger.Filter{Person: fmt.Sprintf("p%d", round)}) {
				states[r.State]++
			}
			if states[ledger.Succeeded] != budget || states[ledger.Denied] != claims-budget {
				t.Errorf("round %d: of a budget of %d: %v", round, budget, states)
			}
			writes := 0
			for _, r := range s.api.Requests() {
				if isWrite(r) {
					writes++
				}
			}
			if writes != budget {
				t.Errorf("round %d: the API received %d calls", round, writes)
			}
		}
		for _, h := range houses {
			h.end()
		}
		s.provable()
	})
}

// race asks for as many stops as are wanted, and then confirms all at once.
func (s *site) race(houses []*house, token string, claims int) {
	s.Helper()
	states := make([]string, claims)
	arguments := func(i int) string { return fmt.Sprintf(`{"server":%d}`, 12345+i) }
	for i := range claims {
		s.api.EditServer(int64(12345+i), func(v *sandbox.Server) { v.Status, v.Becomes = sandbox.StatusActive, "" })
		r, err := houses[i%2].call(token, string(policy.Stop)+"_server", arguments(i), "")
		if err != nil || r.RequestState == "" {
			s.Fatalf("%+v, %v", r, err)
		}
		states[i] = r.RequestState
	}
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range claims {
		all.Go(func() {
			<-begin
			// Either process may take the answer, whichever asked.
			if _, err := houses[i/2%2].call(token, string(policy.Stop)+"_server", arguments(i), fmt.Sprintf(confirmed, states[i])); err != nil {
				s.Error(err)
			}
		})
	}
	close(begin)
	all.Wait()
}
