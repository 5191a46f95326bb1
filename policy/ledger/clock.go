package ledger

import (
	"fmt"
	"time"
)

// ClockTolerance is by how much two clocks may differ and both count as right:
// far more than machines that keep time differ, and far less than any window,
// lock or budget of a policy. The API's clock is nobody's here to set right: it is
// let differ by APIClockTolerance.
const (
	ClockTolerance    = 30 * time.Second
	APIClockTolerance = 2 * time.Minute
)

// ClockReference is what a machine's clock was held against. The set is closed.
type ClockReference string

// The references.
const (
	DatabaseClock ClockReference = "the database's clock"
	APIClock      ClockReference = "the API's clock"
	TrailClock    ClockReference = "the newest row of the audit trail"
	ElapsedClock  ClockReference = "its own run since vpsops started"
)

func (r ClockReference) tolerance() time.Duration {
	if r == APIClock {
		return APIClockTolerance
	}
	return ClockTolerance
}

// ClockError says that this machine's clock and another disagree by more than
// they may. Expiries, windows, budgets and locks cannot be trusted then:
// whoever gets it approves and carries out nothing, and asks again later. It
// goes on by itself once the two agree; Error says what a person does.
type ClockError struct {
	Against ClockReference
	Here    time.Time // what this machine's clock said
	There   time.Time // what it should have said
}

// Off is by how much this machine's clock is ahead; negative where it is
// behind.
func (e *ClockError) Off() time.Duration { return e.Here.Sub(e.There) }

func (e *ClockError) Error() string {
	off, way := e.Off().Round(time.Second), "ahead of"
	if off < 0 {
		off, way = -off, "behind"
	}
	return fmt.Sprintf("this machine's clock is %s %s %s, so nothing is approved or carried out; %s", off, way, e.Against, e.cure())
}

func (e *ClockError) cure() string {
	switch e.Against {
	case DatabaseClock:
		return "let both machines keep their time by NTP: it goes on by itself when they agree"
	case APIClock:
		return "let this machine keep its time by NTP: it goes on by itself when they agree"
	case TrailClock:
		return "set it right, and it goes on by itself; if it is right, and was wrong when that row was written, start vpsops again"
	}
	return "set it right, and it goes on by itself; if it was wrong before and is right now, start vpsops again"
}

// AgainstClock holds two clocks against each other: nil, or a *[ClockError].
func AgainstClock(r ClockReference, here, there time.Time) error {
	if here.Sub(there).Abs() > r.tolerance() {
		return &ClockError{r, here, there}
	}
	return nil
}

// Clock implements [ReadTx]: a ledger in memory knows no other clock.
func (v memoryView) Clock(func() time.Time) error { return nil }

// Clock implements [ReadTx]. PostgreSQL has a clock of its own, which all who
// share it have in common. Beside a file there is only the trail: a clock that
// was set back shows by what was written before this process began.
func (v *sqlView) Clock(now func() time.Time) error {
	if v.s.clock == "" {
		if floor := v.s.opened; now().Before(floor) {
			return AgainstClock(TrailClock, now(), floor)
		}
		return nil
	}
	before := now()
	var micros int64
	if err := v.one("read the database's clock", v.s.clock, nil, &micros); err != nil {
		return err
	}
	there := time.UnixMicro(micros).UTC()
	if after := now(); there.After(after) {
		return AgainstClock(DatabaseClock, after, there)
	}
	if there.Before(before) {
		return AgainstClock(DatabaseClock, before, there)
	}
	return nil // it lies between: asking may have taken long
}

// noteNewest remembers when the newest row of the trail was written.
func (v *sqlView) noteNewest() error {
	var at int64
	err := v.one("read the audit trail", "SELECT at FROM audit WHERE seq = (SELECT seq FROM head WHERE id = 1)", nil, &at)
	if err == ErrNotFound { //nolint:errorlint // one returns it as it is
		return nil
	}
	v.s.opened = fromNanos(at)
	return err
}
