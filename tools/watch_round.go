package tools

import (
	"context"
	"slices"
	"sync"
	"time"

	"vpsops/policy/ledger"
)

const (
	lookEvery  = 5 * time.Second // between looks at what the ledger says nothing of
	looksAtOne = 20              // resources that wait to be looked at; the rest come next
	lookers    = 8               // of those, asked of the API at a time
	lookTime   = 10 * time.Second
)

// round is the watch at work, from the first interest to the last. It follows
// the ledger, and looks now and then at the servers, which change by other hands
// too. What asks the API goes on beside it, so that no request's news wait for
// that.
type round struct {
	*watch
	requests, all turn // only run's

	mu      sync.Mutex
	waiting []resourceKey // to be asked of the API, each once
	busy    map[resourceKey]bool
	looking int
}

func (r *round) run(ctx context.Context, feed *ledger.Changes) {
	defer feed.Close()
	tick := time.NewTicker(r.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-feed.C():
			r.written(ctx, feed)
		case <-tick.C:
			for _, key := range r.requests.take(r.keys(kindRequests), looksAtOne) {
				r.lookAtRequest(ctx, key) // one may have expired, which isn't written before
			}
			for _, key := range r.all.take(r.keys(kindRequests, kindServers), r.room()) {
				r.askSoon(ctx, key)
			}
		}
	}
}

// written looks at what the requests concern that were written.
func (r *round) written(ctx context.Context, feed *ledger.Changes) {
	ids, lost := feed.Take()
	if lost {
		for _, key := range r.keys(kindRequests) {
			r.lookAtRequest(ctx, key)
		}
	}
	for _, id := range ids {
		r.lookAtRequest(ctx, resourceKey{kind: kindRequests, id: id})
	}
	if len(r.keys(kindServers)) == 0 {
		return
	}
	for _, id := range ids {
		account, server, err := r.t.Desk.Touched(ctx, id)
		if err != nil || account == "" {
			continue
		}
		r.askSoon(ctx, resourceKey{kindServers, account, server})
		r.askSoon(ctx, resourceKey{kindServers, account, ""})
	}
}

// askSoon has the API asked for a resource, also where it is being asked right
// now: that answer may be older than what calls for another.
func (r *round) askSoon(ctx context.Context, key resourceKey) {
	if len(r.of(ctx, key)) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.waiting, key) {
		return
	}
	r.waiting = append(r.waiting, key)
	if r.looking < lookers {
		r.looking++
		go r.look(ctx)
	}
}

// room is how many more may wait: where the API is slower than the ticks come,
// it isn't asked for more than it answers.
func (r *round) room() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return max(0, looksAtOne-len(r.waiting))
}

// look asks the API for what waits, until nothing does.
func (r *round) look(ctx context.Context) {
	for {
		key, some := r.next(ctx)
		if !some {
			return
		}
		r.askAPI(ctx, key)
		r.mu.Lock()
		delete(r.busy, key)
		r.mu.Unlock()
	}
}

// next is what the API isn't being asked for already: the answers to two
// questions may come in any order.
func (r *round) next(ctx context.Context) (key resourceKey, some bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.waiting, func(k resourceKey) bool { return !r.busy[k] })
	if i < 0 || ctx.Err() != nil {
		r.looking--
		return resourceKey{}, false
	}
	key = r.waiting[i]
	r.waiting = slices.Delete(r.waiting, i, i+1)
	r.busy[key] = true
	return key, true
}

// turn takes some of the resources at a time, and all in the end.
type turn struct{ next resourceKey }

// take returns the next n of the keys, which are in order.
func (t *turn) take(keys []resourceKey, n int) []resourceKey {
	if len(keys) <= n {
		return keys
	}
	at, _ := slices.BinarySearchFunc(keys, t.next, compareKeys)
	keys = slices.Concat(keys[at:], keys[:at])
	t.next = keys[n]
	return keys[:n]
}
