package accesstoken

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	seenFor = time.Minute // then a token is verified anew
	maxSeen = 4096
)

// seen remembers tokens that were verified, by their hash: a client sends one
// with every call, and a signature costs a hundred times what a hash does. Only
// right tokens get in, so nobody fills it with others.
type seen struct {
	mu     sync.Mutex
	tokens map[[sha256.Size]byte]verified
}

type verified struct {
	Token
	at   time.Time
	keys time.Time // when the keys were fetched that verified it
}

// find returns a token that was verified a moment ago, by the keys that are
// known now, and has not expired since.
func (s *seen) find(raw string, keys, now time.Time) (Token, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.tokens[sha256.Sum256([]byte(raw))]
	age := now.Sub(v.at)
	return v.Token, ok && v.keys.Equal(keys) && age >= 0 && age < seenFor && now.Before(v.Expires)
}

func (s *seen) keep(raw string, t Token, keys, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens == nil || len(s.tokens) >= maxSeen {
		s.tokens = make(map[[sha256.Size]byte]verified)
	}
	s.tokens[sha256.Sum256([]byte(raw))] = verified{t, now, keys}
}
