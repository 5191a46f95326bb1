package gate

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// digest hashes fields so that no two lists of fields give the same bytes:
// each is preceded by its length, and the whole by what it is for.
func digest(domain string, fields ...[]byte) string {
	h := sha256.New()
	for _, f := range append([][]byte{[]byte(domain)}, fields...) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(f)))
		h.Write(size[:])
		h.Write(f)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// intent identifies who asks for what, whatever the server looks like: two
// asks of one intent are one ask.
func (f *frozen) intent(person string) string {
	return digest("vpsops intent 1", []byte(f.account.Reader.BaseURL()), []byte(f.account.Fingerprint), []byte(person), mustJSON(f.op))
}

// shownDigest identifies everything that a voter sees and relies on. A process
// with another API address, account or policy gets another digest.
func shownDigest(intent, policyHash string, shown []byte, reason string) string {
	return digest("vpsops shown 1", []byte(intent), []byte(policyHash), shown, []byte(reason))
}
