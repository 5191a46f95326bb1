package slackbot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
)

const (
	auditEvery = 5 * time.Second
	// What came about longer ago, while no bot ran, is not told any more; of what
	// is, so many get a line each, and the others one between them.
	auditBack  = 24 * time.Hour
	auditLines = 20
	auditCount = 1000 // how far the others are counted
)

// note is what a line of the audit channel is about that is no request's: a row
// of the trail, by which a lock or a freeze was put up or lifted; or, where more
// isn't 0, so many changes up to that row that have no line of their own.
type note struct {
	row  int64
	more int
}

const (
	noteID     = "row %d"
	moreNoteID = "%d more to row %d"
)

// id stands in records where else a request's does.
func (n note) id() string {
	if n.more > 0 {
		return fmt.Sprintf(moreNoteID, n.more, n.row)
	}
	return fmt.Sprintf(noteID, n.row)
}

func noteOf(id string) (n note, ok bool) {
	if _, err := fmt.Sscanf(id, noteID, &n.row); err == nil {
		return n, true
	}
	_, err := fmt.Sscanf(id, moreNoteID, &n.more, &n.row)
	return n, err == nil
}

// The record of how far the trail was looked through when a bot started.
const (
	auditMark     = "audit channel"
	auditMarkName = "looked through"
)

// auditor sees to it that every change, and every lock and freeze, wherever it was
// made and whether a bot ran or not, has its line in the audit channel. It goes by
// the trail, and by the lines' records: whichever process sees something first, it
// has one line. The board keeps it in step from then on.
//
// Of two lines, such as a lock's and its end's, the last must be what holds now: they
// are posted in the order of the trail's rows, each once the one before it stands.
// Every process keeps to it, since each sees every row.
type auditor struct {
	*Bot
	started bool
	seen    int64    // the trail's rows up to here were looked through
	waiting []string // what has no line yet, as far as is known; oldest first
}

func newAuditor(b *Bot) *auditor { return &auditor{Bot: b} }

// run looks until ctx ends.
func (a *auditor) run(ctx context.Context) {
	if a.Audit == "" {
		return
	}
	for {
		left := a.board.takeUnaudited()
		look := a.look
		if !a.started {
			look = a.start
		}
		if err := look(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, ledger.ErrConflict) { // else another process was quicker
			a.Logger.Error("slack: the trail could not be looked through for the audit channel", "error", err)
		}
		if a.started {
			for _, id := range left { // what no look finds any more: nearly always nothing
				a.wait(id)
			}
		}
		pause := a.post(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		case <-a.board.audited:
		}
	}
}

// look sees to what came about since the last look.
func (a *auditor) look(ctx context.Context) error {
	found, newest, err := a.Ballot.Milestones(ctx, a.seen, time.Time{})
	if err != nil {
		return err
	}
	lack, err := a.lacking(ctx, found, len(found), func(ledger.Post) bool { return true })
	if err != nil {
		return err
	}
	for _, m := range slices.Backward(lack) {
		a.wait(idOf(m))
	}
	a.seen = newest
	return nil
}

func (a *auditor) wait(id string) {
	if !slices.Contains(a.waiting, id) {
		a.waiting = append(a.waiting, id)
	}
}

// start sees to what came about while no bot ran. How far it was looked through
// is written down with the lines' records: nothing is told twice, or forgotten in
// between.
func (a *auditor) start(ctx context.Context) error {
	posts, err := a.Ballot.Posts(ctx, auditMark)
	if err != nil {
		return err
	}
	mark := recordOf(posts, auditMarkName)
	after, _ := strconv.ParseInt(mark.Face, 10, 64) // "" before the first start
	found, newest, err := a.Ballot.Milestones(ctx, after, a.Now().Add(-auditBack))
	if err != nil {
		return err
	}
	if newest != after {
		mark.RequestID, mark.Name, mark.Face, mark.Done, mark.At = auditMark, auditMarkName, strconv.FormatInt(newest, 10), true, a.Now()
		if err := a.takeDown(ctx, mark, found); err != nil {
			return err
		}
	}
	if a.waiting, err = a.begun(ctx); err != nil {
		return err
	}
	a.started, a.seen = true, newest
	return nil
}

// takeDown writes down what of this is to have a line, and how far that goes. The
// records' times are in the lines' order.
func (a *auditor) takeDown(ctx context.Context, mark ledger.Post, found []gate.Milestone) error {
	lack, err := a.lacking(ctx, found, auditCount, func(p ledger.Post) bool { return p.Version == 0 })
	if err != nil {
		return err
	}
	var ids []string
	for _, m := range lack[:min(len(lack), auditLines)] {
		ids = append(ids, idOf(m))
	}
	if more := len(lack) - auditLines; more > 0 {
		ids = append(ids, note{lack[auditLines].Row, more}.id())
	}
	records := []ledger.Post{mark}
	for i, id := range ids {
		records = append(records, ledger.Post{RequestID: id, Name: auditName, At: mark.At.Add(-time.Duration(i) * time.Millisecond)})
	}
	return a.Ballot.PutPosts(ctx, records...)
}

// begun is what a process, this one or one before it, meant to post a line of; oldest
// first.
func (a *auditor) begun(ctx context.Context) (ids []string, err error) {
	posts, err := a.Ballot.OpenPosts(ctx, manyPosts)
	for _, p := range posts {
		if audits(p) && p.Message == "" {
			ids = append(ids, p.RequestID)
		}
	}
	return ids, err
}

// idOf stands in records for what a milestone is of.
func idOf(m gate.Milestone) string {
	if m.RequestID == "" {
		return note{row: m.Row}.id()
	}
	return m.RequestID
}

// lacking returns what should have a line that doesn't stand, and has such a record
// of one; newest first, so many at the most.
func (a *auditor) lacking(ctx context.Context, found []gate.Milestone, most int, such func(ledger.Post) bool) (lack []gate.Milestone, err error) {
	for i := len(found) - 1; i >= 0 && len(lack) < most; i-- {
		w, err := a.wants(ctx, idOf(found[i]))
		if a.isPassing(ctx, err) {
			return nil, err
		}
		if err != nil { // one that cannot be read must not keep the others from theirs
			a.Logger.Error("slack: a change has no line in the audit channel", "of", idOf(found[i]), "error", err)
		} else if w.line && such(w.record) {
			lack = append(lack, found[i])
		}
	}
	return lack, nil
}

// isPassing tells whether it is no fault of what was to be read.
func (a *auditor) isPassing(ctx context.Context, err error) bool {
	var store *ledger.StoreError
	return errors.As(err, &store) || ctx.Err() != nil
}

// wanted is a line that should stand and doesn't, where line is true.
type wanted struct {
	line   bool
	of     subject
	says   card.Message
	record ledger.Post
}

// wants looks whether something wants a line. It contains a panic, as the board
// does: else it would come again at every start.
func (a *auditor) wants(ctx context.Context, id string) (w wanted, err error) {
	defer func() {
		if p := recover(); p != nil {
			w, err = wanted{}, fmt.Errorf("vpsops panicked: %v\n%s", p, debug.Stack())
		}
	}()
	posts, err := a.Ballot.Posts(ctx, id)
	if err != nil {
		return w, err
	}
	if w.record = recordOf(posts, auditName); w.record.Done || w.record.Message != "" {
		return w, nil
	}
	w.of, w.says, w.line, err = a.sayOf(ctx, id)
	if errors.Is(err, gate.ErrNotFound) { // retention was quicker
		if w.record.Done = true; w.record.Version > 0 {
			a.board.keep(ctx, w.record)
		}
		return w, nil
	}
	return w, err
}

// sayOf is what the line of something says, where it is to have one.
func (a *auditor) sayOf(ctx context.Context, id string) (of subject, says card.Message, due bool, err error) {
	n, ok := noteOf(id)
	switch {
	case !ok:
		v, err := a.Ballot.Look(ctx, id)
		if err != nil || !audited(v) {
			return of, says, false, err
		}
		return a.board.subjectOf(v), a.cards().AuditLine(v), true, nil
	case n.more > 0:
		says = a.cards().MoreChanges(n.more, n.more+auditLines >= auditCount)
	default:
		c, err := a.Ballot.HoldChange(ctx, n.row)
		if err != nil {
			return of, says, false, err
		}
		says = a.cards().HoldLine(c)
	}
	return subject{id: id, over: true}, says, true, nil
}

// post posts the lines that wait, one after the other, as far as Slack and the
// ledger take them, and returns how long to wait before the next look.
func (a *auditor) post(ctx context.Context) time.Duration {
	again := &soonest{}
	for len(a.waiting) > 0 && ctx.Err() == nil {
		stands, err := a.line(ctx, a.waiting[0], again)
		if a.isPassing(ctx, err) || err == nil && !stands {
			break
		}
		if err != nil {
			a.Logger.Error("slack: a change has no line in the audit channel", "of", a.waiting[0], "error", err)
		}
		a.waiting = a.waiting[1:]
	}
	if again.at.IsZero() {
		return auditEvery
	}
	return min(auditEvery, max(time.Second, again.at.Sub(a.Now())))
}

// line posts the line of something where it wants one, and tells whether it does no
// more.
func (a *auditor) line(ctx context.Context, id string, again *soonest) (stands bool, err error) {
	w, err := a.wants(ctx, id)
	if err != nil || !w.line {
		return err == nil, err
	}
	p := a.board.bring(ctx, w.of, paper{auditName, []string{a.Audit}, w.says}, w.record, again)
	return p.Done || p.Message != "", nil
}
