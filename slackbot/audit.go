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

// auditor sees to it that what the board isn't told of has its line in the audit
// channel: locks and freezes, wherever they were made, and what ended while no
// bot ran. It goes by the trail, and by the lines' records: whichever process
// sees something first, it has one line.
type auditor struct {
	*Bot
	started bool
	seen    int64 // the trail's rows up to here were looked through
}

func newAuditor(b *Bot) *auditor { return &auditor{Bot: b} }

// run looks until ctx ends.
func (a *auditor) run(ctx context.Context) {
	if a.Audit == "" {
		return
	}
	for again := true; again; again = sleep(ctx, auditEvery) {
		look := a.look
		if !a.started {
			look = a.start
		}
		if err := look(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, ledger.ErrConflict) { // else another process was quicker
			a.Logger.Error("slack: the trail could not be looked through for the audit channel", "error", err)
		}
	}
}

// look sees to what came about since the last look.
func (a *auditor) look(ctx context.Context) error {
	found, newest, err := a.Ballot.Milestones(ctx, a.seen, time.Time{})
	if err != nil {
		return err
	}
	without, err := a.without(ctx, found, len(found))
	if err != nil {
		return err
	}
	a.lookAtAll(ctx, without)
	a.seen = newest
	return nil
}

// lookAtAll has the board look, in the order in which it came about.
func (a *auditor) lookAtAll(ctx context.Context, newestFirst []string) {
	for _, id := range slices.Backward(newestFirst) {
		a.board.lookAt(ctx, id)
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
	if newest == after {
		a.started, a.seen = true, newest
		return nil
	}
	without, err := a.without(ctx, found, auditCount)
	if err != nil {
		return err
	}
	if more := len(without) - auditLines; more > 0 {
		without = append(without[:auditLines], note{newest, more}.id())
	}
	mark.RequestID, mark.Name, mark.Face, mark.Done, mark.At = auditMark, auditMarkName, strconv.FormatInt(newest, 10), true, a.Now()
	records := []ledger.Post{mark}
	for _, id := range without {
		records = append(records, ledger.Post{RequestID: id, Name: auditName, At: a.Now()})
	}
	if err := a.Ballot.PutPosts(ctx, records...); err != nil {
		return err
	}
	a.lookAtAll(ctx, without)
	a.started, a.seen = true, newest
	return nil
}

// without returns what should have a line and has no record of one, newest
// first, so many at the most.
func (a *auditor) without(ctx context.Context, found []gate.Milestone, most int) (ids []string, err error) {
	for i := len(found) - 1; i >= 0 && len(ids) < most; i-- {
		id := found[i].RequestID
		if id == "" {
			id = note{row: found[i].Row}.id()
		}
		lacks, err := a.lacksLine(ctx, id)
		if storeFault := (*ledger.StoreError)(nil); errors.As(err, &storeFault) || ctx.Err() != nil {
			return nil, err
		}
		if err != nil { // one that cannot be read must not keep the others from theirs
			a.Logger.Error("slack: a change has no line in the audit channel", "of", id, "error", err)
		}
		if lacks {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// lacksLine contains a panic, as the board does: else it would come again at every
// start.
func (a *auditor) lacksLine(ctx context.Context, id string) (lacks bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			lacks, err = false, fmt.Errorf("vpsops panicked: %v\n%s", p, debug.Stack())
		}
	}()
	posts, err := a.Ballot.Posts(ctx, id)
	if err != nil || recordOf(posts, auditName).Version > 0 {
		return false, err
	}
	if _, ok := noteOf(id); ok {
		return true, nil
	}
	v, err := a.Ballot.Look(ctx, id)
	if errors.Is(err, gate.ErrNotFound) {
		return false, nil
	}
	return err == nil && audited(v), err
}

// syncNote posts the line of what is no request, once.
func (b *board) syncNote(ctx context.Context, n note) []ledger.Post {
	if b.bot.Audit == "" {
		return nil
	}
	posts, err := b.bot.Ballot.Posts(ctx, n.id())
	says, err2 := b.lineOf(ctx, n)
	p := recordOf(posts, auditName)
	if err == nil && errors.Is(err2, gate.ErrNotFound) { // retention was quicker
		if p.Version == 0 {
			return nil
		}
		p.Done = true
		return []ledger.Post{b.keep(ctx, p)}
	}
	if err := errors.Join(err, err2); err != nil {
		b.notLookedAt(ctx, n.id(), err)
		return nil
	}
	again := &soonest{}
	p = b.bring(ctx, subject{id: n.id(), over: true}, paper{auditName, []string{b.bot.Audit}, says}, p, again)
	b.later(n.id(), again.at)
	return []ledger.Post{p}
}

func (b *board) lineOf(ctx context.Context, n note) (card.Message, error) {
	if n.more > 0 {
		return b.bot.cards().MoreChanges(n.more, n.more+auditLines >= auditCount), nil
	}
	c, err := b.bot.Ballot.HoldChange(ctx, n.row)
	return b.bot.cards().HoldLine(c), err
}
