package ledger

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"sync"

	"vpsops/internal/seal"
)

// secretLike is what looks like a credential that this program handles: the
// vendor's API tokens, our own bearer tokens, Slack's, a bearer header, a JWT.
// It is compiled when the first text is written: most starts write none.
var secretLike = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`vps(?:ops)?_[A-Za-z0-9_-]{4,}` +
		`|x(?:ox[a-z]|app)-[A-Za-z0-9-]{4,}` +
		`|(?i:bearer)\s+[A-Za-z0-9._~+/-]{8,}=*` +
		`|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`)
})

// redactor puts a keyed hash where a secret stands: the same secret can be told
// again in the trail, and nobody without the key can try guesses.
type redactor struct{ key []byte }

// newRedactor without a key takes a random one: its hashes compare only within
// this process.
func newRedactor(key seal.Key) redactor {
	if key == (seal.Key{}) {
		random := make([]byte, sha256.Size)
		_, _ = rand.Read(random) // never fails: it would end the program
		return redactor{random}
	}
	return redactor{key.Derive("audit redaction")}
}

func (r redactor) text(s string) string {
	return secretLike().ReplaceAllStringFunc(s, func(secret string) string {
		mac := hmac.New(sha256.New, r.key)
		mac.Write([]byte(secret))
		return "[secret " + hex.EncodeToString(mac.Sum(nil)[:8]) + "]"
	})
}
