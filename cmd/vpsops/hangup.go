package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// SIGHUP has the policy file read where there is one. Else it ends what belongs to
// a terminal, which has closed then, and never ends a server.

// endSignals are what ends a program: SIGHUP too where it reads no file, but for
// one that was started to outlive its terminal, as by nohup.
func endSignals(policyFile string) []os.Signal {
	if policyFile != "" || signal.Ignored(syscall.SIGHUP) {
		return []os.Signal{syscall.SIGTERM}
	}
	return []os.Signal{syscall.SIGTERM, syscall.SIGHUP}
}

// outliveHangups has SIGHUP leave the process alone until ctx ends, where no policy
// file is read at it.
func (l *livePolicy) outliveHangups(ctx context.Context) {
	if l.file != "" {
		return
	}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		defer signal.Stop(hangups)
		for {
			select {
			case <-hangups:
				l.logger.Info("SIGHUP: there is no policy file to read again, since VPSOPS_POLICY is not set")
			case <-ctx.Done():
				return
			}
		}
	}()
}
