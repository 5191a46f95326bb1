package ledger

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"vpsops/policy"
)

// Request is one ask and what became of it. The gate writes it; others read.
type Request struct {
	ID      string
	Version int64 // counts the writes; the next write must name the last one
	State   State

	// Who asks, and through what.
	Person   string
	Identity policy.Identity
	Front    policy.Front
	Channel  string
	Client   string // what the MCP client calls itself: a claim

	// What is asked. It never changes.
	Action    policy.Action
	Account   string // the API account's name
	ServerID  string // "" for a create, until there is one
	Operation json.RawMessage
	Reason    string // the asker's words, unverified
	Intent    string // digest of who asks what, whatever the server looks like

	// What was shown, and what it takes.
	Shown      json.RawMessage // the server's facts
	Digest     string          // digest of intent and everything shown: votes carry it
	PolicyHash string
	Needs      []policy.Need
	Rules      []policy.Rule

	// When.
	CreatedAt  time.Time
	ExpiresAt  time.Time // while it is open
	ApprovedAt time.Time
	EndedAt    time.Time // when it reached the state it is in, if that is no open one

	// The claim: which attempt may send, and until when it may begin to.
	Fence      string
	LeaseUntil time.Time
	SendingAt  time.Time

	// What came of it.
	Message      string    // what the API said, or why nothing was sent
	ServerStatus string    // the server's status when last seen
	SettledAt    time.Time // when the server was seen to have arrived there
}

// clone shares nothing with r that could be written to.
func (r Request) clone() Request {
	r.Operation, r.Shown = slices.Clone(r.Operation), slices.Clone(r.Shown)
	r.Rules = slices.Clone(r.Rules)
	r.Needs = slices.Clone(r.Needs)
	for i := range r.Needs {
		r.Needs[i].Rules = slices.Clone(r.Needs[i].Rules)
	}
	return r
}

// asks tells whether r asks for just what o does: that part of a request never
// changes. A create gets its server's id once.
func (r Request) asks(o Request) bool {
	return r.Person == o.Person && r.Identity == o.Identity && r.Front == o.Front && r.Channel == o.Channel && r.Client == o.Client &&
		r.Action == o.Action && r.Account == o.Account && (r.ServerID == o.ServerID || r.ServerID == "") &&
		bytes.Equal(r.Operation, o.Operation) && r.Reason == o.Reason && r.Intent == o.Intent && r.CreatedAt.Equal(o.CreatedAt)
}

// Outline is what tells whether a request is to be looked at.
type Outline struct {
	ID        string
	State     State
	ExpiresAt time.Time
}

// Filter picks requests. A zero field picks all.
type Filter struct {
	Person   string
	Front    policy.Front
	Intent   string
	ServerID string
	Account  string
	States   []State
	// EndedSince takes requests that reached the state they are in at this
	// time or later; those that are open never did.
	EndedSince time.Time
	// ExpiresBefore takes requests whose time is over at this time.
	ExpiresBefore time.Time
	// RefusedByPerson takes requests to which a person said no: not a
	// client's dialog, nor the policy alone.
	RefusedByPerson bool
	// HasYes takes requests to which somebody said yes, whether it counts or not.
	HasYes bool
	Limit  int // the newest so many
}

// Vote is one person's verdict on a request.
type Vote struct {
	RequestID string
	Person    string
	Identity  policy.Identity
	Front     policy.Front
	Factor    policy.Factor
	OwnOnly   bool
	Approve   bool
	NameTyped bool
	Reason    string
	Digest    string // of what the voter was shown
	At        time.Time
}

// Session is a person's sign-in on the page.
type Session struct {
	IDHash   string // SHA-256 of the cookie's secret, in hex
	Identity policy.Identity
	Person   string
	OwnOnly  bool
	Factor   policy.Factor
	CSRF     string
	Created  time.Time
	Expires  time.Time
}
