//go:build chaos && crash && postgres && unix

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/policy/ledger/ledgertest"
	"vpsops/policy/ledger/pgtest"
)

var (
	loadTime   = flag.Duration("load", time.Minute, "how long TestLoad asks")
	loadAtOnce = flag.Int("at-once", 24, "how many errands TestLoad has under way where it goes as fast as it can")
	loadPast   = flag.Int("past", 0, "how many requests the ledger has behind it where TestLoad asks a number a second, each with three votes and seven audit rows")
)

// TestLoad has whole requests carried out (an ask, a vote on the page, a claim,
// a call, an outcome that the waiting caller is told): a number a second at three
// replicas, and as many as go at one, two and three. It says how fast that was, and
// holds what came of it as TestChaos does.
func TestLoad(t *testing.T) {
	database, err := pgtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Stop() })
	t.Run(fmt.Sprintf("%g a second, 3 replicas", *chaosAsks), func(t *testing.T) {
		town := newTown(t, placeIn(t, database), chaosReplicas, olderBuilds{}, nil)
		town.steady = true
		town.age(*loadPast, database)
		ctx, stop := context.WithTimeout(t.Context(), *loadTime)
		defer stop()
		began, own := time.Now(), ownTime()
		town.ask(ctx)
		town.speed(time.Since(began))
		town.judge()
		town.cost(own)
	})
	for replicas := 1; replicas <= chaosReplicas; replicas++ {
		t.Run(fmt.Sprintf("as fast as it goes, %d replicas", replicas), func(t *testing.T) {
			town := newTown(t, placeIn(t, database), replicas, olderBuilds{}, nil)
			town.steady = true
			ctx, stop := context.WithTimeout(t.Context(), *loadTime/3)
			defer stop()
			began, own := time.Now(), ownTime()
			town.askAtOnce(ctx, *loadAtOnce)
			town.speed(time.Since(began))
			town.judge()
			town.cost(own)
		})
	}
}

// age gives the ledger requests that have ended.
func (c *town) age(requests int, database *pgtest.Server) {
	c.Helper()
	if requests == 0 {
		return
	}
	const atOnce = 1000
	at := time.Now()
	for from := 0; from < requests; from += atOnce {
		err := c.audit.Write(c.Context(), func(tx ledger.Tx) error {
			for i := from; i < min(from+atOnce, requests); i++ {
				r := longDone(i, at)
				if err := ledgertest.InsertPast(tx, r, r.Person, citizenName(i+1), citizenName(i+2)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			c.Fatal(err)
		}
	}
	if err := database.Exec(c.Context(), "VACUUM ANALYZE"); err != nil { // as it does by itself in minutes
		c.Fatal(err)
	}
}

func citizenName(i int) string { return fmt.Sprintf("p%02d", i%chaosPeople) }

// longDone is a request as it was asked.
func longDone(i int, at time.Time) ledger.Request {
	id := fmt.Sprintf("req_past%d", i)
	return ledger.Request{
		ID: id, State: ledger.Pending, Person: citizenName(i), Identity: policy.Identity{Kind: policy.OIDCSubject, ID: id}, Front: policy.MCP,
		Action: policy.Delete, ServerID: fmt.Sprint(12345 + i%chaosServers), Intent: "intent of " + id,
		Operation: json.RawMessage(`{"action":"delete"}`), Shown: json.RawMessage(`{}`), Digest: strings.Repeat("d", 64), PolicyHash: strings.Repeat("p", 64),
		Needs: []policy.Need{
			{Count: 1, Factor: policy.PersonFactor, TypeName: true, Rules: []string{"delete"}},
			{From: "others", Count: 2, Factor: policy.PersonFactor, Rules: []string{"delete"}},
		},
		CreatedAt: at, ExpiresAt: at.Add(time.Hour),
	}
}

func placeIn(t *testing.T, database *pgtest.Server) (dsn string) {
	t.Helper()
	dsn, err := database.DSN(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// askAtOnce keeps so many errands under way until ctx ends.
func (c *town) askAtOnce(ctx context.Context, many int) {
	var under sync.WaitGroup
	for range many {
		under.Go(func() {
			for ctx.Err() == nil {
				if e := c.newErrand(); e != nil {
					e.run()
				}
			}
		})
	}
	under.Wait()
}

// speed says how many errands came to their end in a time, and how long one took.
func (c *town) speed(took time.Duration) {
	c.Helper()
	var times []time.Duration
	for _, e := range c.errands {
		times = append(times, e.ended.Sub(e.began))
	}
	slices.SortFunc(times, cmp.Compare)
	n := len(times)
	c.Logf("%d whole requests in %s: %.1f a second; one took %s in half of all cases, %s in 99 of 100, %s at the longest",
		n, took.Round(time.Millisecond), float64(n)/took.Seconds(), round(times[n/2]), round(times[n*99/100]), round(times[n-1]))
}

// ownTime is the processor time of this process so far: the clients', and the
// simulated API's.
func ownTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// cost ends the replicas, and says how much processor time an errand took.
func (c *town) cost(before time.Duration) {
	c.Helper()
	own := ownTime() - before
	var theirs time.Duration
	for _, r := range c.replicas {
		h := r.house()
		h.end()
		theirs += h.cmd.ProcessState.UserTime() + h.cmd.ProcessState.SystemTime()
	}
	n := time.Duration(len(c.errands))
	c.Logf("processor time of a whole request: the replicas' %s, the clients' and the simulated API's %s, and PostgreSQL's", (theirs / n).Round(100*time.Microsecond), (own / n).Round(100*time.Microsecond))
}
