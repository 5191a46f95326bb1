package slackbot

import (
	"context"
	"errors"
	"sync"
	"time"

	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const (
	watchLease = 30 * time.Second
	showEvery  = 10 * time.Second // elapsed time on a card
	giveUp     = time.Hour        // a server that never arrives, a card that can't be changed
)

// abandoned tells whether a server that was to arrive is followed no longer.
func abandoned(v gate.View, now time.Time) bool {
	return v.Outcome == gate.OutcomeAccepted && now.Sub(v.SendingAt) > giveUp
}

// watches follows servers of accepted actions until they have arrived. Of all
// processes one follows each, by the lease on a record that no message belongs
// to.
type watches struct {
	bot  *Bot
	mu   sync.Mutex
	life context.Context // of all of them: who sees first that one is due may be gone soon; nil where none may begin
	of   map[string]bool
	all  sync.WaitGroup
}

func newWatches(b *Bot) *watches { return &watches{bot: b, of: make(map[string]bool)} }

func (w *watches) open(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.life = ctx
}

// close waits for the watches, whose life has ended.
func (w *watches) close() {
	w.mu.Lock()
	w.life = nil
	w.mu.Unlock()
	w.all.Wait()
}

// see begins to follow where a request has a card and nobody follows yet.
func (w *watches) see(ctx context.Context, v gate.View, posts []ledger.Post, again *soonest) {
	p := recordOf(posts, watchName)
	now := w.bot.Now()
	if !v.Followed() || abandoned(v, now) {
		if p.Version > 0 && !p.Done && v.State != ledger.Executing {
			p.Done = true
			w.bot.board.keep(ctx, p)
		}
		return
	}
	if !standing(posts) {
		return
	}
	again.by(now.Add(showEvery))
	if p.TakenUntil.After(now) {
		again.by(p.TakenUntil)
		return
	}
	w.begin(v.ID, p)
}

func standing(posts []ledger.Post) bool {
	for _, p := range posts {
		if p.Message != "" {
			return true
		}
	}
	return false
}

func (w *watches) begin(id string, p ledger.Post) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of[id] || w.life == nil || w.life.Err() != nil {
		return
	}
	w.of[id] = true
	life := w.life
	w.all.Go(func() {
		defer func() {
			w.mu.Lock()
			delete(w.of, id)
			w.mu.Unlock()
		}()
		w.follow(life, id, p)
	})
}

// follow holds the lease and looks at the server, until it has arrived, the
// lease is another's, or ctx ends.
func (w *watches) follow(ctx context.Context, id string, p ledger.Post) {
	p.RequestID, p.Name = id, watchName
	for ctx.Err() == nil {
		now := w.bot.Now()
		if p.Version == 0 {
			p.At = now
		}
		p.TakenUntil = now.Add(watchLease)
		var err error
		if p, err = w.bot.Ballot.PutPost(ctx, p); err != nil {
			if !errors.Is(err, ledger.ErrConflict) && ctx.Err() == nil {
				w.bot.Logger.Error("slack: a server can't be followed", "request", id, "error", err)
			}
			return
		}
		look, cancel := context.WithTimeout(ctx, watchLease-callTimeout)
		_ = w.bot.Ballot.Follow(look, id) // where the ledger fails, the next look begins anew
		over := look.Err() == nil
		cancel()
		if over {
			p.TakenUntil = time.Time{}
			p.Done = true
			w.bot.board.keep(context.WithoutCancel(ctx), p)
			return
		}
		if v, err := w.bot.Ballot.Look(ctx, id); err != nil || abandoned(v, w.bot.Now()) {
			return
		}
	}
}
