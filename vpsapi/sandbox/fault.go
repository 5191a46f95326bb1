package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Kind is what a fault does to a request.
type Kind string

// The kinds of faults. Where nothing else is said, a delay is waited before
// the answer.
const (
	// KindStatus answers Status, Body and Headers; nothing is executed.
	KindStatus Kind = "status"
	// KindDelay waits for Delay, then all is as ever.
	KindDelay Kind = "delay"
	// KindCutBefore cuts the connection; nothing is executed.
	KindCutBefore Kind = "cut-before"
	// KindCutAfter executes, and cuts the connection without an answer.
	KindCutAfter Kind = "cut-after"
	// KindHangAfter executes, and says nothing until the client goes; or, where
	// there is a Delay, cuts the connection when that is over.
	KindHangAfter Kind = "hang-after"
	// KindTruncate executes, and cuts the answer: half of the body that
	// Content-Length promised, or half of the head where there is no body.
	KindTruncate Kind = "truncate"
	// KindGarbage executes, and answers 200 (or Status) with a page of HTML (or
	// Body).
	KindGarbage Kind = "garbage"
	// KindRedirect answers 302 (or Status) to another path of its own origin
	// (or to the Location of Headers); nothing is executed.
	KindRedirect Kind = "redirect"
	// KindSlowBody executes, sends the head at once and the body in small
	// pieces over Delay, or 10 s. An answer without a body comes when the delay
	// is over.
	KindSlowBody Kind = "slow-body"
	// KindHugeBody executes, and answers with Size bytes, or 64 MiB: blanks
	// before the true answer, so that all of it must be read and nothing but
	// its size is wrong.
	KindHugeBody Kind = "huge-body"
)

var kinds = []Kind{
	KindStatus, KindDelay, KindCutBefore, KindCutAfter, KindHangAfter,
	KindTruncate, KindGarbage, KindRedirect, KindSlowBody, KindHugeBody,
}

// executes says whether a request struck by this kind is carried out.
func (k Kind) executes() bool {
	return k != KindStatus && k != KindCutBefore && k != KindRedirect
}

const (
	defaultSlowBody = 10 * time.Second
	defaultHugeBody = 64 << 20
)

// Match says which requests a fault strikes. What is empty matches all.
type Match struct {
	// Method is compared without regard to case.
	Method string
	// Path is a glob over the whole path without its query: * stands for any
	// run of characters, slashes too, and ? for any one of them.
	Path string
}

// Fault is one line of the fault plan. In JSON it has the keys match {method,
// path}, times, kind, status, body, headers, delay (as time.ParseDuration
// takes it), size and used; anything else is refused.
type Fault struct {
	Match Match
	// Times is how many requests it strikes; 0 is for ever.
	Times int
	Kind  Kind
	// Status is the code that status, redirect and garbage answer.
	Status int
	// Body is what status, redirect and garbage answer.
	Body string
	// Headers are set on any answer that the fault sends.
	Headers map[string]string
	Delay   time.Duration
	// Size is the length of a huge body, in bytes.
	Size int64
	// Used is how many requests it has struck. The sandbox counts; a new plan
	// begins at 0.
	Used int
}

// SetFaults replaces the fault plan; none clears it. The plan's order counts:
// a request is struck by the first fault that matches and has uses left. A
// *FaultError says what is wrong with a plan, and leaves the old one.
func (s *Sandbox) SetFaults(plan []Fault) error {
	fresh := slices.Clone(plan)
	for i := range fresh {
		if err := fresh[i].check(); err != nil {
			err.Index = i
			return err
		}
		fresh[i].Used = 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = fresh
	return nil
}

// Faults is the plan, with how often each fault has struck.
func (s *Sandbox) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

// takeFault uses up one use of the fault that strikes a request, and gives a
// copy: the plan may be replaced while the request is under way.
func (s *Sandbox) takeFault(method, path string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.faults {
		f := &s.faults[i]
		if (f.Times == 0 || f.Used < f.Times) && f.Match.matches(method, path) {
			f.Used++
			struck := *f
			return &struck
		}
	}
	return nil
}

func (m Match) matches(method, path string) bool {
	return (m.Method == "" || strings.EqualFold(m.Method, method)) &&
		(m.Path == "" || glob(m.Path, path))
}

// glob compares with one place to go back to, so that no pattern takes more
// than the product of both lengths.
func glob(pattern, s string) bool {
	p, i, star, from := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

var knownMethods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
	http.MethodPatch, http.MethodDelete, http.MethodOptions,
}
