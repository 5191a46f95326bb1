package main

import (
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// The exit code says what the text says, also of rows that a replica of a version
// before wrote: it took a server that is gone for one that had arrived.
func TestWhatTheConsoleTakesForDone(t *testing.T) {
	now := time.Now()
	for name, tt := range map[string]struct {
		row  ledger.Request
		done bool
	}{
		"arrived":                   {ledger.Request{State: ledger.Succeeded, Action: policy.Start, ServerStatus: "active", SettledAt: now}, true},
		"deleted":                   {ledger.Request{State: ledger.Succeeded, Action: policy.Delete, SettledAt: now}, true},
		"on its way":                {ledger.Request{State: ledger.Succeeded, Action: policy.Start, ServerStatus: "starting"}, false},
		"gone":                      {ledger.Request{State: ledger.Succeeded, Action: policy.Start, ServerStatus: "gone"}, false},
		"gone, taken for arrived":   {ledger.Request{State: ledger.Succeeded, Action: policy.Start, ServerStatus: "gone", SettledAt: now}, false},
		"left pending":              {ledger.Request{State: ledger.Pending, Action: policy.Start}, false},
		"approved":                  {ledger.Request{State: ledger.Approved, Action: policy.Start}, false},
		"being carried out":         {ledger.Request{State: ledger.Executing, Action: policy.Start}, false},
		"refused by the API":        {ledger.Request{State: ledger.Failed, Action: policy.Start}, false},
		"whether done is not known": {ledger.Request{State: ledger.Unknown, Action: policy.Start}, false},
		"declined":                  {ledger.Request{State: ledger.Denied, Action: policy.Start}, false},
		"expired":                   {ledger.Request{State: ledger.Expired, Action: policy.Start}, false},
	} {
		tt.row.Operation, tt.row.Shown = []byte("{}"), []byte("{}")
		v, err := gate.ViewOf(tt.row)
		if err != nil || done(v) != tt.done {
			t.Errorf("%s: done %t, %v", name, done(v), err)
		}
	}
}
