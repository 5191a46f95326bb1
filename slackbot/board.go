package slackbot

import (
	"context"
	"errors"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const (
	sweepEvery = time.Minute      // what is not at rest, whatever the feed told
	wholeEvery = 10 * time.Minute // all that is open
	atOnce     = 8                // requests that are brought in step at the same time
	manyPosts  = 10_000           // records of messages that are read at once
)

// board keeps what stands in Slack about requests in step with the ledger. Every
// process has one: who writes a message is settled by its record.
type board struct {
	bot     *Bot
	flood   *flood
	backoff *backoff
	watches *watches
	woken   chan struct{}
	poked   chan struct{}
	audited chan struct{} // holds one where there is something in unaudited
	all     sync.WaitGroup

	mu   sync.Mutex
	hold map[string]*turns    // by request: who brings it in step
	due  map[string]time.Time // when a request is to be looked at without anybody's telling
	busy map[string]bool      // true: to be looked at; false: being looked at, and not once more

	unaudited map[string]bool // what was seen to have no line in the audit channel

	queue   []string // to be looked at
	working int      // how many goroutines do

	// Of the last sweep of all that is open; run's alone.
	whole   time.Time
	edition any
}

func newBoard(b *Bot) *board {
	return &board{
		bot: b, flood: newFlood(b.Now), backoff: newBackoff(b.Now), watches: newWatches(b),
		woken: make(chan struct{}, 1), poked: make(chan struct{}, 1), audited: make(chan struct{}, 1), unaudited: make(map[string]bool),
		hold: make(map[string]*turns), due: make(map[string]time.Time), busy: make(map[string]bool),
	}
}

// wake has the board look at everything soon.
func (b *board) wake() {
	select {
	case b.woken <- struct{}{}:
	default:
	}
}

// audit has the auditor look soon, and see to this.
func (b *board) audit(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unaudited[id] = true
	select {
	case b.audited <- struct{}{}:
	default:
	}
}

func (b *board) takeUnaudited() (ids []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ids = slices.Sorted(maps.Keys(b.unaudited))
	clear(b.unaudited)
	return ids
}

// run follows the ledger until ctx ends, and then finishes what it is writing.
func (b *board) run(ctx context.Context) {
	b.watches.open(ctx)
	changes := b.bot.Ballot.Changes()
	defer changes.Close()
	defer b.watches.close()
	defer b.all.Wait()
	var auditing sync.WaitGroup
	auditing.Go(func() { newAuditor(b.bot).run(ctx) })
	defer auditing.Wait()
	b.sweepAll(ctx)
	next := b.bot.Now().Add(sweepEvery)
	for {
		timer := time.NewTimer(b.untilDue(next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-b.poked:
		case <-b.woken:
			b.sweepAll(ctx)
		case <-changes.C():
			ids, lost := changes.Take()
			if lost {
				b.sweepAll(ctx)
			}
			for _, id := range ids {
				b.lookAt(ctx, id)
			}
		case <-timer.C:
			if now := b.bot.Now(); !now.Before(next) {
				next = now.Add(sweepEvery)
				b.sweep(ctx)
			}
			for _, id := range b.takeDue() {
				b.lookAt(ctx, id)
			}
		}
		timer.Stop()
	}
}

// sweepAll looks at every request that is open or of which a message is.
func (b *board) sweepAll(ctx context.Context) {
	b.whole = time.Time{}
	b.sweep(ctx)
}

// sweep looks at what may be out of step though nobody told: a message that was
// not seen to be written, a request that has none or is being carried out. All
// else, of which there may be much, is looked at where the policy is another, and
// now and then.
func (b *board) sweep(ctx context.Context) {
	requests, err := b.bot.Ballot.Unended(ctx)
	posts, err2 := b.bot.Ballot.OpenPosts(ctx, manyPosts)
	if err := errors.Join(err, err2); err != nil {
		if ctx.Err() == nil {
			b.bot.Logger.Error("slack: the ledger could not be looked through", "error", err)
		}
		return
	}
	for id := range outOfStep(requests, posts, b.wholeIsDue()) {
		b.lookAt(ctx, id)
	}
}

// wholeIsDue tells whether all is to be looked at now.
func (b *board) wholeIsDue() bool {
	now, edition := b.bot.Now(), b.bot.Ballot.Edition()
	due := now.Sub(b.whole) >= wholeEvery || edition != b.edition
	if due {
		b.whole, b.edition = now, edition
	}
	return due
}

// outOfStep returns which of the requests that are open, or have a message that
// is, are to be looked at.
func outOfStep(requests []ledger.Outline, posts []ledger.Post, whole bool) map[string]bool {
	pending, shown, found := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	for _, r := range requests {
		pending[r.ID] = r.State == ledger.Pending
	}
	for _, p := range posts {
		shown[p.RequestID] = true
		if atRest := p.Message != "" && p.Problem == "" && p.TakenUntil.IsZero(); whole || !atRest || !pending[p.RequestID] {
			found[p.RequestID] = true
		}
	}
	for _, r := range requests {
		if whole || !pending[r.ID] || !shown[r.ID] {
			found[r.ID] = true
		}
	}
	return found
}

func (b *board) untilDue(next time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, at := range b.due {
		if at.Before(next) {
			next = at
		}
	}
	return max(0, next.Sub(b.bot.Now()))
}

func (b *board) takeDue() (ids []string) {
	now := b.bot.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, at := range b.due {
		if !now.Before(at) {
			ids = append(ids, id)
			delete(b.due, id)
		}
	}
	return ids
}

// lookAt brings what stands of a request in step, soon; while it does, another
// call for the same one has it look once more. Goroutines live while there is
// work: hundreds of requests that are open wait for few of them.
func (b *board) lookAt(ctx context.Context, id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, busy := b.busy[id]; busy {
		b.busy[id] = true
		return
	}
	b.busy[id] = true
	b.queue = append(b.queue, id)
	if b.working < atOnce {
		b.working++
		b.all.Go(func() { b.work(ctx) })
	}
}

func (b *board) work(ctx context.Context) {
	for id, more := b.next(ctx); more; id, more = b.next(ctx) {
		b.syncContained(ctx, id)
		b.looked(id)
	}
}

func (b *board) next(ctx context.Context) (id string, more bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) == 0 || ctx.Err() != nil {
		b.working--
		return "", false
	}
	id, b.queue = b.queue[0], b.queue[1:]
	b.busy[id] = false
	return id, true
}

// looked ends a look, or puts the request behind the others once more.
func (b *board) looked(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.busy[id] {
		b.queue = append(b.queue, id)
		return
	}
	delete(b.busy, id)
}

// syncContained is sync, with a panic contained: one odd request must not end
// the program for all, again at every start.
func (b *board) syncContained(ctx context.Context, id string) {
	defer func() {
		if p := recover(); p != nil {
			b.bot.Logger.Error("slack: a request made vpsops panic", "request", id, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	b.sync(ctx, id)
}

// sync brings every message about a request in step with it, and returns their
// records as they are then. In this process one does it at a time; of another's
// it finds the message taken.
func (b *board) sync(ctx context.Context, id string) []ledger.Post {
	if _, ok := noteOf(id); ok {
		if b.bot.Audit != "" {
			b.audit(id)
		}
		return nil
	}
	done, ok := b.turn(ctx, id)
	if !ok {
		return nil
	}
	defer done()
	v, err := b.bot.Ballot.Look(ctx, id)
	if errors.Is(err, gate.ErrNotFound) {
		return nil
	}
	posts, err2 := b.bot.Ballot.Posts(ctx, id)
	if err := errors.Join(err, err2); err != nil {
		b.notLookedAt(ctx, id, err)
		return nil
	}
	v = b.sayUntold(ctx, v, posts)
	again := &soonest{}
	for _, p := range b.papers(ctx, v, posts, again) {
		posts = replaced(posts, b.bring(ctx, b.subjectOf(v), p, recordOf(posts, p.name), again))
	}
	b.remind(ctx, v, posts, again)
	b.watches.see(ctx, v, posts, again)
	b.later(id, again.at)
	return posts
}

func (b *board) notLookedAt(ctx context.Context, id string, err error) {
	if ctx.Err() == nil {
		b.bot.Logger.Error("slack: a request could not be looked at", "request", id, "error", err)
		b.later(id, b.bot.Now().Add(minPause))
	}
}

// turns is whose turn it is to bring a request in step.
type turns struct {
	free    chan struct{} // holds one where nobody does
	waiting int
}

// turn waits for the turn, and returns what ends it; ok is false where ctx ended
// first.
func (b *board) turn(ctx context.Context, id string) (done func(), ok bool) {
	b.mu.Lock()
	t := b.hold[id]
	if t == nil {
		t = &turns{free: make(chan struct{}, 1)}
		t.free <- struct{}{}
		b.hold[id] = t
	}
	t.waiting++
	b.mu.Unlock()
	select {
	case <-t.free:
		return func() { t.free <- struct{}{}; b.leave(id, t) }, true
	case <-ctx.Done():
		b.leave(id, t)
		return nil, false
	}
}

func (b *board) leave(id string, t *turns) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.waiting--; t.waiting == 0 {
		delete(b.hold, id)
	}
}

// later has a request looked at again at a time, where it isn't zero, or sooner:
// who looked at it before may know of an earlier one.
func (b *board) later(id string, at time.Time) {
	if at.IsZero() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if due, set := b.due[id]; !set || at.Before(due) {
		b.due[id] = at
		b.poke()
	}
}

// poke has run set its timer anew.
func (b *board) poke() {
	select {
	case b.poked <- struct{}{}:
	default:
	}
}

// soonest keeps the earliest of several times; zero times are none.
type soonest struct{ at time.Time }

func (s *soonest) by(t time.Time) {
	if !t.IsZero() && (s.at.IsZero() || t.Before(s.at)) {
		s.at = t
	}
}

func recordOf(posts []ledger.Post, name string) ledger.Post {
	for _, p := range posts {
		if p.Name == name {
			return p
		}
	}
	return ledger.Post{}
}

func replaced(posts []ledger.Post, p ledger.Post) []ledger.Post {
	if p.Name == "" {
		return posts
	}
	for i := range posts {
		if posts[i].Name == p.Name {
			posts[i] = p
			return posts
		}
	}
	return append(posts, p)
}
