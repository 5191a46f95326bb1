package ledger

import (
	"cmp"
	"context"
	"sync"
	"time"
)

// How long others' writes may stay unknown, and how long a fault of the
// database keeps from asking again.
const (
	pollEvery = 250 * time.Millisecond
	pollAgain = time.Second
	// lookRest is how long after a look the next one comes at the soonest: where
	// hundreds of writes come in a second, one look tells of many.
	lookRest = 25 * time.Millisecond
	// lookTime is how long a look may take: where a database is out of reach and
	// nothing says so, a query would wait for an answer as long as the machine does.
	lookTime = 5 * time.Second
	// baseTime is that of the first, for which a caller waits.
	baseTime = time.Second
)

// watch wakes those who wait for requests, and looks for what other processes
// write for as long as anybody waits.
type watch struct {
	s *SQL
	watchers
	mu      sync.Mutex
	waiting int
	begun   int   // how often somebody began to wait
	seen    int64 // the ledger's writes that are known of
	doubts  int   // how often that was taken back
	closed  bool
	stop    context.CancelFunc
	running sync.WaitGroup
}

func (w *watch) init(s *SQL) { w.s = s }

// Watch implements [Ledger]. What another process writes is known within a
// second.
func (s *SQL) Watch(requestID string) (<-chan struct{}, func()) {
	changed, remove := s.watch.add(requestID)
	s.watch.begin()
	var once sync.Once
	return changed, func() {
		once.Do(func() {
			remove()
			s.watch.done()
		})
	}
}

// Changes implements [Ledger]. What another process writes is told within a
// second.
func (s *SQL) Changes() *Changes {
	changes := s.watch.feed(sync.OnceFunc(s.watch.done))
	s.watch.begin()
	return changes
}

func (w *watch) begin() {
	ctx, begun := w.enter()
	if ctx == nil {
		return
	}
	w.base(ctx, begun)
	go func() {
		defer w.running.Done()
		w.run(ctx)
	}()
}

// enter counts a caller in. The first gets the context of a new run, which is to begin.
func (w *watch) enter() (ctx context.Context, begun int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begun++
	if w.waiting++; w.waiting > 1 || w.closed {
		return nil, 0
	}
	ctx, w.stop = context.WithCancel(context.Background())
	w.seen = -1
	w.running.Add(1)
	return ctx, w.begun
}

// base finds out what was written before the caller reads what it will wait for: a
// write in between must not be missed. Where that isn't known, the first answer wakes
// everybody; so too where others began to wait meanwhile, who may have read sooner.
func (w *watch) base(ctx context.Context, begun int) {
	ctx, cancel := context.WithTimeout(ctx, baseTime)
	defer cancel()
	n, err := w.s.writes(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil && w.begun == begun {
		w.seen = n
	}
}

func (w *watch) done() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting--; w.waiting == 0 && w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

func (w *watch) close() {
	w.mu.Lock()
	w.closed = true
	if w.stop != nil {
		w.stop()
		w.stop = nil
	}
	w.mu.Unlock()
	w.running.Wait()
}

// wrote is told of this process' own writes: they wake at once.
func (w *watch) wrote(n int64, ids []string) {
	w.mu.Lock()
	if w.seen == n-1 {
		w.seen = n // nobody else wrote since: there is nothing to look for
	}
	w.mu.Unlock()
	w.tell(ids)
}

// run polls, and in between waits for a sign of another process where the
// database gives one.
func (w *watch) run(ctx context.Context) {
	woken := make(chan struct{}, 1)
	if w.s.listen != nil {
		w.running.Go(func() { w.listen(ctx, woken) })
	}
	every := cmp.Or(w.s.options.poll, pollEvery)
	for wait := every; ; {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-woken:
		case <-timer.C:
		}
		timer.Stop()
		if wait = every; w.look(ctx) != nil {
			wait = pollAgain
		}
		if w.s.listen != nil && pause(ctx, lookRest) != nil {
			return
		}
	}
}

func (w *watch) listen(ctx context.Context, woken chan<- struct{}) {
	for ctx.Err() == nil {
		err := w.s.listen(ctx, w.s.reader, func() {
			select {
			case woken <- struct{}{}:
			default: // a look is due already
			}
		})
		if err == nil {
			continue
		}
		w.doubt(ctx)
		if pause(ctx, pollAgain) != nil {
			return
		}
	}
}

// look finds out what others have written since the last look.
func (w *watch) look(ctx context.Context) error {
	err := w.lookInTime(ctx)
	if err != nil {
		w.doubt(ctx)
	}
	if looked := w.s.options.looked; looked != nil {
		looked(err)
	}
	return err
}

// doubt has the next answer wake everybody. The database that gives it may be another
// that lost writes and has made up for their number since.
func (w *watch) doubt(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() == nil { // else it was this watch that ended
		w.seen = -1
		w.doubts++
	}
}

func (w *watch) lookInTime(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return w.lookOnce(ctx)
}

func (w *watch) lookOnce(ctx context.Context) error {
	w.mu.Lock()
	seen, doubts := w.seen, w.doubts
	w.mu.Unlock()
	now, err := w.s.writes(ctx)
	if err != nil {
		return err
	}
	if now == seen {
		return nil
	}
	// Fewer than before: a database that lost writes has taken the place of the
	// one that was looked at, and anything may be otherwise now.
	setBack := now < seen
	ids, all := []string(nil), seen < 0 || setBack
	if !all {
		if ids, err = w.s.changedSince(ctx, seen); err != nil {
			return err
		}
		all = len(ids) > maxChanges
	}
	w.mu.Lock()
	told := !all && w.seen >= now // by this process, whose own writes they were
	switch {
	case w.doubts != doubts: // it was asked before: the next answer wakes everybody
	case setBack:
		w.seen = now
	default:
		w.seen = max(w.seen, now)
	}
	w.mu.Unlock()
	switch {
	case told:
	case all:
		w.tellAll()
	default:
		w.tell(ids)
	}
	return nil
}

// writes counts the ledger's committed writes, of all processes.
func (s *SQL) writes(ctx context.Context) (n int64, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT writes FROM head WHERE id = 1").Scan(&n)
	return n, err
}

// changedSince returns the requests that were written since: one more than a
// feed keeps, at the most.
func (s *SQL) changedSince(ctx context.Context, writes int64) (changed []string, err error) {
	err = s.reading(ctx, func(v *sqlView) error {
		found, err := collect(v, "read changes", "SELECT id FROM requests WHERE changed > ? LIMIT ?",
			[]any{writes, maxChanges + 1}, func(id *column) []any { return []any{id} }, nil)
		for _, id := range found {
			changed = append(changed, string(id))
		}
		return err
	})
	return changed, err
}
