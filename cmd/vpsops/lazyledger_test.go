package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy/ledger"
)

// slowLedger opens when it may, or never.
type slowLedger struct {
	lazyLedger
	may   chan error
	tries int
}

func newSlowLedger() *slowLedger {
	s := &slowLedger{may: make(chan error)}
	s.store = "at /state/ledger.db"
	s.open = func(ctx context.Context) (ledger.Ledger, error) {
		s.tries++
		select {
		case err := <-s.may:
			return ledger.NewMemory(), err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return s
}

func (s *slowLedger) read(ctx context.Context) error {
	return s.Read(ctx, func(ledger.ReadTx) error { return nil })
}

func TestALedgerThatDoesNotOpenHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlowLedger()
		begin := time.Now()
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		answers := make(chan error)
		go func() { answers <- s.read(hasty) }()
		go func() { answers <- s.read(t.Context()) }()
		if err := <-answers; !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			t.Errorf("who is in a hurry is told %v after %s", err, time.Since(begin))
		}
		err := <-answers
		if fault := (*ledger.StoreError)(nil); !errors.As(err, &fault) || fault.Problem != ledger.Unreachable || time.Since(begin) != openTime {
			t.Errorf("who is not is told %v after %s", err, time.Since(begin))
		}
		if changed, _ := s.Watch("req_1"); changed != nil || time.Since(begin) != 2*openTime {
			t.Errorf("it is watched after %s", time.Since(begin))
		}

		s.may <- nil // what was begun goes on
		if err := s.read(t.Context()); err != nil || s.tries != 1 {
			t.Errorf("once it is open: %v, after %d tries", err, s.tries)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestALedgerThatFailedToOpenIsTriedAgainAtTheNextAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlowLedger()
		for i, want := range []error{errors.New("no disk"), errors.New("no disk yet"), nil} {
			go func() { s.may <- want }()
			if err := s.read(t.Context()); !errors.Is(err, want) || s.tries != i+1 {
				t.Errorf("try %d of %d: %v", i+1, s.tries, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestTheProgramEndsThoughItsLedgerDoesNotOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlowLedger()
		ctx, end := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, end)
		if err := s.await(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		err := s.read(t.Context())
		if fault := (*ledger.StoreError)(nil); !errors.As(err, &fault) || fault.Problem != ledger.Closed || s.tries != 1 {
			t.Errorf("after its end: %v", err)
		}
	})
}
