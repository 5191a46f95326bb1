package ledger

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"sync"

	"github.com/pressly/goose/v3"
)

// dialect is all in which the two databases differ once they are open.
type dialect struct {
	goose   goose.Dialect
	dollars bool // placeholders are $1, $2, … and not ?
	read    *sql.TxOptions
	write   *sql.TxOptions
	problem func(error) Problem
	made    string           // counts which of the tables head and audit there are
	again   func(error) bool // another try may succeed: the fault lay in what others did meanwhile
	// tell wakes other processes' watchers when the transaction is committed.
	// Where it is nil they poll.
	tell string
	// listen calls wake whenever another process may have written, until ctx
	// ends or the connection does.
	listen func(ctx context.Context, db *sql.DB, wake func()) error
	// clock asks the database what time it is, in microseconds since 1970.
	// Where it is empty it has no clock but this machine's.
	clock string
	// now is what time the database says it is, in nanoseconds since 1970, as an
	// expression. Where it is empty the caller's word is taken.
	now string

	rewritten sync.Map // query -> query
}

// query puts the database's placeholders in the place of ?. No query of ours
// has a ? in a text.
func (d *dialect) query(q string) string {
	if !d.dollars {
		return q
	}
	if known, ok := d.rewritten.Load(q); ok {
		if known, ok := known.(string); ok {
			return known
		}
	}
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(q, "?") {
		if n > 0 {
			b.WriteString("$" + strconv.Itoa(n))
		}
		n++
		b.WriteString(part)
	}
	d.rewritten.Store(q, b.String())
	return b.String()
}

// expired is a condition with one parameter, the time now: that a column's time is
// before it, by the database's clock as well. What expires must not be forgotten by
// a machine whose clock is ahead.
func (d *dialect) expired(column string) string {
	if d.now == "" {
		return column + " < ?"
	}
	return column + " < LEAST(?, " + d.now + ")"
}

// placeholders returns "?, ?, …".
func placeholders(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
