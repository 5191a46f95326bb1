package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"vpsops/policy/gate"
)

// addFace adds what makes a request look another way than before. The times
// that a page tells by how far they are change by themselves, and are not in
// it.
func addFace(h hash.Hash, v gate.View) {
	fmt.Fprintf(h, "%s\x00%d\x00%s\x00%s\x00%d\x00%d\x00%t\x00%s\x00", v.ID, v.Version, v.State, v.ServerStatus, len(v.Votes), len(v.Problems), v.SettledAt.IsZero(), v.Barred)
}

func faceOf(views ...gate.View) string {
	h := sha256.New()
	for _, v := range views {
		addFace(h, v)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
