package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxSkew is how far a timestamp may be off, either way (Slack, "Verifying
// requests from Slack").
const maxSkew = 5 * time.Minute

// signature is what a request says it was signed with. It is checked here and
// not by slack-go's SecretsVerifier, which reads the system's clock, knows one
// secret, and keeps the decoded MAC to itself: the same MAC can be written in
// many ways (upper-case hex), and the memory of replays must see one.
type signature struct {
	timestamp string // as it was sent: it is part of what is signed
	mac       [sha256.Size]byte
}

// signatureOf reads the headers, and refuses what no body can make good.
func signatureOf(h http.Header, now time.Time) (s signature, err error) {
	macs, times := h.Values("X-Slack-Signature"), h.Values("X-Slack-Request-Timestamp")
	// Of two, a proxy before us may have looked at the other.
	if len(macs) != 1 || len(times) != 1 {
		return s, &refusal{http.StatusUnauthorized, NotSigned}
	}
	digits, ok := strings.CutPrefix(macs[0], "v0=")
	if !ok || len(digits) != hex.EncodedLen(len(s.mac)) {
		return s, &refusal{http.StatusUnauthorized, WrongSignature}
	}
	if _, err := hex.Decode(s.mac[:], []byte(digits)); err != nil {
		return s, &refusal{http.StatusUnauthorized, WrongSignature}
	}
	s.timestamp = times[0]
	seconds, err := strconv.ParseInt(s.timestamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > maxSkew {
		return s, &refusal{http.StatusUnauthorized, WrongTime}
	}
	return s, nil
}

// signed reports whether one of the secrets signed this body.
func (s signature) signed(secrets []string, body []byte) bool {
	for _, secret := range secrets {
		sum := hmac.New(sha256.New, []byte(secret))
		_, _ = io.WriteString(sum, "v0:"+s.timestamp+":") // a hash takes everything
		_, _ = sum.Write(body)
		if hmac.Equal(sum.Sum(nil), s.mac[:]) {
			return true
		}
	}
	return false
}
