package ledger

import (
	"context"
	"time"
)

// WithNetworkFS stands in for the system's word on what a folder lies on.
func (o Options) WithNetworkFS(kind string) Options {
	o.networkFS = func(string) (string, error) { return kind, nil }
	return o
}

// WithBusy shortens the wait for another process' lock.
func (o Options) WithBusy(d time.Duration) Options {
	o.busy = d
	return o
}

// WithCommitTime shortens the wait for the answer to a commit.
func (o Options) WithCommitTime(d time.Duration) Options {
	o.commit = d
	return o
}

// WithPoll has a watch look of itself as seldom as that.
func (o Options) WithPoll(every time.Duration) Options {
	o.poll = every
	return o
}

// WithLooked has a watch tell how each look of its own ended.
func (o Options) WithLooked(told func(error)) Options {
	o.looked = told
	return o
}

// Mute keeps what is written from being told to other processes.
func (s *SQL) Mute() { s.tell = "" }

// Pragma sets something on the one connection that writes.
func (s *SQL) Pragma(ctx context.Context, pragma string) error {
	_, err := s.writer.ExecContext(ctx, "PRAGMA "+pragma)
	return err
}
