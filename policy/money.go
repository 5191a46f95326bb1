package policy

import (
	"fmt"
	"strconv"
	"strings"
)

// String is the amount with two places where it isn't whole: 200, 12.50.
func (c Cents) String() string {
	if c%100 == 0 {
		return strconv.FormatInt(int64(c/100), 10)
	}
	return fmt.Sprintf("%d.%02d", c/100, c%100)
}

// parseCents reads an amount such as 200 or 12.50.
func parseCents(text string) (Cents, error) {
	bad := fmt.Errorf("%s is no amount: write it such as 200 or 12.50", shown(text))
	whole, part, dot := strings.Cut(text, ".")
	if dot && (len(part) == 0 || len(part) > 2) {
		return 0, bad
	}
	for len(part) < 2 {
		part += "0"
	}
	n, err := strconv.ParseUint(whole+part, 10, 50)
	if err != nil || whole == "" {
		return 0, bad
	}
	return Cents(n), nil
}
