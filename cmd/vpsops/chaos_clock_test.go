//go:build chaos && crash && postgres && unix

package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"time"
)

// clockVariable names the file by which a test sets a replica's clock: it holds
// by how much that is ahead.
const clockVariable = "CHAOS_CLOCK"

func init() {
	file := os.Getenv(clockVariable)
	if file == "" {
		return
	}
	clock = func() time.Time { return time.Now().Add(offsetIn(file)) }
}

// offsetIn is 0 where nothing was written.
func offsetIn(file string) time.Duration {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	off, err := time.ParseDuration(string(text))
	if err != nil {
		panic(err)
	}
	return off
}

// setClock sets a replica's clock, at once as a person would.
func (r *replica) setClock(ahead time.Duration) {
	r.town.Helper()
	next := r.clock + ".next"
	if err := os.WriteFile(next, []byte(ahead.String()), 0o600); err != nil {
		r.town.Fatal(err)
	}
	if err := os.Rename(next, r.clock); err != nil {
		r.town.Fatal(err)
	}
}

// shiftClock has a replica's clock be off for a while: it is set while the replica
// runs, or the replica starts with it.
func (c *town) shiftClock(ctx context.Context, r *rand.Rand) {
	victim, off := c.one(r), time.Duration(120+r.IntN(3480))*time.Second
	if r.IntN(2) == 0 {
		off = -off
	}
	starts := r.IntN(2) == 0
	if starts {
		victim.house().crash()
	}
	victim.setClock(off)
	if starts {
		victim.open()
	}
	c.until("a replica that says that its clock is off", func() bool { return slices.Contains(victim.ready().Wrong, "clock") })
	wait(ctx, time.Duration(5000+r.IntN(5000))*time.Millisecond)
	victim.setClock(0)
	c.until("a replica that takes its clock for right", func() bool { return !slices.Contains(victim.ready().Wrong, "clock") })
}

// ready is what a replica says of itself; nothing where it does not.
func (r *replica) ready() (report readyReport) {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.house().health+"/readyz", nil)
	if err != nil {
		r.town.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return report
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&report); err != nil {
		return readyReport{}
	}
	return report
}
