package slackbot

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const (
	sweepEvery = time.Minute // all that is open, whatever the feed told
	atOnce     = 8           // requests that are brought in step at the same time
)

// board keeps what stands in Slack about requests in step with the ledger. Every
// process has one: who writes a message is settled by its record.
type board struct {
	bot     *Bot
	flood   *flood
	backoff *backoff
	watches *watches
	slots   chan struct{}
	woken   chan struct{}
	poked   chan struct{}
	all     sync.WaitGroup

	mu   sync.Mutex
	hold map[string]*turns    // by request: who brings it in step
	due  map[string]time.Time // when a request is to be looked at without anybody's telling
	busy map[string]bool      // being looked at; true: once more
}

func newBoard(b *Bot) *board {
	return &board{
		bot: b, flood: newFlood(b.Now), backoff: newBackoff(b.Now), watches: newWatches(b), slots: make(chan struct{}, atOnce),
		woken: make(chan struct{}, 1), poked: make(chan struct{}, 1), hold: make(map[string]*turns), due: make(map[string]time.Time), busy: make(map[string]bool),
	}
}

// wake has the board look at everything soon.
func (b *board) wake() {
	select {
	case b.woken <- struct{}{}:
	default:
	}
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
	b.sweep(ctx)
	next := b.bot.Now().Add(sweepEvery)
	for {
		timer := time.NewTimer(b.untilDue(next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-b.poked:
		case <-b.woken:
			b.sweep(ctx)
		case <-changes.C():
			ids, lost := changes.Take()
			if lost {
				b.sweep(ctx)
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

// sweep looks at every request that is open or of which a message is.
func (b *board) sweep(ctx context.Context) {
	const many = 10_000
	views, err := b.bot.Ballot.Everyone(ctx)
	posts, err2 := b.bot.Ballot.OpenPosts(ctx, many)
	if err := errors.Join(err, err2); err != nil {
		if ctx.Err() == nil {
			b.bot.Logger.Error("slack: the ledger could not be looked through", "error", err)
		}
		return
	}
	seen := make(map[string]bool)
	for _, v := range views {
		seen[v.ID] = true
	}
	for _, p := range posts {
		seen[p.RequestID] = true
	}
	for id := range seen {
		b.lookAt(ctx, id)
	}
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
// call for the same one has it look once more.
func (b *board) lookAt(ctx context.Context, id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, busy := b.busy[id]; busy {
		b.busy[id] = true
		return
	}
	b.busy[id] = false
	b.all.Go(func() {
		for again := true; again; again = b.onceMore(ctx, id) {
			b.syncInSlot(ctx, id)
		}
	})
}

func (b *board) onceMore(ctx context.Context, id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.busy[id] && ctx.Err() == nil {
		b.busy[id] = false
		return true
	}
	delete(b.busy, id)
	return false
}

// syncInSlot is sync when there is room for it. A panic is contained: one odd
// request must not end the program for all, again at every start.
func (b *board) syncInSlot(ctx context.Context, id string) {
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
	case <-ctx.Done():
		return
	}
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
	done, ok := b.turn(ctx, id)
	if !ok {
		return nil
	}
	defer done()
	if n, ok := noteOf(id); ok {
		return b.syncNote(ctx, n)
	}
	v, err := b.bot.Ballot.Look(ctx, id)
	if errors.Is(err, gate.ErrNotFound) {
		return nil
	}
	posts, err2 := b.bot.Ballot.Posts(ctx, id)
	if err := errors.Join(err, err2); err != nil {
		b.notLookedAt(ctx, id, err)
		return nil
	}
	again := &soonest{}
	for _, p := range b.papers(v, posts, again) {
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
