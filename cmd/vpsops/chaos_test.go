//go:build chaos && crash && postgres && unix

package main

import (
	"context"
	"flag"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"vpsops/policy/ledger/pgtest"
)

var (
	chaosTime = flag.Duration("duration", 3*time.Minute, "how long TestChaos makes trouble: no less than each kind once takes")
	chaosAsks = flag.Float64("asks", 6, "asks a second")
	chaosCalm = flag.Bool("calm", false, "make no trouble: to see what there is without")
)

// chaosPolicy has each kind of vote. The budget of deletes is smaller than what
// is asked for.
const chaosPolicy = `
version: 1
people:
PEOPLE
groups: {ops: {people: [NAMES]}}
grants: [{id: all, who: everyone, actions: [list, get, update, stop, reboot, delete]}]
guards:
  - {id: own, actions: [update, stop], require: {confirm: asker}}
  - {id: another, actions: [reboot, delete], require: {approve: 1, from: ops}}
  - {id: typed, actions: [delete], require: {confirm: asker, type_name: true}}
budgets: [{id: deletes, actions: [delete], max: BUDGET, per: 24h}]
limits: {request_ttl: 45s, run_within: 1m, open_requests_per_person: 100, deny_cooldown: 1s}
`

// TestChaos has three replicas on one PostgreSQL, a tenth of whose API's calls
// fail, asked and voted through while they are killed, paused past their leases and
// started again, and their database with them. Then it counts what came of it.
func TestChaos(t *testing.T) {
	pair, err := pgtest.StartPair(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pair.Stop() })
	dsn, err := pair.DSN(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	older := buildOlder(t)
	town := newTown(t, dsn, chaosReplicas, older, pair)
	town.note("upgrades begin from", older.first.version+", and later from "+older.back.version)
	town.note("the disk is full by", pair.Primary().DiskKind())
	town.api.failing.Store(!*chaosCalm)
	ctx, stop := context.WithTimeout(t.Context(), *chaosTime)
	defer stop()
	var asking sync.WaitGroup
	defer asking.Wait()
	until, enough := context.WithCancel(t.Context())
	defer enough()
	asking.Go(func() { town.ask(until) })
	if *chaosCalm {
		<-ctx.Done()
	} else {
		town.trouble(ctx, rand.New(rand.NewPCG(*crashSeed, 2)))
	}
	enough()
	town.api.failing.Store(false)
	town.calm()
	asking.Wait()
	if town.audit == nil {
		town.openStore(dsn)
	}
	town.judge()
	for _, r := range town.replicas {
		r.house().end()
	}
}
