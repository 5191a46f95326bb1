package vpsapi_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// struck runs a test with a sandbox that does so to everything, in a time of its own, and with the client's own time-outs. seen is
// the last call that an observer was told of.
func struck(t *testing.T, fault sandbox.Fault, test func(t *testing.T, reader *vpsapi.Reader, writer *vpsapi.Writer, seen *vpsapi.CallInfo), more ...vpsapi.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		api := &account{sandbox.New(sandbox.Options{Token: canary}), "http://localhost" + sandbox.BasePath}
		api.fault(t, fault)
		seen := &vpsapi.CallInfo{}
		opts := append(servePipes(t, api), vpsapi.WithReadTimeout(vpsapi.DefaultReadTimeout), vpsapi.WithWriteTimeout(vpsapi.DefaultWriteTimeout),
			vpsapi.WithObserver(func(_ context.Context, info vpsapi.CallInfo) { *seen = info }))
		opts = append(opts, more...)
		test(t, newReader(t, api.url, opts...), newWriter(t, api.url, opts...), seen)
	})
}

// goesAway is a caller's context that is cancelled after a while.
func goesAway(after time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(after, cancel)
		return ctx, cancel
	}
}

// hasUntil is a caller's context with a deadline.
func hasUntil(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
}

// An API that hangs is not a caller who went away: whoever counts the outcomes must see it, whoever's time is up first.
func TestAnAPIThatHangsIsToldFromACallerWhoGoesAway(t *testing.T) {
	const try = vpsapi.DefaultReadTimeout
	var (
		hang = sandbox.Fault{Kind: sandbox.KindHangAfter}
		slow = sandbox.Fault{Kind: sandbox.KindSlowBody, Delay: time.Hour}
	)
	for name, tt := range map[string]struct {
		fault    sandbox.Fault
		caller   func(context.Context) (context.Context, context.CancelFunc)
		is       error
		outcome  vpsapi.Outcome
		attempts int
		took     time.Duration
	}{
		"a caller who waits":               {hang, goesAway(time.Hour), vpsapi.ErrUnavailable, vpsapi.OutcomeFailed, 4, 4 * try},
		"a body that does not end":         {slow, goesAway(time.Hour), vpsapi.ErrUnavailable, vpsapi.OutcomeFailed, 4, 4 * try},
		"time for all tries":               {hang, hasUntil(5 * try), vpsapi.ErrUnavailable, vpsapi.OutcomeFailed, 4, 4 * try},
		"time for a try and a half":        {hang, hasUntil(3 * try / 2), context.DeadlineExceeded, vpsapi.OutcomeFailed, 2, 3 * try / 2},
		"less time than a try has":         {hang, hasUntil(try / 2), context.DeadlineExceeded, vpsapi.OutcomeFailed, 1, try / 2},
		"gone within the first try":        {hang, goesAway(try / 2), context.Canceled, vpsapi.OutcomeCanceled, 1, try / 2},
		"gone within the first try's body": {slow, goesAway(try / 2), context.Canceled, vpsapi.OutcomeCanceled, 1, try / 2},
		"gone after a try that failed":     {hang, goesAway(3 * try / 2), context.Canceled, vpsapi.OutcomeFailed, 2, 3 * try / 2},
	} {
		t.Run(name, func(t *testing.T) {
			struck(t, tt.fault, func(t *testing.T, reader *vpsapi.Reader, _ *vpsapi.Writer, seen *vpsapi.CallInfo) {
				ctx, cancel := tt.caller(t.Context())
				defer cancel()
				begin := time.Now()
				_, err := reader.GetServer(ctx, number(12345))
				took := time.Since(begin)

				wantClass(t, err, "no answer")
				for _, kind := range []error{vpsapi.ErrUnavailable, context.DeadlineExceeded, context.Canceled} {
					if errors.Is(err, kind) != (kind == tt.is) {
						t.Errorf("errors.Is(%v, %v) is %t", err, kind, kind != tt.is)
					}
				}
				if took != tt.took || seen.Outcome != tt.outcome || seen.Attempts != tt.attempts {
					t.Errorf("took %s, seen %+v: %v", took, seen, err)
				}
			})
		})
	}
}

// A read's time as a whole is shared by its tries, the waits between them and nothing else: whoever waits longer has not gone away.
func TestAReadEndsWithItsTimeAsAWhole(t *testing.T) {
	const try = vpsapi.DefaultReadTimeout
	for name, tt := range map[string]struct {
		total, wait, took time.Duration
		attempts          int
	}{
		"within a try":          {try / 2, 0, try / 2, 1},
		"at a try's end":        {2 * try, 0, 2 * try, 2},
		"within a later try":    {5 * try / 2, 0, 5 * try / 2, 3},
		"within a wait":         {try + time.Second/2, time.Second, try, 1},
		"in a try after a wait": {try + 3*time.Second, 2 * time.Second, try + 3*time.Second, 2},
		"after the last try":    {time.Hour, time.Second, 4*try + 3*time.Second, 4},
	} {
		t.Run(name, func(t *testing.T) {
			struck(t, sandbox.Fault{Kind: sandbox.KindHangAfter}, func(t *testing.T, reader *vpsapi.Reader, _ *vpsapi.Writer, seen *vpsapi.CallInfo) {
				begin := time.Now()
				_, err := reader.GetServer(vpsapi.BoundReads(t.Context(), tt.total), number(12345))
				if took := time.Since(begin); took != tt.took || seen.Attempts != tt.attempts || seen.Outcome != vpsapi.OutcomeFailed {
					t.Errorf("took %s, seen %+v", took, seen)
				}
				if !errors.Is(err, vpsapi.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			}, vpsapi.WithBackoff(func(int) time.Duration { return tt.wait }))
		})
	}
}

// Reads that wait at the same time have one timer, and yet each its own time.
func TestReadsThatHangTogetherEachEndAtTheirTime(t *testing.T) {
	struck(t, sandbox.Fault{Kind: sandbox.KindHangAfter}, func(t *testing.T, reader *vpsapi.Reader, _ *vpsapi.Writer, _ *vpsapi.CallInfo) {
		const try, tries = vpsapi.DefaultReadTimeout, 4
		var all sync.WaitGroup
		ends := func(after, in time.Duration, read func() error) {
			all.Go(func() {
				time.Sleep(after)
				begin := time.Now()
				if err := read(); !errors.Is(err, vpsapi.ErrUnavailable) {
					t.Error(err)
				}
				if took := time.Since(begin); took != in {
					t.Errorf("a read that began after %s took %s, want %s", after, took, in)
				}
			})
		}
		server := func(id int64) func() error {
			return func() error { _, err := reader.GetServer(t.Context(), number(id)); return err }
		}
		ends(0, 2*tries*try, func() error { _, err := reader.Plans(t.Context(), ""); return err })
		for id := range int64(20) {
			ends(time.Duration(id+1)*time.Second, tries*try, server(id+1))
		}
		ends(6*try, tries*try, server(100)) // when those before have ended
		all.Wait()
	}, vpsapi.WithBackoff(func(int) time.Duration { return 0 }), vpsapi.WithObserver(func(context.Context, vpsapi.CallInfo) {}))
}

// Who reads two things and gives up the second since the first hung, as an errgroup does, has gone away all the same.
func TestACallerMayGoAwayForAReadThatHung(t *testing.T) {
	struck(t, sandbox.Fault{Kind: sandbox.KindHangAfter}, func(t *testing.T, reader *vpsapi.Reader, _ *vpsapi.Writer, seen *vpsapi.CallInfo) {
		_, first := reader.GetServer(t.Context(), number(12345))
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(first) })
		_, err := reader.GetServer(ctx, number(12346))
		if !errors.Is(first, vpsapi.ErrUnavailable) {
			t.Fatal(first)
		}
		if !errors.Is(err, context.Canceled) || errors.Is(err, vpsapi.ErrUnavailable) || seen.Outcome != vpsapi.OutcomeCanceled {
			t.Errorf("%v: %+v", err, seen)
		}
	})
}

// The network's own time-outs call themselves a context's.
func TestAConnectionThatTakesTooLongIsNoCallerWhoWentAway(t *testing.T) {
	var seen vpsapi.CallInfo
	reader := newReader(t, "http://127.0.0.1:1",
		vpsapi.WithTransport(&http.Transport{DialContext: (&net.Dialer{Timeout: time.Nanosecond}).DialContext}),
		vpsapi.WithObserver(func(_ context.Context, info vpsapi.CallInfo) { seen = info }))
	_, err := reader.GetServer(t.Context(), number(12345))
	if !errors.Is(err, vpsapi.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "i/o timeout") {
		t.Error(err)
	}
	if seen.Outcome != vpsapi.OutcomeFailed || seen.Attempts != 4 {
		t.Errorf("%+v", seen)
	}
}

// A write's outcome is as unknown by its own time-out as by its caller's end.
func TestAWriteThatHangsStaysUnknown(t *testing.T) {
	const whole = vpsapi.DefaultWriteTimeout
	for name, tt := range map[string]struct {
		caller func(context.Context) (context.Context, context.CancelFunc)
		reason vpsapi.UnknownReason
		took   time.Duration
	}{
		"a caller who waits":            {goesAway(time.Hour), vpsapi.UnknownTimeout, whole},
		"less time than the call has":   {hasUntil(whole / 2), vpsapi.UnknownTimeout, whole / 2},
		"gone before the answer's time": {goesAway(whole / 2), vpsapi.UnknownCanceled, whole / 2},
	} {
		t.Run(name, func(t *testing.T) {
			struck(t, sandbox.Fault{Kind: sandbox.KindHangAfter}, func(t *testing.T, _ *vpsapi.Reader, writer *vpsapi.Writer, seen *vpsapi.CallInfo) {
				ctx, cancel := tt.caller(t.Context())
				defer cancel()
				begin := time.Now()
				_, err := writer.RebootServer(ctx, number(12345))
				took := time.Since(begin)

				unknown, ok := errors.AsType[*vpsapi.OutcomeUnknownError](err)
				if !ok || unknown.Reason != tt.reason || took != tt.took || seen.Outcome != vpsapi.OutcomeUnknown || errors.Is(err, vpsapi.ErrUnavailable) {
					t.Errorf("took %s, seen %+v: %v", took, seen, err)
				}
			})
		})
	}
}

func TestWaitingGoesOnOverAnAPIThatHangs(t *testing.T) {
	const look = 4 * vpsapi.DefaultReadTimeout
	struck(t, sandbox.Fault{Kind: sandbox.KindHangAfter, Times: 8}, func(t *testing.T, reader *vpsapi.Reader, _ *vpsapi.Writer, _ *vpsapi.CallInfo) {
		begin := time.Now()
		server, err := reader.WaitForStatus(t.Context(), number(12345), vpsapi.WaitOptions{Backoff: func(int) time.Duration { return time.Second }})
		if took := time.Since(begin); err != nil || server.Status != "active" || took != 2*(look+time.Second) {
			t.Errorf("took %s, %q: %v", took, server.Status, err)
		}
	})
	struck(t, sandbox.Fault{Kind: sandbox.KindHangAfter}, func(t *testing.T, reader *vpsapi.Reader, _ *vpsapi.Writer, _ *vpsapi.CallInfo) {
		_, err := reader.WaitForStatus(t.Context(), number(12345), vpsapi.WaitOptions{Timeout: 2 * look})
		if late, ok := errors.AsType[*vpsapi.WaitTimeoutError](err); !ok || late.Waited != 2*look || !errors.Is(late.Err, vpsapi.ErrUnavailable) {
			t.Error(err)
		}
	})
}

// Who joined a flight that the API let hang has its answer, and flies no round of its own.
func TestFindersWhoWaitTogetherEndTogether(t *testing.T) {
	const flight = 4 * 2 * vpsapi.DefaultReadTimeout // a list has twice the time
	struck(t, sandbox.Fault{Kind: sandbox.KindHangAfter}, func(t *testing.T, reader *vpsapi.Reader, _ *vpsapi.Writer, seen *vpsapi.CallInfo) {
		finder := vpsapi.NewFinder(reader)
		begin := time.Now()
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				_, err := finder.Find(t.Context(), "web-server-01", vpsapi.FindOptions{})
				if took := time.Since(begin); took != flight || !errors.Is(err, vpsapi.ErrUnavailable) {
					t.Errorf("took %s: %v", took, err)
				}
			})
		}
		wg.Wait()
		if seen.Operation != "list servers" || seen.Outcome != vpsapi.OutcomeFailed {
			t.Errorf("%+v", seen)
		}
	})
}
