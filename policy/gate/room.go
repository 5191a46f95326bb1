package gate

import (
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// sayRoom adds to a denial when each budget that is spent has room again, if nothing
// more is taken from it until then.
func sayRoom(tx ledger.ReadTx, d *policy.Decision, spent []policy.Charge, now time.Time) error {
	for _, c := range spent {
		uses, err := tx.Uses(c.Key, now.Add(-c.Per))
		if err != nil {
			return err
		}
		if until, comes := roomAfter(c, uses); comes {
			d.Denied = append(d.Denied, "the budget "+c.ID+" has room again after "+until.UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// roomAfter is the whole second after which so many of the uses, the oldest first, count
// no more that the ask goes in. For a price that isn't known, or is more than the whole
// budget, it never comes.
func roomAfter(c policy.Charge, uses []ledger.Use) (until time.Time, comes bool) {
	count, cents := 0, int64(0)
	for _, u := range uses {
		count, cents = count+u.Count, cents+u.Cents
	}
	for _, u := range uses {
		count, cents = count-u.Count, cents-u.Cents
		if c.Fits(count, cents) {
			return u.At.Add(c.Per).Add(time.Second - 1).Truncate(time.Second), true
		}
	}
	return time.Time{}, false
}
