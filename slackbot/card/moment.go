package card

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/slack-go/slack"
)

const dateFormat = "{date_short_pretty} at {time}"

// date is a moment as everybody's own clock shows it, with UTC where there is
// none (https://docs.slack.dev/messaging/formatting-message-text#date-formatting).
func date(t time.Time) md {
	return md(fmt.Sprintf("<!date^%d^%s|%s>", t.Unix(), dateFormat, utc(t)))
}

// dateSecs is date to the second, for what is told in a row: two lines of a minute
// are told apart by it.
func dateSecs(t time.Time) md {
	return md(fmt.Sprintf("<!date^%d^{date_short_pretty} at {time_secs}|%s>", t.Unix(), t.UTC().Format("2 Jan 2006, 15:04:05 UTC")))
}

// aMoment is how the gate writes a moment in its sentences (RFC 3339). Of other
// centuries nobody speaks but a text from outside, and Slack need not know them.
var aMoment = regexp.MustCompile(`\b20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z\b`)

// span is a moment's place in a text.
type span struct {
	begin, end int
	at         time.Time
}

func moments(s string) (found []span) {
	for _, at := range aMoment.FindAllStringIndex(s, -1) {
		if t, err := time.Parse(time.RFC3339, s[at[0]:at[1]]); err == nil {
			found = append(found, span{at[0], at[1], t})
		}
	}
	return found
}

// withDates is plain text whose moments are dates
// (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block).
func withDates(s string) (elements []slack.RichTextSectionElement) {
	done := 0
	text := func(end int) {
		if end > done {
			elements = append(elements, slack.NewRichTextSectionTextElement(s[done:end], nil))
		}
	}
	for _, m := range moments(s) {
		text(m.begin)
		fallback := utc(m.at)
		elements = append(elements, slack.NewRichTextSectionDateElement(m.at.Unix(), dateFormat, nil, &fallback))
		done = m.end
	}
	text(len(s))
	return elements
}

// withUTC is text whose moments are written as people read them, where nothing
// shows them by a clock of their own.
func withUTC(s string) string {
	return aMoment.ReplaceAllStringFunc(s, func(moment string) string {
		t, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			return moment
		}
		return utc(t)
	})
}

// clock is the same of a moment that is near.
func clock(t time.Time) md {
	return md(fmt.Sprintf("<!date^%d^{time}|%s>", t.Unix(), t.UTC().Format("15:04 UTC")))
}

func utc(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// elapsed is how long something goes on, so coarse that a card that shows it is
// seldom edited.
func elapsed(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return "a few seconds"
	case d < 2*time.Minute:
		return strconv.Itoa(int(d/(10*time.Second))*10) + " s"
	case d < 2*time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	}
	return strconv.Itoa(int(d.Hours())) + " h"
}

// took is how long something went on that is over.
func took(d time.Duration) string {
	d = max(0, d.Round(time.Second))
	if d < 2*time.Minute {
		return strconv.Itoa(int(d.Seconds())) + " s"
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}

// age is in the unit that a person would say it in.
func age(d time.Duration) string {
	const day = 24 * time.Hour
	for _, u := range []struct {
		size time.Duration
		name string
	}{{365 * day, "year"}, {30 * day, "month"}, {day, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if d >= u.size*2 || d >= u.size && u.size < 30*day {
			return plural(int(d/u.size), u.name)
		}
	}
	return "less than a minute"
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return grouped(n) + " " + what + "s"
}

// grouped writes a number as people read it: 10,000.
func grouped(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return grouped(n/1000) + fmt.Sprintf(",%03d", n%1000)
}
