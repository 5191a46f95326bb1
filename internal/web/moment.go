package web

import (
	"fmt"
	"regexp"
	"time"
)

// moment is a time as a page shows it: exact, and how far it is.
type moment struct {
	Machine string // RFC 3339
	Exact   string
	Far     string
}

func momentOf(t, now time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	t = t.UTC()
	exact := t.Format("2 Jan 2006, 15:04 UTC")
	if now := now.UTC(); t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		exact = t.Format("15:04 UTC")
	}
	return moment{t.Format(time.RFC3339), exact, far(t.Sub(now))}
}

// aMoment is how the gate writes a moment in its sentences (RFC 3339).
var aMoment = regexp.MustCompile(`\b20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z\b`)

// withMoments is a text whose moments are as a person reads them.
func withMoments(s string) string {
	return aMoment.ReplaceAllStringFunc(s, func(text string) string {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return text
		}
		return t.Format("2 Jan 2006, 15:04 UTC")
	})
}

func far(d time.Duration) string {
	switch {
	case d > 0:
		return "in " + span(d)
	case d > -time.Minute:
		return "just now"
	}
	return span(-d) + " ago"
}

// span rounds a duration to its largest unit: nobody decides by the seconds
// of a month.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	for _, u := range []struct {
		size time.Duration
		name string
	}{{365 * day, "year"}, {30 * day, "month"}, {day, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int(d / u.size); n == 1 {
			return "1 " + u.name
		} else if n > 1 {
			return fmt.Sprintf("%d %ss", n, u.name)
		}
	}
	return "less than a minute"
}
