package main

import (
	"fmt"
	"sync"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// stopwatch shows what is waited for and since when: as one line that is
// written over on a terminal, elsewhere as a line for each change.
type stopwatch struct {
	out    *painter
	began  time.Time
	ticker *time.Ticker
	done   chan struct{}
	ticks  sync.WaitGroup

	mu   sync.Mutex
	says string
}

func newStopwatch(out *painter, v gate.View) *stopwatch {
	w := &stopwatch{out: out, began: time.Now(), done: make(chan struct{})}
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
	w.line()
}

func (w *stopwatch) line() {
	elapsed := time.Since(w.began).Round(time.Second)
	if w.out.moves {
		fmt.Fprintf(w.out, "\r\x1b[K… %s, %s", w.says, elapsed)
		return
	}
	fmt.Fprintf(w.out, "… %s, %s\n", w.says, elapsed)
}

func (w *stopwatch) stop() {
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
	}
	return "the server is " + inert.Text(v.ServerStatus, 40)
}
