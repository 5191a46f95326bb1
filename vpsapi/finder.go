package vpsapi

import (
	"context"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// DefaultFinderTTL is how long a [Finder] keeps what it read, unless to read it took longer: then for as long as that.
const DefaultFinderTTL = 3 * time.Second

// Finder finds a server by what people call it: its id, or its exact name, hostname or IPv4 address. It reads one list for a burst
// of calls and keeps slim rows of it for a few seconds; 100,000 servers take about 30 MB for that time. It is safe for concurrent
// use.
//
// It returns who is meant, not how the server is: read the server for that.
type Finder struct {
	reader *Reader
	ttl    time.Duration
	flight flights[struct{}, *index]

	mu     sync.Mutex
	kept   *index
	forget *time.Timer
}

// FinderOption sets up a [Finder].
type FinderOption func(*Finder)

// WithFinderTTL sets how long the list is kept, unless to read it took longer; 0 keeps it for nobody but those who wait for it
// together.
func WithFinderTTL(d time.Duration) FinderOption { return func(f *Finder) { f.ttl = max(d, 0) } }

// NewFinder returns a Finder that reads through reader.
func NewFinder(reader *Reader, opts ...FinderOption) *Finder {
	f := &Finder{reader: reader, ttl: DefaultFinderTTL}
	for _, opt := range opts {
		opt(f)
	}
	return f
}

// FindOptions says how to find.
type FindOptions struct {
	// Fresh takes only a list that was begun after the call: before a change, never act by an older one.
	Fresh bool
	// KnownID says that the reference came as an id and can be nothing else, such as a JSON integer. It is then taken as it
	// is, without a list; a server that doesn't exist shows when it is read.
	KnownID bool
}

// Find returns the id of the one server that ref names. Nothing is guessed: names are compared exactly.
//
// Two servers, also by different means such as one's name and the other's id, give an [*AmbiguousError] with both; none a
// [*NotFoundError] with near misses, which is never said by a list older than the call. Other errors are those of
// [Reader.Servers].
func (f *Finder) Find(ctx context.Context, ref string, opts FindOptions) (ID, error) {
	if opts.KnownID {
		return ParseID(ref)
	}
	row, err := f.FindRow(ctx, ref, opts)
	return row.ID, err
}

// FindRow is Find that returns the list's row. KnownID has no meaning here.
func (f *Finder) FindRow(ctx context.Context, ref string, opts FindOptions) (ServerRow, error) {
	if !opts.Fresh {
		ix, current, err := f.known(ctx)
		if err != nil {
			return ServerRow{}, err
		}
		row, err := ix.find(ref)
		if current || !isNotFound(err) {
			return row, err
		}
		// It may have been made since the list was begun.
	}
	ix, _, err := f.list(ctx, onlyNew)
	if err != nil {
		return ServerRow{}, err
	}
	return ix.find(ref)
}

// Rows returns all servers' rows, from a list a few seconds old at most, in the API's order: for completions and suggestions. The
// rows are shared: don't change them.
func (f *Finder) Rows(ctx context.Context) ([]ServerRow, error) {
	ix, _, err := f.known(ctx)
	if err != nil {
		return nil, err
	}
	return ix.rows, nil
}

// known returns what is kept, or else the list that comes soonest. current says that it was begun after the call.
func (f *Finder) known(ctx context.Context) (ix *index, current bool, err error) {
	f.mu.Lock()
	ix = f.kept
	f.mu.Unlock()
	if ix != nil {
		return ix, false, nil
	}
	return f.list(ctx, anyUnder)
}

// list reads the list, together with all who want it now.
func (f *Finder) list(ctx context.Context, how joining) (ix *index, current bool, err error) {
	for {
		ix, joined, err := f.flight.do(ctx, struct{}{}, how, f.read)
		if joined && isContextError(err) && ctx.Err() == nil {
			continue // the flight ended with those who had boarded before
		}
		if isBareContextError(err) {
			err = &ReadError{Operation: opListServers.name, Err: err}
		}
		return ix, how == onlyNew || !joined, err
	}
}

// read reads the whole list into an index and keeps it.
func (f *Finder) read(ctx context.Context) (*index, error) {
	began := time.Now()
	query := url.Values{"page_size": {strconv.Itoa(pageSize)}}
	build := newIndexBuilder()
	for page, err := range pages[ServerRow](ctx, f.reader.client, opListServers, query) {
		if err != nil {
			return nil, err
		}
		build.expect(page.Count)
		if err := page.stuck(build.add(page.Results)); err != nil {
			return nil, err
		}
	}
	ix := build.index()
	f.keep(ix, time.Since(began))
	return ix, nil
}

// keep holds the index for the time to live, and then lets its memory go. A list
// that took longer to read is kept for as long as that, so that a large account's
// isn't read all the time.
func (f *Finder) keep(ix *index, took time.Duration) {
	if f.ttl == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.forget != nil {
		f.forget.Stop()
	}
	f.kept = ix
	f.forget = time.AfterFunc(max(f.ttl, took), func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.kept == ix {
			f.kept = nil
		}
	})
}
