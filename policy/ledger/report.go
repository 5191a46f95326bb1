package ledger

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"time"

	"vpsops/internal/seal"
)

// FaultKind says what an audit trail was found guilty of.
type FaultKind string

// The kinds of fault.
const (
	ChainFault      FaultKind = "chain"      // a row was changed, removed, moved or put in
	TailFault       FaultKind = "tail"       // the newest rows were cut off
	BeginningFault  FaultKind = "beginning"  // the oldest rows were taken away, and not by retention
	CheckpointFault FaultKind = "checkpoint" // a checkpoint is not ours, or not of this trail
	ClockFault      FaultKind = "clock"      // a row is older than the one before it
	StateFault      FaultKind = "state"      // a request went a way that there isn't
	VotesFault      FaultKind = "votes"      // something was carried out without the votes it needed
	TwiceFault      FaultKind = "twice"      // something was sent more than once
	RecordFault     FaultKind = "record"     // a request or its votes, as the ledger has them, are not what the trail tells
)

// Fault is one thing that is wrong with a trail.
type Fault struct {
	Kind      FaultKind
	Seq       int64 // the first bad row; of a RecordFault the last that tells of the request, or 0
	RequestID string
	Problem   string
}

func (f Fault) String() string {
	if f.Seq == 0 {
		return fmt.Sprintf("%s: request %s: %s", f.Kind, f.RequestID, f.Problem)
	}
	if f.RequestID == "" {
		return fmt.Sprintf("row %d: %s: %s", f.Seq, f.Kind, f.Problem)
	}
	return fmt.Sprintf("row %d: %s: request %s: %s", f.Seq, f.Kind, f.RequestID, f.Problem)
}

// TrailError says that a trail is not what was written. With a [CheckpointFault]
// the key may be another than the one it was signed with.
type TrailError struct{ Fault Fault }

func (e *TrailError) Error() string {
	return fmt.Sprintf("ledger: the audit trail does not hold: %s", e.Fault)
}

// maxFaults is how many faults a report tells of.
const maxFaults = 100

// Report is what verifying a trail found.
type Report struct {
	Rows        int64  // that were read
	First, Last int64  // the Seq of the first and the last of them
	Hash        string // the last one's
	Checkpoints int    // in the trail, and right
	Unchecked   int    // given checkpoints of rows that retention has taken away
	Executions  int    // requests that were carried out
	// Unsafe counts what ran without anybody's vote, by the id of the grant whose
	// unsafe_allow let it.
	Unsafe map[string]int
	Faults []Fault
	More   int // faults beyond those listed
}

// OK tells whether nothing is wrong.
func (r Report) OK() bool { return len(r.Faults) == 0 }

// VerifyOptions are what a trail is held against.
type VerifyOptions struct {
	// Keys are whose checkpoints count, from [CheckpointKey]: the present
	// VPSOPS_KEY's, and those of former ones. With none, a checkpoint in the
	// trail must only agree with itself, which says nothing of who signed it.
	Keys []ed25519.PublicKey
	// Checkpoints are some that were kept elsewhere: the trail must contain
	// what they cover. Without one, a tail that was cut off together with the
	// head shows only in checkpoints that others hold.
	Checkpoints []Checkpoint
	// Skew is by how much a row may be older than one before it: ClockTolerance
	// where 0, since a clock that is set back, or a standby's that takes over, counts
	// as right up to that.
	Skew time.Duration
}

func (o VerifyOptions) withDefaults(key seal.Key) VerifyOptions {
	if o.Skew == 0 {
		o.Skew = ClockTolerance
	}
	if key != (seal.Key{}) {
		o.Keys = append(slices.Clone(o.Keys), CheckpointKey(key))
	}
	return o
}
