package card

import (
	"time"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/slackbot/command/runner"
)

const (
	maxRows   = 40 // lines of the audit trail
	trailTime = "2006-01-02 15:04:05Z"
)

func (w *Writer) trail(t runner.Trail) Message {
	if len(t.Rows) == 0 {
		return w.Note("Nothing is recorded of it.")
	}
	blocks := []slack.Block{header("Audit trail")}
	var texts []string
	for _, r := range t.Rows[max(0, len(t.Rows)-maxRows):] {
		about := r.RequestID
		if about == "" {
			about = r.ServerID
		}
		line := clockOf(r.At) + "  " + bold(word(r.Kind))
		if r.Person != "" {
			line += " by " + name(r.Person)
		}
		if about != "" {
			line += " · " + name(about) + w.accountOf(r.Account)
		}
		blocks = append(blocks, small(line, prose(r.Detail, maxReason/2)))
		texts = append(texts, r.At.UTC().Format(trailTime)+" "+inert.Text(r.Kind, maxName)+" "+inert.Line(r.Detail, maxReason/2))
	}
	return message(blocks, texts...)
}

func clockOf(t time.Time) md { return "`" + md(t.UTC().Format(trailTime)) + "`" }
