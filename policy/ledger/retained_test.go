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
	}{
		"no list":           {``, 0},
		"another thing":     {`{"more":1}`, 0},
		"it is listed":      {`{"cut_through":["req_1"]}`, 0},
		"another is listed": {`{"cut_through":["req_2"]}`, 1},
		"none is":           {`{"cut_through":[]}`, 1},
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
			r := check.end()
			if len(r.Faults) != tt.faults || tt.faults == 1 && (r.Faults[0].Kind != StateFault || r.Faults[0].Seq != 2) {
				t.Errorf("got %v", r.Faults)
			}
		})
	}
}
