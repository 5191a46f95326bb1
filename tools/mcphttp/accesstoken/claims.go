package accesstoken

import (
	"strings"
	"time"

	// It tells "iss" from "Iss" and refuses a name that stands twice, where the
	// standard library takes either for the same.
	"github.com/go-jose/go-jose/v4/json"
	"github.com/go-jose/go-jose/v4/jwt"
)

// claims are those of a token that count here.
type claims struct {
	jwt.Claims
	Scope words `json:"scope"` // RFC 9068, 2.2.3
	Scp   words `json:"scp"`   // what some issuers write instead

	// Confirmation is the key that whoever sends the token must prove to have
	// (RFC 7800); taken without the proof, a stolen one would open.
	Confirmation json.RawMessage `json:"cnf"`
}

func parseClaims(payload []byte) (claims, error) {
	var c claims
	err := json.Unmarshal(payload, &c)
	return c, err
}

func (c *claims) expires() time.Time { return c.Expiry.Time().Add(skew) }

func (c *claims) scopes() []string { return append(c.Scope, c.Scp...) }

// words are a list, or a text of them with spaces between.
type words []string

// UnmarshalJSON takes either form.
func (w *words) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err == nil {
		*w = strings.Fields(text)
		return nil
	}
	var list []string
	err := json.Unmarshal(b, &list)
	*w = list
	return err
}
