package vpsapi

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxMessage   = 300 // characters of an error's message
	maxFieldName = 64
	maxRequestID = 128
)

// printable makes a foreign text safe to stand in a log line or on a terminal: one line, valid UTF-8, control, bidirectional and
// invisible characters written out as [U+XXXX], at most limit characters with an ellipsis where more was there. What it means on
// a page or in a chat is for those to make inert.
func printable(text string, limit int) string {
	var b strings.Builder
	written, space := 0, false
	for i, r := range text {
		piece := visible(r)
		if piece == " " && (space || written == 0) {
			continue // runs of white space, as in an HTML page, are one
		}
		size := utf8.RuneCountInString(piece)
		if written+size > limit || written+size == limit && i+utf8.RuneLen(r) < len(text) {
			return strings.TrimRight(b.String(), " ") + "…"
		}
		b.WriteString(piece)
		written, space = written+size, piece == " "
	}
	return strings.TrimRight(b.String(), " ")
}

// visible is one character as a reader can see it.
func visible(r rune) string {
	switch {
	case r == '\t' || r == '\n' || r == '\r' || unicode.Is(unicode.Zs, r):
		return " "
	case r == utf8.RuneError:
		return string(utf8.RuneError)
	case !unicode.IsGraphic(r) || looksEmpty(r):
		return fmt.Sprintf("[U+%04X]", r)
	}
	return string(r)
}

// looksEmpty knows the characters that Unicode counts as letters or marks and that show nothing.
func looksEmpty(r rune) bool {
	switch r {
	case 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0:
		return true
	}
	return r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF || r >= 0x180B && r <= 0x180F
}
