package ledger

import "time"

// Use is what a request takes from a budget.
type Use struct {
	Key       string // which budget and, of one that is shared out, whose share
	RequestID string
	Count     int
	Cents     int64
	At        time.Time
}
