package vpsapi

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// What has ended early holds nothing: neither its place nor a child of a context that lives on.
func TestTimeoutsForgetWhatHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all timeouts
		cause := errors.New("time is up")
		type one struct {
			ctx    context.Context
			cancel context.CancelFunc
		}
		var begun []one
		for i := range 5 {
			ctx, cancel := all.withTimeout(t.Context(), time.Duration(i+1)*time.Second, cause)
			begun = append(begun, one{ctx, cancel})
		}
		for _, early := range []int{0, 4, 2} {
			begun[early].cancel()
			begun[early].cancel()
			if err := begun[early].ctx.Err(); err != context.Canceled {
				t.Errorf("the context of %d: %v", early, err)
			}
		}
		if len(all.pending) != 2 {
			t.Errorf("%d are pending, want 2", len(all.pending))
		}
		begin := time.Now()
		for _, late := range []int{1, 3} {
			<-begun[late].ctx.Done()
			if took := time.Since(begin); took != time.Duration(late+1)*time.Second || context.Cause(begun[late].ctx) != cause {
				t.Errorf("%d ended after %s: %v", late, took, context.Cause(begun[late].ctx))
			}
		}
		if len(all.pending) != 0 {
			t.Errorf("%d are pending, want none", len(all.pending))
		}
	})
}

// A read that has been answered leaves nothing behind.
func TestReadsLeaveNoTimeoutBehind(t *testing.T) {
	c, err := newClient(NewToken("vps_0123456789"), read, nil)
	if err != nil {
		t.Fatal(err)
	}
	var tries []context.Context
	try := c.timedTry(func(ctx context.Context, _ *call) (*answer, error) {
		tries = append(tries, ctx)
		return &answer{}, nil
	})
	for range 3 {
		if _, err := try(t.Context(), &call{op: opGetServer}); err != nil {
			t.Fatal(err)
		}
	}
	for _, ctx := range tries {
		if ctx.Err() == nil {
			t.Error("the context of a try goes on")
		}
	}
	if len(c.tries.pending) != 0 {
		t.Errorf("%d are pending", len(c.tries.pending))
	}
}
