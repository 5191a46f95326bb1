package main

import (
	"fmt"
	"sync"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// stopwatch shows what is waited for, since when and until when: as one line that
// is written over on a terminal, elsewhere as a line for each change. It gives up
// when that time is over.
type stopwatch struct {
	out    *painter
	began  time.Time
	ticker *time.Ticker
	done   chan struct{}
	ticks  sync.WaitGroup

	mu    sync.Mutex
	says  string
	stage stage
	limit time.Duration // from the begin
	over  *time.Timer
}

// stage is what is waited for; each has a time of its own.
type stage int

const (
	forVotes stage = iota + 1
	forServer
	forLost // a server that rests elsewhere
)

func stageOf(v gate.View) stage {
	switch {
	case v.State.Open():
		return forVotes
	case v.Astray():
		return forLost
	}
	return forServer
}

func newStopwatch(out *painter, v gate.View, giveUp func()) *stopwatch {
	w := &stopwatch{out: out, began: time.Now(), done: make(chan struct{}), over: time.AfterFunc(limitOf(v), giveUp)}
	if out.moves {
		w.ticker = time.NewTicker(time.Second)
		w.ticks.Go(w.run)
	}
	w.note(v)
	return w
}

func (w *stopwatch) run() {
	for {
		select {
		case <-w.done:
			return
		case <-w.ticker.C:
			w.mu.Lock()
			w.line()
			w.mu.Unlock()
		}
	}
}

// note takes up how the request stands now.
func (w *stopwatch) note(v gate.View) {
	says := waitingFor(v)
	w.mu.Lock()
	defer w.mu.Unlock()
	if says == w.says {
		return
	}
	w.says = says
	if now := stageOf(v); now != w.stage {
		w.stage, w.limit = now, time.Since(w.began)+limitOf(v)
		w.over.Reset(limitOf(v))
	}
	w.line()
}

func (w *stopwatch) line() {
	text := fmt.Sprintf("… %s, %s", w.says, time.Since(w.began).Round(time.Second))
	if w.stage != forVotes {
		text += fmt.Sprintf(" of %s at most", w.limit.Round(time.Second))
	}
	if w.out.moves {
		fmt.Fprint(w.out, "\r\x1b[K"+text)
		return
	}
	fmt.Fprintln(w.out, text)
}

func (w *stopwatch) stop() {
	w.over.Stop()
	close(w.done)
	w.ticks.Wait()
	if w.ticker != nil {
		w.ticker.Stop()
		fmt.Fprint(w.out, "\r\x1b[K")
	}
}

func waitingFor(v gate.View) string {
	switch {
	case v.State == ledger.Pending:
		return "waiting for a person's yes (Ctrl-C stops waiting, not the request)"
	case v.State.Open() || v.State == ledger.Executing:
		return "being carried out"
	case v.State == ledger.Unknown:
		return "finding out whether it happened"
	case v.Astray():
		return "the server is " + inert.Text(v.ServerStatus, 40) + ", where a " + string(v.Action) + " does not lead"
	}
	return "the server is " + inert.Text(v.ServerStatus, 40)
}
