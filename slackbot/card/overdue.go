package card

import (
	"time"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
)

// Limits after which a server that is on its way is late, from the send on.
const (
	overdueReboot = 3 * time.Minute
	overduePower  = 2 * time.Minute
	overdueCreate = 10 * time.Minute // "may take 2-5 minutes", says the API
)

// Overdue tells whether an accepted action should have arrived by now: its card
// then says so loudly.
func Overdue(v gate.View, now time.Time) bool {
	limit, known := OverdueAfter(v.Action)
	return known && v.Followed() && !v.SendingAt.IsZero() && now.Sub(v.SendingAt) >= limit
}

// OverdueAfter is the time from the send in which a server should have arrived.
func OverdueAfter(a policy.Action) (time.Duration, bool) {
	switch a {
	case policy.Reboot:
		return overdueReboot, true
	case policy.Start, policy.Stop:
		return overduePower, true
	case policy.Create:
		return overdueCreate, true
	}
	return 0, false
}

// overdue is the face of a server that should have arrived and has not.
func (w *Writer) overdue(v gate.View) Message {
	since := w.since(v)
	now := "The API took it " + since + " ago (" + v.SendingAt.UTC().Format("15:04 UTC") + "), and the server is still " + lastSeen(v) + ". Look at it; if it hangs, stop it and start it."
	head := "🚨 " + title(called(v)) + " " + missing(v.Action) + " after " + since
	blocks := []slack.Block{header(head), said(now)}
	blocks = append(blocks, section(w.record(v)...), smallPrint(v))
	blocks = append(blocks, reason(v)...)
	if p := serverPress(v); p.Server != "" {
		blocks = append(blocks, buttons(
			w.button(ActShow, "Show", p),
			w.button(ActStop, "Stop", p),
			w.button(ActStart, "Start", p),
		)...)
	}
	return message(blocks, head+".", now, statement(v), askerText(v), reasonText(v))
}

func missing(a policy.Action) string {
	switch a {
	case policy.Reboot:
		return "has not come back"
	case policy.Stop:
		return "has not stopped"
	case policy.Create:
		return "is not ready"
	}
	return "has not started"
}

func lastSeen(v gate.View) string {
	if v.ServerStatus == "" {
		return "on its way"
	}
	return inert.Text(v.ServerStatus, maxName)
}
