package tools_test

import (
	"testing"
	"testing/synctest"
	"time"

	"vpsops/vpsapi/sandbox"
)

// How a resource stands is read before its subscription holds: who has gone in
// the meantime is not looked after.
func TestASubscriptionEndsWithItsSessionThoughItHadNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, inMemory)
		front := w.front()
		session := w.session(front)
		setFaults(t, w, sandbox.Fault{Kind: sandbox.KindDelay, Delay: 400 * time.Millisecond})
		subscribed := make(chan struct{})
		go func() {
			defer close(subscribed)
			w.post(front, "POST", []byte(`{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"vps://servers/12345"}}`), "Mcp-Session-Id", session)
		}()
		synctest.Wait()
		if ended := w.post(front, "DELETE", nil, "Mcp-Session-Id", session); ended.Code != 200 {
			t.Fatal(ended.Code, ended.Body)
		}
		<-subscribed
		time.Sleep(time.Minute)
		if reads := w.reads(); len(reads) != 1 {
			t.Errorf("the API was asked for %q", reads)
		}
	})
}
