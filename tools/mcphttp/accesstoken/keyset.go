package accesstoken

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
)

const (
	freshFor  = 10 * time.Minute // then the keys are asked for anew, aside
	trustFor  = time.Hour        // then they count for nothing: the issuer may have taken one back
	askEvery  = 10 * time.Second // an unknown key asks the issuer, and anybody can name one
	askBurst  = 5
	askWithin = 15 * time.Second
)

var errAskedLately = errors.New("they were asked for a moment ago; try again in some seconds")

// keySet is the issuer's keys as they were last seen. A token by a key that is
// not among them asks for them anew.
type keySet struct {
	fetch  func(context.Context) ([]jose.JSONWebKey, error)
	now    func() time.Time
	logger *slog.Logger
	asks   *rate.Limiter
	flight singleflight.Group

	mu      sync.Mutex
	keys    []jose.JSONWebKey
	fetched time.Time
}

func newKeySet(fetch func(context.Context) ([]jose.JSONWebKey, error), now func() time.Time, logger *slog.Logger) *keySet {
	return &keySet{fetch: fetch, now: now, logger: logger, asks: rate.NewLimiter(rate.Every(askEvery), askBurst)}
}

// find returns the keys that a token of this header may be signed with, none
// where the issuer has no such key.
func (s *keySet) find(ctx context.Context, h jose.Header) ([]jose.JSONWebKey, error) {
	keys, age := s.known()
	if fitting := fit(keys, h); age < trustFor && len(fitting) > 0 {
		if age >= freshFor {
			s.renew() // aside: this call needn't wait
		}
		return fitting, nil
	}
	return s.findAnew(ctx, h)
}

// findAnew is find by what the issuer publishes now.
func (s *keySet) findAnew(ctx context.Context, h jose.Header) ([]jose.JSONWebKey, error) {
	select {
	case r := <-s.renew():
		if r.Err != nil {
			return nil, r.Err
		}
		keys, _ := s.known()
		return fit(keys, h), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *keySet) known() (keys []jose.JSONWebKey, age time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys, s.now().Sub(s.fetched)
}

// fetchedAt is when the keys that are known were fetched.
func (s *keySet) fetchedAt() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fetched
}

// renew asks the issuer, once for all who want it at a time. It outlives the
// call that wanted it first, since others may wait for it too.
func (s *keySet) renew() <-chan singleflight.Result {
	return s.flight.DoChan("", func() (any, error) {
		if !s.asks.AllowN(s.now(), 1) {
			return nil, errAskedLately
		}
		ctx, cancel := context.WithTimeout(context.Background(), askWithin)
		defer cancel()
		keys, err := s.fetch(ctx)
		if err != nil {
			s.logger.Warn("the authorization server's keys could not be had", "error", err)
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.keys, s.fetched = keys, s.now()
		return nil, nil
	})
}

// fit leaves out the keys that a token of this header is not signed with. A
// token that names no key may be by any.
func fit(keys []jose.JSONWebKey, h jose.Header) []jose.JSONWebKey {
	var fitting []jose.JSONWebKey
	for _, k := range keys {
		named := h.KeyID == "" || k.KeyID == h.KeyID
		if named && (k.Algorithm == "" || k.Algorithm == h.Algorithm) {
			fitting = append(fitting, k)
		}
	}
	return fitting
}
