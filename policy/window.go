package policy

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Window is a stretch of time as a wall clock shows it: weekly, from one day
// and time to another ("Fri 16:00/Mon 08:00"), or once, from one date to
// another ("2026-12-20/2027-01-04", the last day included, or
// "2026-12-20 18:00/2027-01-04 08:00", the last minute not). Make one with
// [ParseWindow].
type Window struct {
	text       string
	weekly     bool
	start, end int64 // seconds of local time, from 1970 or, if weekly, from a Thursday's midnight
}

const week = 7 * 24 * 60 * 60

// 1970-01-01 was a Thursday, from which local seconds count.
var weekdays = map[string]int64{"thu": 0, "fri": 1, "sat": 2, "sun": 3, "mon": 4, "tue": 5, "wed": 6}

var errWindow = errors.New(`a window is weekly, such as "Fri 16:00/Mon 08:00", or dated, such as "2026-12-20/2027-01-04"`)

// ParseWindow reads a window as the policy file spells it.
func ParseWindow(text string) (Window, error) {
	from, to, ok := strings.Cut(text, "/")
	if !ok {
		return Window{}, fmt.Errorf("%s is no window: %w", shown(text), errWindow)
	}
	w := Window{text: text}
	var errFrom, errTo error
	day, _, _ := strings.Cut(from, " ")
	if _, w.weekly = weekdays[strings.ToLower(day)]; w.weekly {
		w.start, errFrom = parseWeekly(from)
		w.end, errTo = parseWeekly(to)
	} else {
		w.start, errFrom = parseDated(from, false)
		w.end, errTo = parseDated(to, true)
	}
	switch {
	case errFrom != nil || errTo != nil:
		return Window{}, fmt.Errorf("%s is no window: %w", shown(text), errWindow)
	case w.start == w.end, !w.weekly && w.end < w.start:
		return Window{}, fmt.Errorf("the window %s is never open: it ends before it begins", text)
	case w.end < w.start:
		w.end += week
	}
	return w, nil
}

func parseWeekly(text string) (int64, error) {
	day, clock, _ := strings.Cut(text, " ")
	d, ok := weekdays[strings.ToLower(day)]
	t, err := time.Parse("15:04", clock)
	if !ok || err != nil || len(clock) != len("15:04") {
		return 0, errWindow
	}
	return d*24*60*60 + int64(t.Hour()*60+t.Minute())*60, nil
}

// parseDated reads a date, with a time or without. Without, a last day is
// included.
func parseDated(text string, last bool) (int64, error) {
	if t, err := time.Parse("2006-01-02 15:04", text); err == nil {
		return t.Unix(), nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if last {
		t = t.AddDate(0, 0, 1)
	}
	return t.Unix(), err
}

func (w Window) String() string { return w.text }

// MarshalText writes the window as the policy file spells it.
func (w Window) MarshalText() ([]byte, error) { return []byte(w.text), nil }

// UnmarshalText reads what MarshalText writes; anything else is an error.
func (w *Window) UnmarshalText(text []byte) (err error) {
	*w, err = ParseWindow(string(text))
	return err
}

// Contains tells whether the window is open at t in the zone.
//
// A window is one stretch without holes, also where clocks change: where an
// hour is skipped, a start in it is the moment of the change; where an hour
// comes twice, a start is the first of the two and an end the second.
func (w Window) Contains(t time.Time, zone *time.Location) bool {
	lo, hi := localSpan(t.In(zone))
	if !w.weekly {
		return w.start <= hi && lo < w.end
	}
	weeks := (hi - w.start) / week
	if (hi-w.start)%week < 0 {
		weeks--
	}
	return lo < w.end+weeks*week // the latest start that the clock has passed
}

// localSpan returns what a clock on the wall reads at t, in seconds: the least
// reading that is still to come and the greatest that has been. The two differ
// only in an hour that comes twice.
func localSpan(t time.Time) (lo, hi int64) {
	_, offset := t.Zone()
	now := t.Unix() + int64(offset)
	lo, hi = now, now
	began, ends := t.ZoneBounds()
	if !began.IsZero() {
		_, before := began.Add(-time.Second).Zone()
		hi = max(hi, began.Unix()-1+int64(before))
	}
	if !ends.IsZero() {
		_, after := ends.Zone()
		lo = min(lo, ends.Unix()+int64(after))
	}
	return lo, hi
}
