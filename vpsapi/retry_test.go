package vpsapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// flaky answers with the statuses in turn, then well.
func flaky(retryAfter string, statuses ...int) (http.HandlerFunc, *atomic.Int64) {
	var received atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) {
		if n := received.Add(1); int(n) <= len(statuses) {
			w.Header().Set("Retry-After", retryAfter)
			w.WriteHeader(statuses[n-1])
			return
		}
		_, _ = io.WriteString(w, serverJSON("12345"))
	}, &received
}

func TestReadsAreRepeatedWhenThatMayHelp(t *testing.T) {
	for status, again := range map[int]bool{
		408: true, 425: true, 429: true, 500: true, 502: true, 503: true, 504: true,
		400: false, 401: false, 402: false, 403: false, 404: false, 409: false, 501: false, 505: false,
	} {
		handler, received := flaky("", status)
		_, err := newReader(t, serve(t, handler)).GetServer(t.Context(), number(12345))
		if again != (err == nil) || again != (received.Load() == 2) {
			t.Errorf("%d: sent %d times: %v", status, received.Load(), err)
		}
	}
}

// inFakeTime reads server 12345 through a handler while time stands still, and returns how long it took.
func inFakeTime(t *testing.T, handler http.HandlerFunc, timeout time.Duration, opts ...vpsapi.Option) (took time.Duration, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		opts = append(append(servePipes(t, handler), vpsapi.WithBaseURL("http://localhost")), opts...)
		reader, newErr := vpsapi.NewReader(vpsapi.NewToken(canary), opts...)
		if newErr != nil {
			t.Fatal(newErr)
		}
		defer reader.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		defer cancel()
		begin := time.Now()
		_, err = reader.GetServer(ctx, number(12345))
		took = time.Since(begin)
	})
	return took, err
}

func TestRetryAfterIsObeyedWithinReason(t *testing.T) {
	for _, tt := range []struct {
		header  string
		timeout time.Duration
		took    time.Duration
		ok      bool
	}{
		{"7", time.Minute, 7 * time.Second, true},
		{"30", time.Minute, 30 * time.Second, true},
		{"31", time.Minute, 0, false},                   // longer than a caller is kept waiting
		{"20", 10 * time.Second, 0, false},              // past the deadline: said at once, not at the deadline
		{"9223372036854775807", time.Minute, 0, false},  // as nanoseconds it would overflow
		{"99999999999999999999", time.Minute, 0, false}, // as seconds too
	} {
		handler, received := flaky(tt.header, 429)
		took, err := inFakeTime(t, handler, tt.timeout, vpsapi.WithBackoff(func(int) time.Duration { return 0 }))
		if took != tt.took || (err == nil) != tt.ok {
			t.Errorf("%s: took %s, sent %d times: %v", tt.header, took, received.Load(), err)
		}
		if !tt.ok && !errors.Is(err, vpsapi.ErrRateLimited) {
			t.Errorf("%s: %v", tt.header, err)
		}
	}
}

func TestTheWaitBetweenTriesIsRandomAndBounded(t *testing.T) {
	var waits []time.Duration
	for range 20 {
		handler, _ := flaky("", 503, 503, 503, 503)
		took, err := inFakeTime(t, handler, time.Minute)
		if !errors.Is(err, vpsapi.ErrUnavailable) || took > (200+400+800)*time.Millisecond {
			t.Fatalf("took %s: %v", took, err)
		}
		waits = append(waits, took)
	}
	for _, wait := range waits {
		if wait != waits[0] {
			return
		}
	}
	t.Fatalf("20 callers waited equally long, %s", waits[0])
}

func TestAReadEndsWithItsContext(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	took, err := inFakeTime(t, hang, 3*time.Second)
	if took != 3*time.Second || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, vpsapi.ErrUnavailable) {
		t.Fatalf("took %s: %v", took, err)
	}
}

func TestAHungTryLeavesRoomForTheNext(t *testing.T) {
	var received atomic.Int64
	took, err := inFakeTime(t, func(w http.ResponseWriter, r *http.Request) {
		if received.Add(1) == 1 {
			<-r.Context().Done()
			return
		}
		_, _ = io.WriteString(w, serverJSON("12345"))
	}, time.Minute)
	if err != nil || took < vpsapi.DefaultReadTimeout || took > vpsapi.DefaultReadTimeout+time.Second {
		t.Fatalf("took %s: %v", took, err)
	}
}

func TestObserversSeeEveryCallOnce(t *testing.T) {
	var seen []vpsapi.CallInfo
	observe := vpsapi.WithObserver(func(_ context.Context, info vpsapi.CallInfo) { seen = append(seen, info) })
	last := time.Now()
	handler, _ := flaky("", 503, 503)
	_, _ = newReader(t, serve(t, handler), observe).GetServer(t.Context(), number(12345))
	_ = newWriter(t, answer(t, 503, ""), observe).DeleteServer(t.Context(), number(12345))
	_ = newWriter(t, answer(t, 404, ""), observe).DeleteServer(t.Context(), number(12345))
	_, _ = newWriter(t, answer(t, 200, "{}"), observe).RebootServer(t.Context(), number(12345))
	_ = newWriter(t, "http://127.0.0.1:1", observe).DeleteServer(t.Context(), number(12345))

	want := []vpsapi.CallInfo{
		{Operation: "get server", Method: "GET", Route: "/servers/{id}/", StatusCode: 200, Attempts: 3, Outcome: vpsapi.OutcomeOK},
		{Operation: "delete server", Method: "DELETE", Route: "/servers/{id}/", StatusCode: 503, Attempts: 1, Outcome: vpsapi.OutcomeUnknown},
		{Operation: "delete server", Method: "DELETE", Route: "/servers/{id}/", StatusCode: 404, Attempts: 1, Outcome: vpsapi.OutcomeRefused},
		{Operation: "reboot server", Method: "POST", Route: "/servers/{id}/reboot/", StatusCode: 200, Attempts: 1, Outcome: vpsapi.OutcomeUnknown},
		{Operation: "delete server", Method: "DELETE", Route: "/servers/{id}/", Outcome: vpsapi.OutcomeNotSent},
	}
	if len(seen) != len(want) {
		t.Fatalf("%+v", seen)
	}
	for i := range want {
		if seen[i].Duration <= 0 {
			t.Errorf("%d took no time", i)
		}
		if seen[i].Began.Before(last) {
			t.Errorf("%d began %s before the one before it ended", i, last.Sub(seen[i].Began))
		}
		last = seen[i].Began.Add(seen[i].Duration)
		seen[i].Began, seen[i].Duration, seen[i].Date = time.Time{}, 0, time.Time{}
		if seen[i] != want[i] {
			t.Errorf("got  %+v\nwant %+v", seen[i], want[i])
		}
	}
}

func TestObserversHearTheAPIsClock(t *testing.T) {
	const date = "Fri, 27 Nov 2026 10:00:00 GMT"
	at := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		status    int
		date, age string
		want      time.Time
	}{
		{status: 200, date: date, want: at},
		{status: 200, date: date, age: "0"}, // a cache's, which keeps the first Date
		{status: 200, date: "yesterday"},
		{status: 200},
		{status: 404, date: date},
	} {
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"] = nil
			if c.date != "" {
				w.Header().Set("Date", c.date)
			}
			if c.age != "" {
				w.Header().Set("Age", c.age)
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, `{"id": 12345, "name": "a", "status": "active"}`)
		})
		var heard time.Time
		observe := vpsapi.WithObserver(func(_ context.Context, call vpsapi.CallInfo) { heard = call.Date })
		_, err := newReader(t, serve(t, handler), observe).GetServer(t.Context(), number(12345))
		if (err == nil) != (c.status == 200) || !heard.Equal(c.want) {
			t.Errorf("%+v: %v, %v", c, heard, err)
		}
	}
}

func TestUserAgentAndBaseURLAreAsSetUp(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.UserAgent() != "vpsops/1.2" {
			t.Errorf("user agent %q", r.UserAgent())
		}
		_, _ = io.WriteString(w, serverJSON("12345"))
	})
	reader := newReader(t, url+"//", vpsapi.WithUserAgent("vpsops/1.2"))
	if _, err := reader.GetServer(t.Context(), number(12345)); err != nil || reader.BaseURL() != url {
		t.Fatalf("%s: %v", reader.BaseURL(), err)
	}
	if _, err := vpsapi.NewReader(vpsapi.Token{}, vpsapi.WithUserAgent("a\r\nb")); err == nil || strings.Contains(err.Error(), "\n") {
		t.Fatalf("%v", err)
	}
}

// Who goes away while a read waits to be tried again hears of both, and the API's failure counts.
func TestACallerMayGoAwayBetweenTries(t *testing.T) {
	for name, tt := range map[string]struct {
		fault  sandbox.Fault
		status int
		says   func(error) bool
	}{
		"after a refusal":  {sandbox.Fault{Kind: sandbox.KindStatus, Status: 503}, 503, is[*vpsapi.APIError]},
		"after no answer":  {sandbox.Fault{Kind: sandbox.KindCutBefore}, 0, is[*vpsapi.ReadError]},
		"after being slow": {sandbox.Fault{Kind: sandbox.KindStatus, Status: 429}, 429, is[*vpsapi.APIError]},
	} {
		t.Run(name, func(t *testing.T) {
			struck(t, tt.fault, func(t *testing.T, reader *vpsapi.Reader, _ *vpsapi.Writer, seen *vpsapi.CallInfo) {
				ctx, cancel := goesAway(time.Second)(t.Context())
				defer cancel()
				begin := time.Now()
				_, err := reader.GetServer(ctx, number(12345))
				if took := time.Since(begin); took != time.Second || !errors.Is(err, context.Canceled) || !tt.says(err) {
					t.Errorf("took %s: %v", took, err)
				}
				if seen.Outcome == vpsapi.OutcomeCanceled || seen.StatusCode != tt.status || seen.Attempts != 1 {
					t.Errorf("%+v", seen)
				}
			}, vpsapi.WithBackoff(func(int) time.Duration { return time.Minute / 2 }))
		})
	}
}
