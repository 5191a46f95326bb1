package ledger

import (
	"context"
	"crypto/ed25519"
	"errors"
	"strings"
	"time"

	"vpsops/policy"
)

// KindRetention is the Kind of the audit rows that say up to where the trail
// was taken away.
const KindRetention = "retention"

const (
	anchorDomain = "vpsops audit retention 1"
	anchorWord   = "vpsops-retention-1"
)

// An anchor is signed as a checkpoint is, but is not one: else a checkpoint in
// the trail could be passed off as the retention of all before it.
func (c Checkpoint) anchorMessage() []byte {
	var b encoder
	b.text(anchorDomain)
	b.bytes(c.message())
	return b
}

func (c Checkpoint) anchoredBy(key ed25519.PublicKey) bool {
	return len(key) == ed25519.PublicKeySize && c.Key.Equal(key) && ed25519.Verify(key, c.anchorMessage(), c.Sig)
}

func signAnchor(key ed25519.PrivateKey, l link, at int64) string {
	c := sign(key, l, at)
	c.Sig = ed25519.Sign(key, c.anchorMessage())
	return anchorWord + strings.TrimPrefix(c.String(), checkpointWord)
}

func parseAnchor(line string) (Checkpoint, error) {
	rest, ok := strings.CutPrefix(line, anchorWord+" ")
	if !ok {
		return Checkpoint{}, errors.New("ledger: this is no anchor")
	}
	return ParseCheckpoint(checkpointWord + " " + rest)
}

// Prune takes away what ended before a time: audit rows, requests with their
// votes, holds, and the budget use that no budget can count any more. What a person
// refused stays for as long as it may keep the same from being asked again. The trail
// stays provable: it then begins after a row whose hash a signed audit row names. Take a backup first; what is gone is
// gone. It returns how many audit rows went. It needs Options.Key.
func (s *SQL) Prune(ctx context.Context, before, now time.Time) (removed int64, err error) {
	if s.clerk.key == nil {
		return 0, errors.New("ledger: without a key (VPSOPS_KEY) nobody could tell retention from theft")
	}
	err = s.writing(ctx, func(t *sqlTx) error {
		removed, err = t.prune(before, now)
		return err
	})
	return removed, err
}

func (t *sqlTx) prune(before, now time.Time) (removed int64, err error) {
	if err := t.mustBeOurs(); err != nil { // before the checkpoint that tells is taken away
		return 0, err
	}
	now = t.dated(now)
	cut, err := t.cut(before)
	if err != nil || cut.seq == 0 {
		return 0, err
	}
	old, err := t.Trail(EventFilter{After: cut.seq - 1, Limit: 1, Oldest: true})
	if err != nil {
		return 0, err
	}
	if len(old) == 0 || old[0].Seq != cut.seq {
		return 0, &StoreError{Op: "prune", Store: t.s.store, Problem: Damaged, Err: errors.New("rows of the audit trail are missing")}
	}
	cut.hash, _ = parseHash(old[0].Hash)
	if err := t.pruneRest(before, now); err != nil {
		return 0, err
	}
	cutThrough, err := t.cutThrough(cut)
	if err != nil {
		return 0, err
	}
	if err := t.append(t.head.append(Event{At: now, Kind: KindRetention, Detail: signAnchor(t.s.clerk.key, cut, nanos(now)), Data: cutThrough})); err != nil {
		return 0, err
	}
	if removed, err = t.do("prune", "DELETE FROM audit WHERE seq <= ?", cut.seq); err != nil {
		return 0, err
	}
	if _, err := t.do("prune", "UPDATE head SET anchor_seq = ?, anchor_hash = ? WHERE id = 1", cut.seq, cut.hash.String()); err != nil {
		return 0, err
	}
	return removed, t.checkpoint(now)
}

// cut finds the last of the rows that are all older than a time; never the
// last row of all.
func (t *sqlTx) cut(before time.Time) (link, error) {
	var kept, anchor int64
	err := t.one("prune", "SELECT COALESCE((SELECT seq FROM audit WHERE at >= ? ORDER BY seq LIMIT 1), seq), anchor_seq FROM head WHERE id = 1",
		[]any{nanos(before)}, &kept, &anchor)
	if err != nil || kept-1 <= anchor {
		return link{}, err
	}
	return link{seq: kept - 1}, nil
}

// over picks the requests that ended before a time, its first parameter. Those that a
// person, by a factor of at least the third, refused go by an earlier one, the second.
const over = "ended_at <> 0 AND ended_at < ? AND state NOT IN ('pending', 'approved', 'executing', 'unknown')" +
	" AND (ended_at < ? OR state <> 'denied' OR NOT EXISTS (SELECT 1 FROM votes WHERE request_id = requests.id AND approve = 0 AND factor >= ?))"

func (t *sqlTx) pruneRest(before, now time.Time) error {
	// Budgets and cool-downs look back as far as this: pruning must neither give back
	// what was used, nor let be asked again what was refused.
	remembered := now.Add(-policy.MaxDuration)
	if before.Before(remembered) {
		remembered = before
	}
	old, forgotten := nanos(before), nanos(remembered)
	ended := []any{old, forgotten, int64(policy.PersonFactor)}
	for _, d := range []struct {
		statement string
		args      []any
	}{
		{"DELETE FROM votes WHERE request_id IN (SELECT id FROM requests WHERE " + over + ")", ended},
		{"DELETE FROM posts WHERE request_id IN (SELECT id FROM requests WHERE " + over + ")", ended},
		{"DELETE FROM requests WHERE " + over, ended},
		{"DELETE FROM posts WHERE done = 1 AND at < ? AND request_id NOT IN (SELECT id FROM requests)", []any{old}},
		{"DELETE FROM budget_uses WHERE at < ?", []any{forgotten}},
		{"DELETE FROM holds WHERE until_at <> 0 AND until_at < ?", []any{old}},
	} {
		if _, err := t.do("prune", d.statement, d.args...); err != nil {
			return err
		}
	}
	return nil
}

// Checkpoint writes a checkpoint now, whatever was written since the last, to
// be kept where this ledger's store can't be reached. It needs Options.Key.
func (s *SQL) Checkpoint(ctx context.Context, now time.Time) (c Checkpoint, err error) {
	if s.clerk.key == nil {
		return c, errors.New("ledger: a checkpoint needs a key (VPSOPS_KEY)")
	}
	err = s.writing(ctx, func(t *sqlTx) error {
		if err := t.checkpoint(t.dated(now)); err != nil {
			return err
		}
		c = t.signed[len(t.signed)-1]
		return nil
	})
	return c, err
}
