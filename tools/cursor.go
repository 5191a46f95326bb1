package tools

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// digestOf tells one set of filters from another.
func digestOf(filters ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(filters, "\x00")))
	return hex.EncodeToString(sum[:3])
}

// A cursor is where a page ends, and for which filters. It opens nothing that
// the caller could not list anyway, so it is not sealed.
func sealCursor(offset int, filters string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(offset) + "." + filters))
}

func openCursor(cursor, filters string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, faultf("cursor %s is none of this tool's: take next_cursor as it came, or leave it out", quote(cursor))
	}
	number, of, _ := strings.Cut(string(text), ".")
	offset, err := strconv.Atoi(number)
	switch {
	case err != nil || offset < 0 || offset > 1<<30:
		return 0, faultf("cursor %s is none of this tool's: take next_cursor as it came, or leave it out", quote(cursor))
	case of != filters:
		return 0, faultf("this cursor belongs to other filters: repeat the filters of the page before, or leave it out")
	}
	return offset, nil
}
