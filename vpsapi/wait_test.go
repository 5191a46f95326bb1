package vpsapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/vpsapi"
)

// story answers each read with the next state, and then with the last. A number is a status code.
func story(states ...any) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		state := states[min(n, len(states)-1)]
		n++
		if code, ok := state.(int); ok {
			w.WriteHeader(code)
			return
		}
		fmt.Fprintf(w, `{"id":12345,"name":"web-01","status":%q}`, state)
	}
}

// await waits for server 12345 of a story, in a time of its own.
func await(t *testing.T, handler http.Handler, opts vpsapi.WaitOptions) (server vpsapi.Server, took time.Duration, err error) {
	t.Helper()
	shared(t, handler, func(t *testing.T, reader *vpsapi.Reader) {
		begin := time.Now()
		server, err = reader.WaitForStatus(t.Context(), number(12345), opts)
		took = time.Since(begin)
	})
	return server, took, err
}

func TestWaitingEndsWhenTheServerIsThere(t *testing.T) {
	for name, tt := range map[string]struct {
		states []any
		opts   vpsapi.WaitOptions
		polls  int
		last   vpsapi.Status
	}{
		"no longer on its way":  {[]any{"provisioning", "provisioning", "active"}, vpsapi.WaitOptions{}, 3, "active"},
		"already there":         {[]any{"active"}, vpsapi.WaitOptions{}, 1, "active"},
		"an unknown status":     {[]any{"rebooting", "haunted"}, vpsapi.WaitOptions{}, 2, "haunted"},
		"one of these statuses": {[]any{"active", "stopping", "stopped"}, vpsapi.WaitOptions{Statuses: []vpsapi.Status{"stopped", "suspended"}}, 3, "stopped"},
		"as the caller says": {[]any{"active", "rebooting", "active"}, vpsapi.WaitOptions{Until: func() func(vpsapi.Server) bool {
			left := false
			return func(s vpsapi.Server) bool {
				left = left || s.Status == "rebooting"
				return left && s.Status == "active"
			}
		}()}, 3, "active"},
		"over bad moments":  {[]any{"starting", 501, 429, "active"}, vpsapi.WaitOptions{}, 2, "active"},
		"over a single 404": {[]any{"starting", 404, "starting", 404, 501, 404, "active"}, vpsapi.WaitOptions{}, 3, "active"},
	} {
		t.Run(name, func(t *testing.T) {
			var seen []vpsapi.Status
			tt.opts.Progress = func(s vpsapi.Server) { seen = append(seen, s.Status) }
			server, _, err := await(t, story(tt.states...), tt.opts)
			if err != nil || server.Status != tt.last || len(seen) != tt.polls || !slices.Contains(seen, tt.last) {
				t.Fatalf("%+v, saw %v: %v", server, seen, err)
			}
		})
	}
}

// A short reboot is told soon after it is over, and a long wait asks seldom.
func TestWaitingLooksOftenAtFirstAndSeldomLater(t *testing.T) {
	var looks []time.Duration
	shared(t, story("rebooting"), func(t *testing.T, reader *vpsapi.Reader) {
		begin := time.Now()
		_, _ = reader.WaitForStatus(t.Context(), number(12345), vpsapi.WaitOptions{
			Timeout: time.Minute, Progress: func(vpsapi.Server) { looks = append(looks, time.Since(begin)) },
		})
	})
	if len(looks) < 3 || looks[1] > 600*time.Millisecond || looks[2] > 1500*time.Millisecond || len(looks) > 13 {
		t.Fatalf("looked after %v", looks)
	}
}

// A 404 is believed when a second look agrees, a second later or more.
func TestGoneIsToldFromReached(t *testing.T) {
	server, _, err := await(t, story("stopping", 404), vpsapi.WaitOptions{})
	gone, ok := errors.AsType[*vpsapi.GoneError](err)
	if !ok || gone.Last == nil || gone.Last.Status != "stopping" || server.Status != "stopping" || !errors.Is(err, vpsapi.ErrNotFound) {
		t.Fatalf("%+v: %v", server, err)
	}
	_, took, err := await(t, story(404), vpsapi.WaitOptions{Backoff: func(int) time.Duration { return 0 }})
	if gone, ok = errors.AsType[*vpsapi.GoneError](err); !ok || gone.Last != nil || took != time.Second {
		t.Fatalf("took %s: %v", took, err)
	}
	_, _, err = await(t, story("stopping", 404), vpsapi.WaitOptions{Timeout: time.Second})
	if late, ok := errors.AsType[*vpsapi.WaitTimeoutError](err); !ok || !errors.Is(late.Err, vpsapi.ErrNotFound) {
		t.Fatalf("%v", err)
	}
}

// What lags behind a create may do so for longer than a second look waits.
func TestAServerThatWasJustMadeMayBeMissingAtFirst(t *testing.T) {
	made := vpsapi.WaitOptions{Appears: time.Minute}
	server, _, err := await(t, story(404, 404, 404, "provisioning", "active"), made)
	if err != nil || server.Status != "active" {
		t.Errorf("%+v: %v", server, err)
	}
	_, took, err := await(t, story(404), made)
	if _, ok := errors.AsType[*vpsapi.GoneError](err); !ok || took < time.Minute || took > 75*time.Second {
		t.Errorf("never made: took %s: %v", took, err)
	}
	_, took, err = await(t, story("provisioning", 404), made)
	if _, ok := errors.AsType[*vpsapi.GoneError](err); !ok || took > 5*time.Second {
		t.Errorf("seen before: took %s: %v", took, err)
	}
}

func TestWaitingIsBounded(t *testing.T) {
	server, took, err := await(t, story("provisioning"), vpsapi.WaitOptions{Timeout: time.Minute})
	late, ok := errors.AsType[*vpsapi.WaitTimeoutError](err)
	if !ok || took != time.Minute || late.Waited != time.Minute || server.Status != "provisioning" || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("took %s: %v", took, err)
	}
	_, took, err = await(t, story(503), vpsapi.WaitOptions{Timeout: time.Minute})
	if late, ok = errors.AsType[*vpsapi.WaitTimeoutError](err); !ok || late.Last != nil || !errors.Is(err, vpsapi.ErrUnavailable) || took != time.Minute {
		t.Fatalf("took %s: %v", took, err)
	}
}

func TestATimeThatIsOverIsNotWaitedFor(t *testing.T) {
	looks := 0
	_, took, err := await(t, story("provisioning"), vpsapi.WaitOptions{Timeout: -time.Second, Progress: func(vpsapi.Server) { looks++ }})
	if late, ok := errors.AsType[*vpsapi.WaitTimeoutError](err); !ok || took != 0 || late.Waited != 0 || looks != 0 {
		t.Fatalf("took %s, %d looks: %v", took, looks, err)
	}
}

func TestWaitingEndsAtOnceWhenNoLaterReadCouldGoBetter(t *testing.T) {
	_, took, err := await(t, story("starting", 401), vpsapi.WaitOptions{Backoff: func(int) time.Duration { return time.Second }})
	if !errors.Is(err, vpsapi.ErrUnauthorized) || took != time.Second {
		t.Fatalf("took %s: %v", took, err)
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := newReader(t, "http://localhost", servePipes(t, story("starting"))...)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(90*time.Second, cancel)
		server, err := reader.WaitForStatus(ctx, number(12345), vpsapi.WaitOptions{})
		if !errors.Is(err, context.Canceled) || server.Status != "starting" {
			t.Fatalf("%+v: %v", server, err)
		}
	})
}

func TestPollsGrowRarer(t *testing.T) {
	var at []time.Time
	_, _, err := await(t, story("provisioning"), vpsapi.WaitOptions{Timeout: 5 * time.Minute, Progress: func(vpsapi.Server) { at = append(at, time.Now()) }})
	if err == nil || len(at) < 28 || len(at) > 40 {
		t.Fatalf("%d polls in five minutes: %v", len(at), err)
	}
	if first, last := at[1].Sub(at[0]), at[len(at)-1].Sub(at[len(at)-2]); first > 1100*time.Millisecond || last < 10*time.Second {
		t.Fatalf("pauses from %s to %s", first, last)
	}
}
