package gate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// ErrNotFound is the answer to a request id that does not exist, or that is
// none of the caller's business: the two are not told apart.
var ErrNotFound = errors.New("there is no such request, or it is not yours")

// ErrClosing is the answer while the program shuts down. Ask again when it is
// back.
var ErrClosing = errors.New("vpsops is shutting down and takes nothing new; ask again in a minute")

// NoAccountError says that no API account stands behind an ask.
type NoAccountError struct {
	Name  string
	Known []string
}

func (e *NoAccountError) Error() string {
	if len(e.Known) == 0 {
		return "no API token is configured: set VPS_API_TOKEN (or VPS_API_TOKEN_FILE) to a token from admin.vps.org and start again"
	}
	return fmt.Sprintf("no account is called %q; there are: %s", e.Name, strings.Join(e.Known, ", "))
}

// InvalidError says what is wrong with an ask. Nothing was recorded or sent;
// mend it and ask again.
type InvalidError struct {
	Field   string
	Problem string
}

func (e *InvalidError) Error() string {
	if e.Field == "" {
		return e.Problem
	}
	return e.Field + ": " + e.Problem
}

// SharedIDError is a reference that is one server's id and what another is called:
// an id alone is then too little for a change. Nothing was recorded or sent. Name
// the server by its hostname or address, or rename one of them first.
type SharedIDError struct{ Several *vpsapi.AmbiguousError }

func (e *SharedIDError) Error() string { return e.Several.Error() }
func (e *SharedIDError) Unwrap() error { return e.Several }

// sharedID makes a *SharedIDError of an ambiguous reference that is an id.
func sharedID(err error) error {
	var several *vpsapi.AmbiguousError
	if errors.As(err, &several) && slices.ContainsFunc(several.Candidates, func(r vpsapi.ServerRow) bool { return r.ID.String() == several.Ref }) {
		return &SharedIDError{several}
	}
	return err
}

// DeniedError is the policy's no to a read, or to what is not an ask yet.
type DeniedError struct{ Decision policy.Decision }

func (e *DeniedError) Error() string {
	return "denied: " + strings.Join(e.Decision.Denied, "; ") + " (" + e.Decision.RuleIDs() + ")"
}

// VoteError says why a vote did not count. The request stands as it was.
type VoteError struct {
	Why     policy.Refusal
	Problem string
	Err     error // a *[ledger.ClockError], where that is why
}

func (e *VoteError) Error() string { return e.Problem }
func (e *VoteError) Unwrap() error { return e.Err }

// TooLateError says that a request is decided already.
type TooLateError struct {
	State    ledger.State
	HeldBack bool // it has its votes, and waits: it can still be denied
}

func (e *TooLateError) Error() string {
	switch e.State {
	case ledger.Executing:
		return "too late: it is being carried out"
	case ledger.Approved:
		if e.HeldBack {
			return heldBackWords
		}
		return "it has the votes it needs and is about to be carried out"
	case ledger.Succeeded:
		return "too late: it is done"
	case ledger.Failed:
		return "too late: it failed"
	case ledger.Unknown:
		return "too late: it was sent, and what came of it isn't known"
	case ledger.Expired:
		return "too late: the request has expired"
	}
	return fmt.Sprintf("too late: the request was %s", e.State)
}

// ErrStale is the answer to a vote for something other than what the request
// says now. Look at it again and vote on that.
var ErrStale = errors.New("what you were shown is not what the request says now; look again")

// ErrDialog is the answer to a dialog's state that was not made here for this
// very call, or whose request is pending and that is too old or was used before.
var ErrDialog = errors.New("this confirmation did not count, since it does not belong to this call, is too old or was used before: make the call again without it")
