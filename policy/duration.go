package policy

import (
	"fmt"
	"strconv"
	"time"
)

// Durations are whole numbers with one unit, as people say them.
var durationUnits = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour,
}

// MaxDuration is the longest that a policy may say, such as the time over which a
// budget counts.
const MaxDuration = 366 * 24 * time.Hour

// parseDuration reads durations such as 90s, 15m, 2h, 7d and 2w, of at most
// 366 days. A day is 24 hours.
func parseDuration(text string) (time.Duration, error) {
	bad := fmt.Errorf("%s is no duration: write a whole number and s, m, h, d or w, such as 15m or 2h", shown(text))
	if len(text) < 2 {
		return 0, bad
	}
	unit, ok := durationUnits[text[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 31)
	if !ok || err != nil {
		return 0, bad
	}
	if n == 0 || n > uint64(MaxDuration/unit) {
		return 0, fmt.Errorf("%s is out of range: a duration is at least 1s and at most 366d", shown(text))
	}
	return time.Duration(n) * unit, nil
}

// durationText writes a duration as parseDuration reads it, in the largest
// unit that leaves nothing over.
func durationText(d time.Duration) string {
	for _, u := range []byte{'d', 'h', 'm'} {
		if unit := durationUnits[u]; d >= unit && d%unit == 0 {
			return strconv.FormatInt(int64(d/unit), 10) + string(u)
		}
	}
	return strconv.FormatInt(int64(d/time.Second), 10) + "s"
}
