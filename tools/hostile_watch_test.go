//go:build hostile

package tools_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// teeBody keeps what is read of a request's body.
type teeBody struct {
	io.ReadCloser
	kept *strings.Builder
}

func (b *teeBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.kept.Write(p[:n])
	return n, err
}

// maxOpen is how many requests a person may have open on one front end.
const maxOpen = 5

// watchedLedger looks at every write: how many requests are open, and that
// every way from state to state is one that there is.
type watchedLedger struct {
	ledger.Ledger
	t  testing.TB
	mu sync.Mutex
	is map[string]ledger.Request
}

func newWatchedLedger(t testing.TB) *watchedLedger {
	return &watchedLedger{Ledger: ledger.NewMemory(), t: t, is: make(map[string]ledger.Request)}
}

func (l *watchedLedger) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var changed []ledger.Request
	err := l.Ledger.Write(ctx, func(tx ledger.Tx) error {
		changed = nil
		return fn(watchedTx{tx, &changed})
	})
	if err == nil {
		for _, r := range changed {
			l.look(r)
		}
	}
	return err
}

func (l *watchedLedger) look(r ledger.Request) {
	was, known := l.is[r.ID]
	l.is[r.ID] = r
	if known && was.State != r.State && !was.State.MayBecome(r.State) {
		l.t.Errorf("%s became %s", was.State, r.State)
	}
	type desk struct {
		person string
		front  policy.Front
	}
	open := make(map[desk]int)
	for id, o := range l.is {
		switch {
		case o.State.Open() && time.Now().Before(o.ExpiresAt):
			open[desk{o.Person, o.Front}]++
		case o.State.Final() && id != r.ID:
			delete(l.is, id) // only what is under way is looked at again
		}
	}
	for d, n := range open {
		if n > maxOpen {
			l.t.Errorf("%s has %d requests open on %s", d.person, n, d.front)
		}
	}
}

type watchedTx struct {
	ledger.Tx
	changed *[]ledger.Request
}

func (t watchedTx) Insert(r ledger.Request) error {
	*t.changed = append(*t.changed, r)
	return t.Tx.Insert(r)
}

func (t watchedTx) Update(r ledger.Request) (ledger.Request, error) {
	*t.changed = append(*t.changed, r)
	return t.Tx.Update(r)
}
