package vpsapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/vpsapi"
)

// slowServer takes a second to answer and counts what it received.
func slowServer(received *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		received.Add(1)
		select {
		case <-time.After(time.Second):
			_, _ = io.WriteString(w, serverJSON("12345"))
		case <-r.Context().Done():
		}
	}
}

// shared runs a test with a reader of slowServer in a time of its own.
func shared(t *testing.T, handler http.Handler, test func(t *testing.T, reader *vpsapi.Reader)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		reader := newReader(t, "http://localhost", servePipes(t, handler)...)
		test(t, reader)
	})
}

func TestIdenticalReadsShareOneFlight(t *testing.T) {
	var received atomic.Int64
	shared(t, slowServer(&received), func(t *testing.T, reader *vpsapi.Reader) {
		var wg sync.WaitGroup
		get := func() {
			if _, err := reader.GetServer(t.Context(), number(12345)); err != nil {
				t.Error(err)
			}
		}
		wg.Go(get)
		synctest.Wait() // it is on its way
		for range 50 {
			wg.Go(get)
		}
		wg.Wait()
		if n := received.Load(); n != 2 { // the first, and one for all who came meanwhile
			t.Errorf("51 reads were sent %d times", n)
		}
	})
}

// An answer that was on its way before the read began may be older than what the reader's caller has just done.
func TestAReadNeverReturnsAnAnswerOlderThanItself(t *testing.T) {
	var names atomic.Value
	names.Store("old")
	handler := func(w http.ResponseWriter, _ *http.Request) {
		name := names.Load().(string)
		time.Sleep(time.Second)
		_, _ = io.WriteString(w, `{"id":12345,"name":"`+name+`"}`)
	}
	shared(t, http.HandlerFunc(handler), func(t *testing.T, reader *vpsapi.Reader) {
		go func() { _, _ = reader.GetServer(t.Context(), number(12345)) }()
		synctest.Wait()
		names.Store("new")
		server, err := reader.GetServer(t.Context(), number(12345))
		if err != nil || server.Name != "new" {
			t.Errorf("%q: %v", server.Name, err)
		}
	})
}

func TestACancelledCallerFailsNobodyElse(t *testing.T) {
	var received atomic.Int64
	shared(t, slowServer(&received), func(t *testing.T, reader *vpsapi.Reader) {
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		first := func() {
			if _, err := reader.GetServer(ctx, number(12345)); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		wg.Go(first)
		synctest.Wait()
		wg.Go(first) // opens the second flight, which the others board
		synctest.Wait()
		for range 3 {
			wg.Go(func() {
				if _, err := reader.GetServer(t.Context(), number(12345)); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		cancel()
		wg.Wait()
		if n := received.Load(); n != 2 {
			t.Errorf("sent %d times", n)
		}
	})
}

func TestAFlightWithoutCallersIsGivenUp(t *testing.T) {
	var gone chan struct{}
	handler := func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		gone <- struct{}{}
	}
	shared(t, http.HandlerFunc(handler), func(t *testing.T, reader *vpsapi.Reader) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		gone = make(chan struct{}, 8) // of the bubble, so that its time can pass meanwhile
		begin := time.Now()
		_, err := reader.GetServer(ctx, number(12345))
		<-gone
		if took := time.Since(begin); took != time.Second || !errors.Is(err, context.Canceled) {
			t.Errorf("took %s: %v", took, err)
		}
	})
}

func TestOneCallersShortDeadlineDoesNotBindTheOthers(t *testing.T) {
	var received atomic.Int64
	shared(t, slowServer(&received), func(t *testing.T, reader *vpsapi.Reader) {
		var wg sync.WaitGroup
		read := func(timeout time.Duration, ok bool) {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				if _, err := reader.GetServer(ctx, number(12345)); (err == nil) != ok {
					t.Errorf("%s: %v", timeout, err)
				}
			})
			synctest.Wait()
		}
		read(time.Minute, true)
		read(1500*time.Millisecond, false) // opens the second flight, which lands after two seconds
		read(time.Minute, true)
		wg.Wait()
	})
}

// Those who wait together wait for the one before them: what is left of the time of one of them, when they come to be read for, is
// not what the others have.
func TestOneCallersBoundDoesNotBindTheOthers(t *testing.T) {
	begin := time.Time{}
	well := func(w http.ResponseWriter, r *http.Request) {
		if time.Since(begin) < 44*time.Second {
			<-r.Context().Done()
			return
		}
		time.Sleep(100 * time.Millisecond)
		_, _ = io.WriteString(w, serverJSON("12345"))
	}
	synctest.Test(t, func(t *testing.T) {
		begin = time.Now()
		reader := newReader(t, "http://localhost", append(servePipes(t, http.HandlerFunc(well)), vpsapi.WithReadTimeout(time.Minute))...)
		var wg sync.WaitGroup
		read := func(after, took time.Duration, ok bool) {
			wg.Go(func() {
				time.Sleep(after)
				_, err := reader.GetServer(vpsapi.BoundReads(t.Context(), 45*time.Second), number(12345))
				if (err == nil) != ok || time.Since(begin) != after+took {
					t.Errorf("a read that began after %s ended after %s: %v", after, time.Since(begin), err)
				}
			})
		}
		read(0, 45*time.Second, false)
		read(10*time.Millisecond, 45*time.Second, false) // gathers for the next
		read(44900*time.Millisecond, 200*time.Millisecond, true)
		wg.Wait()
	})
}

func TestSharersGetValuesOfTheirOwn(t *testing.T) {
	handler := func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(time.Second)
		_, _ = io.WriteString(w, `{"id":12345,"backups_enabled":true,"new_field":{"a":1}}`)
	}
	shared(t, http.HandlerFunc(handler), func(t *testing.T, reader *vpsapi.Reader) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				server, err := reader.GetServer(t.Context(), number(12345))
				if err != nil || !*server.BackupsEnabled || string(server.Extra["new_field"]) != `{"a":1}` {
					t.Errorf("%+v: %v", server, err)
					return
				}
				*server.BackupsEnabled = false
				server.Extra["new_field"][1] = 'x'
			})
		}
		wg.Wait()
	})
}

// What a flight ends with belongs to each passenger, and was sent by one of them.
func TestSharersOfAnErrorGetErrorsOfTheirOwnAndCountNoSending(t *testing.T) {
	for name, tt := range map[string]struct {
		status, tries int
		body          string
	}{
		"refused":    {503, 4, `{"name":["taken"]}`},
		"unexpected": {200, 1, `{"id":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			var received atomic.Int64
			handler := func(w http.ResponseWriter, _ *http.Request) {
				received.Add(1)
				time.Sleep(time.Second)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}
			var mu sync.Mutex
			attempts, sharing := 0, 0
			synctest.Test(t, func(t *testing.T) {
				observe := vpsapi.WithObserver(func(_ context.Context, info vpsapi.CallInfo) {
					mu.Lock()
					defer mu.Unlock()
					if attempts += info.Attempts; info.Shared {
						sharing++
					}
				})
				reader := newReader(t, "http://localhost", append(servePipes(t, http.HandlerFunc(handler)), observe)...)
				var wg sync.WaitGroup
				get := func() {
					_, err := reader.GetServer(t.Context(), number(12345))
					if refused, ok := errors.AsType[*vpsapi.APIError](err); ok {
						if refused.Attempts != tt.tries || refused.Fields[0].Messages[0] != "taken" {
							t.Errorf("%+v", refused)
						}
						refused.Attempts, refused.Fields[0].Messages[0] = 0, "spoilt"
					} else if !is[*vpsapi.UnexpectedAnswerError](err) {
						t.Error(err)
					}
				}
				wg.Go(get)
				synctest.Wait()
				for range 10 {
					wg.Go(get)
				}
				wg.Wait()
			})
			if n := int(received.Load()); n != 2*tt.tries || attempts != n || sharing != 9 {
				t.Errorf("received %d, told of %d, %d shared", n, attempts, sharing)
			}
		})
	}
}

// Whether somebody else reads the same makes no other error of a read whose time as a whole is up.
func TestABoundEndsASharedReadAsItEndsAnyOther(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	shared(t, http.HandlerFunc(hang), func(t *testing.T, reader *vpsapi.Reader) {
		var wg sync.WaitGroup
		ends := func(ctx context.Context, in time.Duration, unavailable bool) {
			wg.Go(func() {
				begin := time.Now()
				_, err := reader.GetServer(ctx, number(12345))
				if took := time.Since(begin); took != in || errors.Is(err, vpsapi.ErrUnavailable) != unavailable || errors.Is(err, context.DeadlineExceeded) == unavailable {
					t.Errorf("took %s, want %s: %v", took, in, err)
				}
			})
			synctest.Wait()
		}
		bound := func(d time.Duration) context.Context { return vpsapi.BoundReads(t.Context(), d) }
		early, cancel := context.WithTimeout(bound(9*time.Second), 5*time.Second)
		defer cancel()
		ends(bound(8*time.Second), 8*time.Second, true)
		ends(bound(3*time.Second), 3*time.Second, true)   // before its flight leaves
		ends(bound(12*time.Second), 12*time.Second, true) // with it, at the flight's own deadline
		ends(bound(10*time.Second), 10*time.Second, true) // with it, before that
		ends(early, 5*time.Second, false)
		wg.Wait()
	})
}

func TestWaitingGoesOnOverASharedReadThatHangs(t *testing.T) {
	const whole = 10 * time.Second
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	shared(t, http.HandlerFunc(hang), func(t *testing.T, reader *vpsapi.Reader) {
		go func() { _, _ = reader.GetServer(vpsapi.BoundReads(t.Context(), whole), number(12345)) }()
		synctest.Wait()
		_, err := reader.WaitForStatus(vpsapi.BoundReads(t.Context(), whole/2), number(12345), vpsapi.WaitOptions{Timeout: time.Minute})
		if late, ok := errors.AsType[*vpsapi.WaitTimeoutError](err); !ok || late.Waited != time.Minute || !errors.Is(late.Err, vpsapi.ErrUnavailable) {
			t.Error(err)
		}
	})
}
