package slackbot

import (
	"context"

	"vpsops/policy/ledger"
)

// Checkpoint publishes a checkpoint of the audit trail in the audit channel,
// where whoever could bend the ledger can't reach it. It does not block; one that
// Slack doesn't take is in the log all the same.
func (b *Bot) Checkpoint(c ledger.Checkpoint) {
	if b.Audit == "" {
		return
	}
	b.jobs.start(func(ctx context.Context) {
		if _, _, err := b.post(ctx, b.Audit, "", b.cards().Checkpoint(c)); err != nil {
			b.Logger.Warn("slack: a checkpoint could not be published", "seq", c.Seq, "error", err)
		}
	})
}
