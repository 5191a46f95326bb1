package slackbot

import (
	"cmp"
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
//
// A lock's line and its end's say the opposite of each other, so the lines of
// locks and freezes are posted in the order of their rows, each once the one
// before it stands. Every process keeps to it: each sees every row.
type auditor struct {
	*Bot
	started bool
	seen    int64  // the trail's rows up to here were looked through
	waiting []note // whose lines don't stand yet, as far as is known; oldest first
}

func newAuditor(b *Bot) *auditor { return &auditor{Bot: b} }

// run looks until ctx ends.
func (a *auditor) run(ctx context.Context) {
	if a.Audit == "" {
		return
	}
	for again := true; again; again = sleep(ctx, a.post(ctx)) {
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
	for _, m := range found { // one that has its line already is passed over then
		if m.RequestID == "" {
			a.waiting = append(a.waiting, note{row: m.Row})
		}
	}
	a.seen = newest
	return nil
}

// lookAtAll has the board look at the requests among these.
func (a *auditor) lookAtAll(ctx context.Context, newestFirst []gate.Milestone) {
	for _, m := range slices.Backward(newestFirst) {
		if m.RequestID != "" {
			a.board.lookAt(ctx, m.RequestID)
		}
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

// takeDown writes down what of this is to have a line, and how far that goes.
func (a *auditor) takeDown(ctx context.Context, mark ledger.Post, found []gate.Milestone) error {
	without, err := a.without(ctx, found, auditCount)
	if err != nil {
		return err
	}
	records := []ledger.Post{mark}
	if more := len(without) - auditLines; more > 0 {
		rest := note{without[auditLines].Row, more}
		records = append(records, ledger.Post{RequestID: rest.id(), Name: auditName, At: a.Now()})
		without = without[:auditLines]
	}
	for _, m := range without {
		records = append(records, ledger.Post{RequestID: idOf(m), Name: auditName, At: a.Now()})
	}
	if err := a.Ballot.PutPosts(ctx, records...); err != nil {
		return err
	}
	a.lookAtAll(ctx, without)
	return nil
}

// begun are the notes whose lines a process, this one or one before it, meant to
// post.
func (a *auditor) begun(ctx context.Context) (notes []note, err error) {
	posts, err := a.Ballot.OpenPosts(ctx, manyPosts)
	for _, p := range posts {
		if n, ok := noteOf(p.RequestID); ok {
			notes = append(notes, n)
		}
	}
	slices.SortFunc(notes, func(x, y note) int { return cmp.Compare(x.row, y.row) })
	return notes, err
}

// idOf stands in records for what a milestone is of.
func idOf(m gate.Milestone) string {
	if m.RequestID == "" {
		return note{row: m.Row}.id()
	}
	return m.RequestID
}

// without returns what should have a line and has no record of one, newest
// first, so many at the most.
func (a *auditor) without(ctx context.Context, found []gate.Milestone, most int) (lack []gate.Milestone, err error) {
	for i := len(found) - 1; i >= 0 && len(lack) < most; i-- {
		lacks, err := a.lacksLine(ctx, idOf(found[i]))
		if storeFault := (*ledger.StoreError)(nil); errors.As(err, &storeFault) || ctx.Err() != nil {
			return nil, err
		}
		if err != nil { // one that cannot be read must not keep the others from theirs
			a.Logger.Error("slack: a change has no line in the audit channel", "of", idOf(found[i]), "error", err)
		}
		if lacks {
			lack = append(lack, found[i])
		}
	}
	return lack, nil
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

// post posts the lines that wait, one after the other, as far as Slack and the
// ledger take them, and returns how long to wait before the next look.
func (a *auditor) post(ctx context.Context) time.Duration {
	again := &soonest{}
	for len(a.waiting) > 0 && ctx.Err() == nil {
		stands, err := a.line(ctx, a.waiting[0], again)
		if storeFault := (*ledger.StoreError)(nil); errors.As(err, &storeFault) || err == nil && !stands {
			break
		}
		if err != nil && ctx.Err() == nil { // one that cannot be read must not keep the others from theirs
			a.Logger.Error("slack: a change has no line in the audit channel", "of", a.waiting[0].id(), "error", err)
		}
		a.waiting = a.waiting[1:]
	}
	if again.at.IsZero() {
		return auditEvery
	}
	return min(auditEvery, max(time.Second, again.at.Sub(a.Now())))
}

// line posts the line of a note where none stands, and tells whether one does, or
// none is to. It contains a panic as lacksLine does.
func (a *auditor) line(ctx context.Context, n note, again *soonest) (stands bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			stands, err = false, fmt.Errorf("vpsops panicked: %v\n%s", p, debug.Stack())
		}
	}()
	posts, err := a.Ballot.Posts(ctx, n.id())
	if err != nil {
		return false, err
	}
	p := recordOf(posts, auditName)
	says, err := a.lineOf(ctx, n)
	switch {
	case p.Done:
		return true, nil
	case errors.Is(err, gate.ErrNotFound): // retention was quicker
		if p.Done = true; p.Version > 0 {
			a.board.keep(ctx, p)
		}
		return true, nil
	case err != nil:
		return false, err
	}
	return a.board.bring(ctx, subject{id: n.id(), over: true}, paper{auditName, []string{a.Audit}, says}, p, again).Done, nil
}

func (a *auditor) lineOf(ctx context.Context, n note) (card.Message, error) {
	if n.more > 0 {
		return a.cards().MoreChanges(n.more, n.more+auditLines >= auditCount), nil
	}
	c, err := a.Ballot.HoldChange(ctx, n.row)
	return a.cards().HoldLine(c), err
}
