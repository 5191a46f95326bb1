package vpsapi

import (
	"encoding/json"
	"math"
	"strings"
)

// maxPriceLength bounds a price's text in bytes; an amount that people pay is far shorter.
const maxPriceLength = 40

// Price is an amount of the account's currency, kept as the API wrote it: a decimal, as a JSON number or a string. The zero Price
// is unknown, and so is whatever can't be read as a plain decimal: treat it as the most expensive, never as free.
type Price struct {
	text   string // a plain decimal, or "" for unknown
	number bool
}

// ParsePrice reads a plain decimal such as "5.00". It reports false, with the unknown Price, for a sign, an exponent, more than 40
// bytes or anything else.
func ParsePrice(text string) (Price, bool) {
	whole, fraction, point := strings.Cut(text, ".")
	if len(text) > maxPriceLength || !isDigits(whole) || point && !isDigits(fraction) {
		return Price{}, false
	}
	return Price{text: text}, true
}

// Known reports whether there is an amount.
func (p Price) Known() bool { return p.text != "" }

// IsZero reports whether p is the zero Price, which is unknown: not whether something costs nothing.
func (p Price) IsZero() bool { return !p.Known() }

// String returns the decimal as the API wrote it, or "unknown".
func (p Price) String() string {
	if !p.Known() {
		return "unknown"
	}
	return p.text
}

// Cents returns the amount in hundredths, rounded up, so that a sum of them never understates. It reports false for an unknown
// price and one too large for int64.
func (p Price) Cents() (int64, bool) {
	whole, fraction, _ := strings.Cut(p.text, ".")
	digits := whole + (fraction + "00")[:2]
	if !p.Known() {
		return 0, false
	}
	var cents int64
	for _, c := range []byte(digits) {
		if cents > (math.MaxInt64-10)/10 {
			return 0, false
		}
		cents = cents*10 + int64(c-'0')
	}
	if len(fraction) > 2 && strings.Trim(fraction[2:], "0") != "" {
		cents++
	}
	return cents, true
}

// MarshalJSON writes the amount in its own JSON type; an unknown price is null.
func (p Price) MarshalJSON() ([]byte, error) {
	switch {
	case !p.Known():
		return []byte("null"), nil
	case p.number && (p.text[0] != '0' || len(p.text) == 1 || p.text[1] == '.'):
		return []byte(p.text), nil
	}
	return []byte(`"` + p.text + `"`), nil
}

// UnmarshalJSON reads a JSON number or string. What isn't a plain decimal becomes the unknown Price and is no error: a plan
// with an odd price is still a plan.
func (p *Price) UnmarshalJSON(data []byte) error {
	text, number := string(data), true
	if len(data) > 0 && data[0] == '"' {
		number = false
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	*p, _ = ParsePrice(text)
	p.number = number && p.Known()
	return nil
}
