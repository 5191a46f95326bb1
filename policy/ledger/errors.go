package ledger

import (
	"fmt"
	"strings"
)

// Problem says what is wrong with the file or database that a ledger is kept
// in. The set is closed.
type Problem string

// The problems.
const (
	ReadOnly    Problem = "read-only"
	Full        Problem = "full"
	Locked      Problem = "locked"
	Gone        Problem = "gone"
	Forbidden   Problem = "forbidden"
	Unreachable Problem = "unreachable"
	Damaged     Problem = "damaged"
	Foreign     Problem = "foreign"
	NetworkFS   Problem = "network-file-system"
	NewerSchema Problem = "newer-schema"
	OtherKey    Problem = "other-key"
	NotEmpty    Problem = "not-empty"
	Closed      Problem = "closed"
	OtherFault  Problem = "other"
)

var advice = map[Problem]string{
	ReadOnly:    "it cannot be written to: let this user write the file and its folder, or the role its tables",
	Full:        "there is no space left: free some, and ask again",
	Locked:      "another process has held its lock for too long: find the one that hangs, and ask again",
	Gone:        "the file is not the one that was opened: it was removed or replaced; start again once it is back",
	Forbidden:   "this user may not use it: run vpsops as its owner, or give it to this user with what stands beside it",
	Unreachable: "the database cannot be reached: see that it runs and that VPSOPS_STORE is right",
	Damaged:     "it is damaged: restore the last backup",
	Foreign:     "it is not a ledger of vpsops: set VPSOPS_STORE to another path or database",
	NetworkFS:   "SQLite's locks do not hold on a network file system: use a local disk, or PostgreSQL",
	NewerSchema: "a newer vpsops has written it: run that version, or a newer one",
	OtherKey: "its checkpoints are signed with another key than the one here: set VPSOPS_KEY, or VPSOPS_KEY_FILE, to the key that it began with " +
		"(where none was set, the file vpsops.key that stood beside it), or VPSOPS_STORE to a new ledger",
	NotEmpty:   "it holds something already: restore into a new one",
	Closed:     "it was closed: this process is ending",
	OtherFault: "the database refused",
}

// StoreError says that what a ledger is kept in cannot do what was wanted. A
// write that answers with one must be taken for not written, so what it was for
// must not happen: only where the connection broke in the very commit, or the
// database did not answer it in time, and cannot be asked after may it stand all the
// same. Error says what a person does about
// it; Problem tells a program.
type StoreError struct {
	Op      string // what was being done, such as "write"
	Store   string // the path, or the database without its password
	Problem Problem
	Err     error // the driver's or the system's, or nil
}

func (e *StoreError) Error() string {
	text := fmt.Sprintf("ledger %s: %s: %s", e.Store, e.Op, advice[e.Problem])
	if e.Err != nil {
		text += " (" + strings.Join(strings.Fields(e.Err.Error()), " ") + ")" // pgx's are of several lines
	}
	return text
}

func (e *StoreError) Unwrap() error { return e.Err }
