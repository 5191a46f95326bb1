package sandbox_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/vpsapi/sandbox"
)

// visit is one request without a network, so that its waiting is in the
// bubble's time.
type visit struct {
	leave   context.CancelFunc
	rec     *httptest.ResponseRecorder
	end     chan struct{}
	aborted bool // once end is closed
}

// over says, once nothing moves any more, whether the visit has ended.
func (v *visit) over() bool {
	synctest.Wait()
	select {
	case <-v.end:
		return true
	default:
		return false
	}
}

func begin(sb *sandbox.Sandbox, method, path string) *visit {
	ctx, leave := context.WithCancel(context.Background())
	v := &visit{leave: leave, rec: httptest.NewRecorder(), end: make(chan struct{})}
	req := httptest.NewRequestWithContext(ctx, method, path, nil)
	req.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	go func() {
		defer func() {
			err, _ := recover().(error)
			v.aborted = errors.Is(err, http.ErrAbortHandler)
			close(v.end)
		}()
		sb.ServeHTTP(v.rec, req)
	}()
	return v
}

func faulty(t *testing.T, f sandbox.Fault, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	sb := sandbox.New(o)
	if err := sb.SetFaults([]sandbox.Fault{f}); err != nil {
		t.Fatal(err)
	}
	return sb
}

func TestHangAfterHangsUntilTheClientGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sb := faulty(t, sandbox.Fault{Kind: "hang-after"}, sandbox.Options{})
		v := begin(sb, "POST", stopPath)
		time.Sleep(time.Hour)
		synctest.Wait()
		if q := sb.Requests()[0]; v.over() || !q.Executed || q.Status != 0 {
			t.Errorf("over %v, logged %+v", v.over(), q)
		}
		v.leave()
		if !v.over() || !v.aborted {
			t.Error("still hanging after the client left")
		}
	})
}

func TestHangAfterCutsWhenItsDelayIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sb := faulty(t, sandbox.Fault{Kind: "hang-after", Delay: time.Minute}, sandbox.Options{})
		v := begin(sb, "POST", stopPath)
		defer v.leave()
		time.Sleep(time.Minute - 1)
		if v.over() {
			t.Error("over too early")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if q := sb.Requests()[0]; !v.over() || !v.aborted || q.Status != 0 || !q.Executed {
			t.Errorf("logged %+v", q)
		}
	})
}

func TestADelayedWriteIsCarriedOutThoughItsClientHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sb := faulty(t, sandbox.Fault{Kind: "delay", Delay: 10 * time.Second}, sandbox.Options{})
		v := begin(sb, "POST", stopPath)
		time.Sleep(time.Second)
		v.leave()
		if !v.over() || !v.aborted || sb.Requests()[0].Executed {
			t.Errorf("over %v, logged %+v", v.over(), sb.Requests()[0])
		}
		time.Sleep(9 * time.Second)
		synctest.Wait()
		sv, _ := sb.Server(12345)
		if q := sb.Requests()[0]; !q.Executed || q.Status != 0 || sv.Status != "stopping" {
			t.Errorf("logged %+v, the server is %s", q, sv.Status)
		}
	})
}

func TestLatencyIsWaitedBeforeAnythingIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sb := sandbox.New(sandbox.Options{Latency: time.Second})
		v := begin(sb, "POST", stopPath)
		defer v.leave()
		time.Sleep(time.Second - 1)
		if v.over() || sb.Requests()[0].Executed {
			t.Error("done too early")
		}
		time.Sleep(time.Nanosecond)
		if !v.over() || v.rec.Code != 200 {
			t.Errorf("over %v, %d", v.over(), v.rec.Code)
		}
	})
}
