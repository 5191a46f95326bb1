package webhook

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"
	"time"
)

// Through the front door this would take a hundred thousand deliveries.
func TestAFullMemoryForgetsTheOldestAndNoMore(t *testing.T) {
	r, now := newReplays(), time.Now()
	mac := func(n uint64) (m [sha256.Size]byte) {
		binary.BigEndian.PutUint64(m[:], n)
		return m
	}
	for n := range uint64(2 * maxReplays) {
		if !r.add(mac(n), now) {
			t.Fatalf("%d is no replay", n)
		}
	}
	if r.add(mac(maxReplays), now) {
		t.Error("one of the last 65,536 is forgotten")
	}
	if size := len(r.young) + len(r.old); size > 2*maxReplays {
		t.Errorf("%d are kept", size)
	}
}
