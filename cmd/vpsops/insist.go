package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// echoTime is how long after the signal that ends the program another is taken for
// the same one: timeout(1), npm and others send it to the program and to its whole
// process group, which a terminal's Ctrl-C has reached already.
const echoTime = 250 * time.Millisecond

// heedInsistence has a signal end the program at once where ending, whose end is the
// program's beginning of its own, is over already. That is as safe as being killed:
// what was being sent is settled by the next process. It takes the place of what was
// heeded so before. SIGHUP does not count: a terminal that closes sends several.
func (p *program) heedInsistence(ending context.Context) {
	p.heedNoMore()
	over := make(chan struct{})
	p.insistence = sync.OnceFunc(func() { close(over) })
	go func() {
		select {
		case <-ending.Done():
		case <-over:
			return
		}
		select {
		case <-time.After(echoTime):
		case <-over:
			return
		}
		again := make(chan os.Signal, 1)
		signal.Notify(again, os.Interrupt, syscall.SIGTERM)
		defer signal.Stop(again)
		tell(p.stderr, "finishing what is under way; Ctrl-C now ends at once", "ending once what is under way is finished; another SIGTERM or SIGINT ends at once")
		select {
		case <-again:
			tell(p.stderr, "ended at once; what was being sent is settled when vpsops runs again", "ended at once by another signal; what was being sent is settled when vpsops runs again")
			os.Exit(exitFailed)
		case <-over:
		}
	}()
}

func (p *program) heedNoMore() {
	if p.insistence != nil {
		p.insistence()
	}
}

// outliveReaders has a write to standard output or error fail where nobody reads it
// any more, which would else kill the program (SIGPIPE): its host or tee(1) may be
// gone, and what is under way is still to be finished. The channel is never read; a
// signal that is ignored instead would be by the browser that is opened, too.
func outliveReaders() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

// tell says something to the person at a terminal, or else into the log.
func tell(stderr io.Writer, person, log string) {
	if isTerminal(stderr) {
		fmt.Fprintln(stderr, "vpsops: "+person)
		return
	}
	slog.Info(log)
}
