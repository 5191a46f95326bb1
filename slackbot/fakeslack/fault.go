package fakeslack

import (
	"cmp"
	"net/http"
	"path"
	"time"
)

// FaultKind is a way in which the API misbehaves.
type FaultKind string

// The kinds.
const (
	TooMany     FaultKind = "too-many"     // 429 with Retry-After, nothing done
	ServerError FaultKind = "server-error" // Status (0 means 500) and HTML, nothing done
	NotOK       FaultKind = "not-ok"       // {"ok": false} with Error, which may be "", nothing done
	Garbage     FaultKind = "garbage"      // 200 and a body that is no JSON, nothing done
	Hang        FaultKind = "hang"         // nothing done, no answer until the caller goes away
	HangAfter   FaultKind = "hang-after"   // done, and no answer
	CutBefore   FaultKind = "cut-before"   // nothing done, the connection cut
	CutAfter    FaultKind = "cut-after"    // done, the connection cut without an answer
	Truncate    FaultKind = "truncate"     // done, the connection cut within the answer
	Redirect    FaultKind = "redirect"     // 307 to Location, nothing done
	Slow        FaultKind = "slow"         // done as usual, after Delay
)

// Fault is one way of misbehaving. Calls are struck by the first that matches.
type Fault struct {
	Kind       FaultKind
	Method     string          // a glob of methods; "response_url" and "link", a Socket Mode dial, are two; "" is all
	When       func(Args) bool // nil: whatever the arguments; it must not call the Slack
	Times      int             // 0 is for ever
	Status     int
	Error      string
	Location   string
	RetryAfter time.Duration // 0 means 1 s
	Delay      time.Duration // waited before anything else, whatever the kind
}

// Misbehave adds faults after those that are there.
func (s *Slack) Misbehave(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		if f.Times == 0 {
			f.Times = -1
		}
		s.state.faults = append(s.state.faults, &f)
	}
}

// Behave takes all faults away. Calls that hang go on hanging.
func (s *Slack) Behave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.faults = nil
}

// takeFault is the fault that strikes a call; its zero value is none.
func (s *Slack) takeFault(method string, args Args) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.state.faults {
		if f.Times == 0 || !f.matches(method, args) {
			continue
		}
		f.Times--
		return *f
	}
	return Fault{}
}

func (f Fault) matches(method string, args Args) bool {
	if f.Method != "" {
		if ok, err := path.Match(f.Method, method); err != nil || !ok {
			return false
		}
	}
	return f.When == nil || f.When(args)
}

// before strikes before the call is carried out, and says whether that was all.
func (f Fault) before(s *Slack, w http.ResponseWriter, r *http.Request, n int) bool {
	if f.Delay > 0 {
		s.sleep(r, f.Delay)
	}
	switch f.Kind {
	case TooMany, ServerError, NotOK, Garbage, Redirect:
		f.refuse(s, w, r, n)
		return true
	case Hang:
		s.hang(r)
	case CutBefore:
		panic(http.ErrAbortHandler)
	}
	return false
}

// refuse answers instead of carrying out.
func (f Fault) refuse(s *Slack, w http.ResponseWriter, r *http.Request, n int) {
	switch f.Kind {
	case TooMany:
		s.finish(n, http.StatusTooManyRequests, fail("ratelimited"))
		s.tooMany(w, max(f.RetryAfter, time.Second))
	case NotOK:
		s.finish(n, http.StatusOK, fail(f.Error))
		body := map[string]any{"ok": false}
		if f.Error != "" {
			body["error"] = f.Error
		}
		s.answer(w, http.StatusOK, body)
	case Redirect:
		s.finish(n, http.StatusTemporaryRedirect, nil)
		http.Redirect(w, r, f.Location, http.StatusTemporaryRedirect)
	case Garbage:
		s.finish(n, http.StatusOK, nil)
		s.page(w, http.StatusOK)
	default:
		status := cmp.Or(f.Status, http.StatusInternalServerError)
		s.finish(n, status, nil)
		s.page(w, status)
	}
}

// after strikes when the call is carried out, and says whether that was all.
func (f Fault) after(s *Slack, w http.ResponseWriter, r *http.Request) bool {
	switch f.Kind {
	case Truncate:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write([]byte(`{"ok":true,"chan`))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case HangAfter:
		s.hang(r)
	case CutAfter:
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}

func (s *Slack) page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<!DOCTYPE html><title>Server Error | Slack</title>\n"))
}

func (s *Slack) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.ctx.Done():
	}
	panic(http.ErrAbortHandler)
}

// sleep waits, or until nobody waits for the answer.
func (s *Slack) sleep(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.ctx.Done():
	}
}
