package slackbot

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

const (
	maxRunning = 128
	maxQueued  = 1024
	jobTime    = 50 * time.Second // longer than a call of the API and its last look
)

// jobs does what was acknowledged. Goroutines live while there is work.
type jobs struct {
	logger  *slog.Logger
	life    context.Context
	end     context.CancelFunc
	mu      sync.Mutex
	running int
	queue   []func(context.Context)
	closed  bool
	all     sync.WaitGroup
}

func newJobs(logger *slog.Logger) *jobs {
	j := &jobs{logger: logger}
	j.life, j.end = context.WithCancel(context.Background())
	return j
}

// room tells whether start would take a job. Between the two it may fill up.
func (j *jobs) room() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return !j.closed && len(j.queue) < maxQueued
}

// start does a job soon; it is false where there are too many, or the bot ends.
func (j *jobs) start(job func(context.Context)) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.closed || len(j.queue) >= maxQueued:
		return false
	case j.running >= maxRunning:
		j.queue = append(j.queue, job)
		return true
	}
	j.running++
	j.all.Go(func() { j.work(job) })
	return true
}

func (j *jobs) work(job func(context.Context)) {
	for job != nil {
		j.do(job)
		j.mu.Lock()
		if job = nil; len(j.queue) > 0 {
			job, j.queue = j.queue[0], j.queue[1:]
		} else {
			j.running--
		}
		j.mu.Unlock()
	}
}

// do contains a panic: one delivery must not end the program for all.
func (j *jobs) do(job func(context.Context)) {
	defer func() {
		if p := recover(); p != nil {
			j.logger.Error("slack: a delivery made vpsops panic", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	ctx, cancel := context.WithTimeout(j.life, jobTime)
	defer cancel()
	job(ctx)
}

// close takes nothing more and waits for what was begun; each has its time. What
// waits for its turn is dropped: what is kept in the ledger is taken up from
// there.
func (j *jobs) close() {
	j.mu.Lock()
	j.closed, j.queue = true, nil
	j.mu.Unlock()
	j.all.Wait()
	j.end()
}
