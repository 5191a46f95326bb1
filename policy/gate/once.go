package gate

import (
	"context"
	"time"

	"vpsops/policy/ledger"
)

// Once is nil for the first who calls it with a token, in any process, and
// ledger.ErrSpent for the others until it may be forgotten.
func (b *Ballot) Once(ctx context.Context, token string, forgotten time.Duration) error {
	now := b.gate.Now()
	return b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error { return tx.Spend("once "+token, now, now.Add(forgotten)) })
}
