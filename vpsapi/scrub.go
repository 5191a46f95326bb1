package vpsapi

import (
	"bytes"
	"strconv"
)

// minSecret is the length below which a token is not looked for in answers: replacing "t" would spoil them all.
const minSecret = 8

// scrub takes a secret out of a text that repeats it, be it as it is or with characters escaped as in JSON: what decodes the text
// would bring it back.
func scrub(text []byte, secret string) []byte {
	if len(secret) < minSecret {
		return text
	}
	if bytes.Contains(text, []byte(secret)) {
		text = bytes.ReplaceAll(text, []byte(secret), []byte(redacted))
	}
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	return scrubEscaped(text, secret)
}

func scrubText(text, secret string) string { return string(scrub([]byte(text), secret)) }

func scrubEscaped(text []byte, secret string) []byte {
	var clean []byte
	kept := 0 // up to where the text is in clean
	for i := 0; i < len(text); {
		if n := spells(text[i:], secret); n > 0 {
			clean = append(append(clean, text[kept:i]...), redacted...)
			i += n
			kept = i
			continue
		}
		_, size := character(text[i:])
		i += size
	}
	if kept == 0 {
		return text
	}
	return append(clean, text[kept:]...)
}

// spells returns how long the beginning of text is that says secret, or 0.
func spells(text []byte, secret string) int {
	at := 0
	for i := range len(secret) {
		if at >= len(text) {
			return 0
		}
		c, size := character(text[at:])
		if c != secret[i] {
			return 0
		}
		at += size
	}
	return at
}

// character returns the first character of a text in which some may be escaped, and its length there. One that cannot stand in a
// token is 0.
func character(text []byte) (c byte, size int) {
	if text[0] != '\\' || len(text) == 1 {
		return text[0], 1
	}
	switch c := text[1]; c {
	case '"', '\\', '/':
		return c, 2
	case 'u':
		if len(text) < 6 {
			return 0, 2
		}
		if code, err := strconv.ParseUint(string(text[2:6]), 16, 16); err == nil && code < 0x80 {
			return byte(code), 6
		}
	}
	return 0, 2
}
