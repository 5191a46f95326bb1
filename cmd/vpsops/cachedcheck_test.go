package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Probes come every few seconds and wait for a second: they cost no write each, hear of
// a fault in time, and of its end at once. What takes long meanwhile changes nothing, so
// that a short lock makes no replica flap.
func TestWhatIsAskedBesideProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		asked, answer, full := 0, error(nil), errors.New("full")
		takes := time.Duration(0)
		c := cachedCheck{ctx: ctx, age: 15 * time.Second, ask: func(ctx context.Context) error {
			asked++
			select {
			case <-time.After(takes):
				return answer
			case <-ctx.Done():
				return ctx.Err()
			}
		}}
		probe := func(wantErr error, wantAsked int) {
			t.Helper()
			known, err := c.last(ctx)
			synctest.Wait()
			if !known || !errors.Is(err, wantErr) || asked != wantAsked {
				t.Errorf("it came to %v (%v) when asked %d times, want %v, %d", err, known, asked, wantErr, wantAsked)
			}
		}
		probe(nil, 1)
		answer = full
		time.Sleep(14 * time.Second)
		probe(nil, 1)
		time.Sleep(2 * time.Second)
		probe(nil, 2) // it began to be asked
		time.Sleep(time.Second)
		probe(full, 3)
		answer = nil
		time.Sleep(time.Second)
		probe(full, 4)
		time.Sleep(time.Second)
		probe(nil, 4)
		takes = 9 * time.Second // another's lock
		time.Sleep(16 * time.Second)
		for range 9 {
			probe(nil, 5)
			time.Sleep(time.Second)
		}
		probe(nil, 5)
		takes = time.Hour
		time.Sleep(16 * time.Second)
		probe(nil, 6)
		stop()
		c.end()
		if known, _ := c.last(t.Context()); !known || asked != 6 {
			t.Errorf("after its end it was asked: %d", asked)
		}
	})
}

func TestAProbeWaitsALittleForTheFirstAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		c := cachedCheck{ctx: ctx, ask: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
		began := time.Now()
		if known, _ := c.last(ctx); known || time.Since(began) != firstWait {
			t.Errorf("after %s: %v", time.Since(began), known)
		}
		stop()
		c.end()
	})
}
