package fakeslack

import (
	"slices"
	"time"
)

// Call is a request that the Slack received: of a Web API method, or of a
// response_url, whose Method is "response_url".
type Call struct {
	Method string
	Args   Args
	Token  string
	At     time.Time
	Status int    // the HTTP status sent; 0 where none was or not yet
	Error  string // of the answer, "" where it was ok
	Done   bool   // it took effect
}

// Calls are the requests received, oldest first, of the methods named or of all.
func (s *Slack) Calls(methods ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Call
	for _, c := range s.state.calls {
		if len(methods) == 0 || slices.Contains(methods, c.Method) {
			found = append(found, c)
		}
	}
	return found
}

// enter logs a call and returns its number.
func (s *Slack) enter(name string, args Args) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.calls = append(s.state.calls, Call{Method: name, Args: args, Token: args.Token, At: s.opts.Now()})
	s.change()
	return s.state.forgot + len(s.state.calls) - 1
}

// logged is where a call stands in the log, by its number; a place of no
// consequence where it is forgotten. Callers hold s.mu.
func (s *Slack) logged(n int) *Call {
	if n < s.state.forgot {
		return new(Call)
	}
	return &s.state.calls[n-s.state.forgot]
}

// finish notes in the log how a call was answered.
func (s *Slack) finish(n, status int, failed *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.logged(n)
	c.Status = status
	if failed != nil {
		c.Error = failed.code
	}
	s.change()
}
