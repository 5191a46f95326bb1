package ledger

import (
	"context"
	"errors"
)

// Verify reads the whole trail and holds it against itself, against the
// checkpoints in it and those given, and the ledger's requests and votes against it. The error says that the trail could not be
// read; what is wrong with it is in the report. It needs nothing but the
// ledger and, for the checkpoints' signatures, a key.
func (s *SQL) Verify(ctx context.Context, o VerifyOptions) (Report, error) {
	var report Report
	err := s.reading(ctx, func(v *sqlView) error {
		var err error
		report, err = v.verify(o.withDefaults(s.options.Key))
		return err
	})
	return report, err
}

func (v *sqlView) verify(o VerifyOptions) (Report, error) {
	anchor, head, err := v.ends()
	if err != nil {
		return Report{}, err
	}
	check := newVerifier(anchor, o)
	if err := v.rows(anchor.seq, check.row); err != nil {
		return Report{}, err
	}
	if check.seq != head.seq && !check.broken() {
		check.fault(TailFault, check.seq+1, "", "the trail ends at row %d, and its head says %d", check.seq, head.seq)
	} else if check.hash != head.hash && !check.broken() {
		check.fault(TailFault, check.seq, "", "its head says that another row was the last")
	}
	if check.whole() {
		if err := v.compare(check); err != nil {
			return Report{}, err
		}
	}
	return check.end(), nil
}

// ends returns what the trail begins after, and where it has got to.
func (v *sqlView) ends() (anchor, head link, err error) {
	var anchorHash, headHash string
	err = v.one("read the head of the trail", "SELECT anchor_seq, anchor_hash, seq, hash FROM head WHERE id = 1", nil,
		&anchor.seq, &anchorHash, &head.seq, &headHash)
	var ok1, ok2 bool
	anchor.hash, ok1 = parseHash(anchorHash)
	head.hash, ok2 = parseHash(headHash)
	if errors.Is(err, ErrNotFound) {
		err = errors.New("the head of the audit trail is missing")
	}
	if err == nil && (!ok1 || !ok2) {
		err = errors.New("the head of the audit trail is no hash")
	}
	if err != nil {
		return anchor, head, &StoreError{Op: "verify", Store: v.s.store, Problem: Damaged, Err: err}
	}
	return anchor, head, nil
}

// batch is how many rows are handed on at once while the next are read.
const batch = 512

// rows calls do with every row after one, in order, until it returns false.
// Reading runs ahead on a second core.
func (v *sqlView) rows(after int64, do func(*Row) bool) error {
	ctx, cancel := context.WithCancel(v.ctx)
	defer cancel()
	batches := make(chan []Row, 4)
	failed := make(chan error, 1)
	go func() {
		defer close(batches)
		failed <- v.readRows(ctx, after, batches)
	}()
	going := true
	for rows := range batches {
		for i := 0; i < len(rows) && going; i++ {
			going = do(&rows[i])
		}
		if !going {
			cancel()
		}
	}
	if err := <-failed; err != nil && going {
		return v.fault("read the audit trail", err)
	}
	return nil
}

func (v *sqlView) readRows(ctx context.Context, after int64, batches chan<- []Row) error {
	rows, err := v.tx.QueryContext(ctx, v.s.query("SELECT "+eventColumns+" FROM audit WHERE seq > ? ORDER BY seq"), after)
	if err != nil {
		return err
	}
	defer rows.Close()
	full := make([]Row, 0, batch)
	for rows.Next() {
		full = full[:len(full)+1]
		if err := rows.Scan(scanEvent(&full[len(full)-1])...); err != nil {
			return err
		}
		if len(full) < batch {
			continue
		}
		select {
		case batches <- full:
			full = make([]Row, 0, batch)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	select {
	case batches <- full:
		return rows.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
