package gate

import (
	"sort"
	"time"

	"vpsops/policy/ledger"
)

// Rows are kept in the order of their numbers, and have no index of persons,
// kinds or times: what looks for those goes through so many at once, whoever
// looks further back asks again.
const trailWindow = 100_000

// clockSlack is how far the clocks of processes that write the trail may be
// apart, for the numbers of rows to be told from their times.
const clockSlack = 10 * time.Minute

// narrow has a filter that no index helps look at a part of the trail alone,
// and returns the number from which older rows may follow, or 0.
func (t trailReader) narrow(f *ledger.EventFilter) (older int64, err error) {
	if f.RequestID != "" || f.ServerID != "" || f.Person == "" && len(f.Kinds) == 0 && f.Since.IsZero() && f.Until.IsZero() {
		return 0, nil
	}
	newest, err := t.tx.Trail(ledger.EventFilter{Before: f.Before, Limit: 1})
	if err != nil || len(newest) == 0 {
		return 0, err
	}
	last, first := newest[0].Seq, int64(0)
	if !f.Until.IsZero() {
		if last, err = t.numberAt(f.Until.Add(clockSlack), last); err != nil {
			return 0, err
		}
		f.Before = last + 1
	}
	if !f.Since.IsZero() {
		if first, err = t.numberAt(f.Since.Add(-clockSlack), last); err != nil {
			return 0, err
		}
	}
	f.After = max(first-1, 0)
	if window := last - trailWindow; window > f.After {
		f.After, older = window, window+1
	}
	return older, nil
}

// numberAt is the number of the first row of a time or later, up to last.
func (t trailReader) numberAt(at time.Time, last int64) (seq int64, err error) {
	n := sort.Search(int(last), func(i int) bool {
		rows, rowErr := t.tx.Trail(ledger.EventFilter{After: int64(i), Oldest: true, Limit: 1})
		if rowErr != nil {
			err = rowErr
		}
		return rowErr != nil || len(rows) == 0 || !rows[0].At.Before(at)
	})
	return int64(n) + 1, err
}
