package ledger

import (
	"encoding/json"
	"testing"
	"time"

	"vpsops/internal/seal"
)

// A retention of a version that kept no list tells of no beginning whether it went: what
// has none in the trail stays as it was told.
func TestWithoutAListNothingIsHeldAgainstWhatHasNoBeginning(t *testing.T) {
	for name, tt := range map[string]struct {
		data   string
		faults int
		untold [3]bool // whether no row need tell of it: req_1 and req_2 of before, and req_2 of later
	}{
		"no list":           {``, 0, [3]bool{true, true, false}},
		"another thing":     {`{"more":1}`, 0, [3]bool{true, true, false}},
		"it is listed":      {`{"cut_through":["req_1"]}`, 0, [3]bool{true, false, false}},
		"another is listed": {`{"cut_through":["req_2"]}`, 1, [3]bool{false, true, true}},
		"none is":           {`{"cut_through":[]}`, 1, [3]bool{}},
	} {
		t.Run(name, func(t *testing.T) {
			key := signingKey(seal.NewKey([32]byte{1}))
			at := time.Unix(1_800_000_000, 0).UTC()
			var h head
			h.append(Event{At: at, Kind: KindAsk, RequestID: "req_1", Proof: json.RawMessage(`{"state":"pending"}`)})
			check := newVerifier(h.link, VerifyOptions{}.withDefaults(seal.NewKey([32]byte{1})))
			for _, e := range []Event{
				{At: at, Kind: "state", RequestID: "req_1", Proof: json.RawMessage(`{"state":"approved"}`)},
				{At: at, Kind: KindRetention, Detail: signAnchor(key, check.anchor, nanos(at)), Data: json.RawMessage(tt.data)},
			} {
				row := h.append(e)
				if !check.row(&row) {
					t.Fatalf("row %d does not follow", row.Seq)
				}
			}
			before, later := at.Add(-time.Hour), at.Add(time.Hour)
			for i, r := range []Request{{ID: "req_1", CreatedAt: before}, {ID: "req_2", CreatedAt: before}, {ID: "req_2", CreatedAt: later}} {
				if got := check.mayBeUntold(r); got != tt.untold[i] {
					t.Errorf("whether no row need tell of %s of %s is %t", r.ID, r.CreatedAt, got)
				}
			}
			r := check.end()
			if len(r.Faults) != tt.faults || tt.faults == 1 && (r.Faults[0].Kind != StateFault || r.Faults[0].Seq != 2) {
				t.Errorf("got %v", r.Faults)
			}
		})
	}
}
