package tools_test

import (
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// A person who is sent to vote under a lock votes in vain.
func TestAPendingRequestThatWouldBeDeniedNowSaysSo(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		w := newWorld(t)
		c := connect(w, nil)
		asked := c.call("reboot_server", reboot).want(t, "pending", "pending")
		console := policy.Actor{Identity: me, Front: policy.Console}
		h, err := w.gate.Desk().Hold(t.Context(), console, gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeAll, Because: "release", For: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		look := func() answered {
			return c.call("get_request", `{"request_id":"`+asked.RequestID+`"}`).want(t, "pending", "pending")
		}
		held := look()
		held.holds(t, "Not done yet: reboot web-server-01 (id 12345). What holds now says no, whoever votes: everything is frozen by me until ",
			" (release). Rule: "+h.ID+".", "cancel_request "+asked.RequestID+" takes it back")
		if strings.Contains(held.text, "must confirm") || strings.Contains(held.text, "Asking again changes nothing") {
			t.Errorf("the user is sent to vote: %s", held.text)
		}
		if _, err := w.gate.Desk().Lift(t.Context(), console, h.ID); err != nil {
			t.Fatal(err)
		}
		if after := look(); after.Message != asked.Message {
			t.Errorf("once it is lifted: %s", after.text)
		}
		w.wantWrites()
	})
}
