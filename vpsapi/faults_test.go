package vpsapi_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// operations are the nine calls on servers, each so that the sandbox would carry it out.
var operations = []struct {
	name  string
	write bool
	call  func(ctx context.Context, r *vpsapi.Reader, w *vpsapi.Writer) error
}{
	{"list", false, func(ctx context.Context, r *vpsapi.Reader, _ *vpsapi.Writer) error {
		for _, err := range r.Servers(ctx, vpsapi.ServerFilter{}) {
			if err != nil {
				return err
			}
		}
		return nil
	}},
	{"get", false, func(ctx context.Context, r *vpsapi.Reader, _ *vpsapi.Writer) error {
		_, err := r.GetServer(ctx, number(12345))
		return err
	}},
	{"create", true, func(ctx context.Context, _ *vpsapi.Reader, w *vpsapi.Writer) error {
		_, err := w.CreateServer(ctx, vpsapi.CreateServerParams{Name: "web-02", PlanID: number(1), OSID: number(5), Location: "us-west"})
		return err
	}},
	{"replace", true, func(ctx context.Context, _ *vpsapi.Reader, w *vpsapi.Writer) error {
		_, err := w.ReplaceServer(ctx, number(12345), vpsapi.ReplaceServerParams{Name: "renamed", Hostname: "renamed.example.com"})
		return err
	}},
	{"update", true, func(ctx context.Context, _ *vpsapi.Reader, w *vpsapi.Writer) error {
		_, err := w.UpdateServer(ctx, number(12345), vpsapi.UpdateServerParams{Name: ptr("renamed")})
		return err
	}},
	{"delete", true, func(ctx context.Context, _ *vpsapi.Reader, w *vpsapi.Writer) error {
		return w.DeleteServer(ctx, number(12345))
	}},
	{"start", true, func(ctx context.Context, _ *vpsapi.Reader, w *vpsapi.Writer) error {
		_, err := w.StartServer(ctx, number(12346))
		return err
	}},
	{"stop", true, func(ctx context.Context, _ *vpsapi.Reader, w *vpsapi.Writer) error {
		_, err := w.StopServer(ctx, number(12345))
		return err
	}},
	{"reboot", true, func(ctx context.Context, _ *vpsapi.Reader, w *vpsapi.Writer) error {
		_, err := w.RebootServer(ctx, number(12345))
		return err
	}},
}

var faults = []struct {
	name     string
	fault    sandbox.Fault
	executed bool
	hangs    bool   // until the time is up
	write    string // how a write ends
	read     string // how a read ends
	reads    int    // how often a read is received
}{
	{"refused", sandbox.Fault{Kind: sandbox.KindStatus, Status: 400, Body: `{"detail": "no"}`}, false, false, "refused", "refused", 1},
	{"rate limited", sandbox.Fault{Kind: sandbox.KindStatus, Status: 429}, false, false, "refused", "refused", 4},
	{"status 500", sandbox.Fault{Kind: sandbox.KindStatus, Status: 500}, false, false, "unknown", "refused", 4},
	{"status 408", sandbox.Fault{Kind: sandbox.KindStatus, Status: 408}, false, false, "unknown", "refused", 4},
	{"status 202", sandbox.Fault{Kind: sandbox.KindStatus, Status: 202, Body: serverJSON("12345")}, false, false, "unknown", "unexpected", 1},
	{"short delay", sandbox.Fault{Kind: sandbox.KindDelay, Delay: time.Millisecond}, true, false, "done", "done", 1},
	{"long delay", sandbox.Fault{Kind: sandbox.KindDelay, Delay: time.Hour}, false, true, "unknown", "no answer", 4},
	{"cut-before", sandbox.Fault{Kind: sandbox.KindCutBefore}, false, false, "unknown", "no answer", 4},
	{"cut-after", sandbox.Fault{Kind: sandbox.KindCutAfter}, true, false, "unknown", "no answer", 4},
	{"hang-after", sandbox.Fault{Kind: sandbox.KindHangAfter}, true, true, "unknown", "no answer", 4},
	{"truncate", sandbox.Fault{Kind: sandbox.KindTruncate}, true, false, "unknown", "no answer", 4},
	{"garbage", sandbox.Fault{Kind: sandbox.KindGarbage}, true, false, "unknown", "unexpected", 1},
	{"redirect", sandbox.Fault{Kind: sandbox.KindRedirect}, false, false, "unknown", "unexpected", 1},
	{"redirect 307", sandbox.Fault{Kind: sandbox.KindRedirect, Status: http.StatusTemporaryRedirect}, false, false, "unknown", "unexpected", 1},
	{"slow-body", sandbox.Fault{Kind: sandbox.KindSlowBody, Delay: time.Hour}, true, true, "unknown", "no answer", 4},
	{"huge-body", sandbox.Fault{Kind: sandbox.KindHugeBody, Size: 20 << 20}, true, false, "unknown", "too large", 1},
}

// However the API misbehaves, a write is received once, done at most once, and its end told truly. The faults that hang do so in
// a time of their own, with the client's own time-outs.
func TestEveryFaultOnEveryOperation(t *testing.T) {
	for _, operation := range operations {
		for _, fault := range faults {
			t.Run(operation.name+"/"+fault.name, func(t *testing.T) {
				check := func(t *testing.T, api *account, opts []vpsapi.Option) {
					api.EditServer(12346, func(s *sandbox.Server) { s.Status = "stopped" })
					reader, writer := newReader(t, api.url, opts...), newWriter(t, api.url, opts...)
					api.fault(t, fault.fault)

					err := operation.call(t.Context(), reader, writer)

					want, received, executed := fault.read, fault.reads, 0
					if operation.write {
						want, received = fault.write, 1
						if fault.executed {
							executed = 1
						}
					}
					wantClass(t, err, want)
					wantLog(t, api, received, executed)
				}
				if !fault.hangs {
					check(t, newAccount(t, sandbox.Options{Servers: 2}), nil)
					return
				}
				synctest.Test(t, func(t *testing.T) {
					api := &account{sandbox.New(sandbox.Options{Servers: 2, Token: canary}), "http://localhost" + sandbox.BasePath}
					check(t, api, append(servePipes(t, api), vpsapi.WithReadTimeout(vpsapi.DefaultReadTimeout), vpsapi.WithWriteTimeout(vpsapi.DefaultWriteTimeout)))
				})
			})
		}
	}
}

func wantLog(t *testing.T, api *account, received, executed int) {
	t.Helper()
	log := api.Requests()
	for _, request := range log {
		if request.Executed {
			executed--
		}
	}
	if len(log) != received || executed != 0 {
		t.Fatalf("received %d (want %d), executed %d fewer than wanted: %+v", len(log), received, executed, log)
	}
}

// A kept connection that breaks must not make net/http repeat a read by itself beyond the four tries.
func TestReadsAreSentFourTimesAtMostOnKeptConnections(t *testing.T) {
	api := newAccount(t, sandbox.Options{})
	reader := newReader(t, api.url)
	warm(t, reader, 8)
	api.ClearRequests()
	api.fault(t, sandbox.Fault{Kind: sandbox.KindCutBefore})

	_, err := reader.GetServer(t.Context(), number(12345))

	wantClass(t, err, "no answer")
	wantLog(t, api, 4, 0)
}

// warm leaves kept connections behind.
func warm(t *testing.T, reader *vpsapi.Reader, n int) {
	t.Helper()
	done := make(chan error)
	for i := range n {
		go func() {
			_, err := reader.ServerPage(t.Context(), vpsapi.ServerFilter{}, vpsapi.PageOptions{Page: 1, PageSize: i + 1})
			done <- err
		}()
	}
	for range n {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}
