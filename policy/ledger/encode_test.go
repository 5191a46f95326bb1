package ledger

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"vpsops/policy"
)

// FuzzEncoding: two rows give the same bytes only if they are the same, though
// texts move between fields.
func FuzzEncoding(f *testing.F) {
	f.Add("ask", "req_1", "ana", "detail", "ask", "req_1", "ana", "detail")
	f.Add("a", "", "b", "", "", "a", "", "b")
	f.Add("\x00\x00\x00\x00\x00\x00\x00\x01a", "", "", "", "", "a", "", "")
	f.Fuzz(func(t *testing.T, kind1, id1, person1, detail1, kind2, id2, person2, detail2 string) {
		encoded := func(kind, id, person, detail string) string {
			e := Event{Seq: 1, Kind: kind, RequestID: id, Person: person, Identity: policy.Identity{ID: person}, Detail: detail, Data: json.RawMessage(detail)}
			var b encoder
			e.encode(&b, hash{})
			return string(b)
		}
		same := kind1 == kind2 && id1 == id2 && person1 == person2 && detail1 == detail2
		if got := encoded(kind1, id1, person1, detail1) == encoded(kind2, id2, person2, detail2); got != same {
			t.Errorf("they encode alike: %t", got)
		}
	})
}

// FuzzText: every text comes back from a database as it went in, through one
// that every database takes.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "plain", "\x00", "\xff\xfe", quoted, quoted + `"\x00"`, "\u202e\U0001F600"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		stored := toText(s)
		for _, r := range stored {
			if r == 0 {
				t.Errorf("%q holds a NUL", stored)
			}
		}
		if got, err := fromText(stored); err != nil || got != s {
			t.Errorf("%q came back as %q, %v", s, got, err)
		}
	})
}

func TestTimesComeBack(t *testing.T) {
	for _, tt := range []time.Time{{}, time.Unix(0, 1), time.Unix(0, -1), time.Date(2026, 11, 24, 10, 0, 0, 123456789, time.FixedZone("", 3600))} {
		if got := fromNanos(nanos(tt)); !got.Equal(tt) {
			t.Errorf("%s came back as %s", tt, got)
		}
	}
	for year, want := range map[int]int64{1: math.MinInt64, 1500: math.MinInt64, 9999: math.MaxInt64} {
		if got := nanos(time.Date(year, 2, 3, 0, 0, 0, 0, time.UTC)); got != want {
			t.Errorf("the year %d is kept as %d", year, got)
		}
	}
}
