package web

import (
	"errors"
	"sync"
)

// How many event streams are open at most. A browser opens one for each page
// that is in front.
const (
	maxStreams      = 512
	maxStreamsOfOne = 32 // of one sign-in
)

var errTooManyStreams = errors.New("too many event streams are open")

// streams counts the event streams that are open, and ends them all.
type streams struct {
	mu    sync.Mutex
	total int
	of    map[string]int // by sign-in
	done  chan struct{}
	ended bool
}

func newStreams() *streams {
	return &streams{of: make(map[string]int), done: make(chan struct{})}
}

// join counts one more stream of a sign-in; leave takes it off again.
func (s *streams) join(signIn string) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.total >= maxStreams || s.of[signIn] >= maxStreamsOfOne {
		return nil, errTooManyStreams
	}
	s.total++
	s.of[signIn]++
	return func() { s.leave(signIn) }, nil
}

func (s *streams) leave(signIn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.of[signIn]--; s.of[signIn] == 0 {
		delete(s.of, signIn)
	}
}

// end ends every stream and lets none be opened.
func (s *streams) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.ended = true
		close(s.done)
	}
}
