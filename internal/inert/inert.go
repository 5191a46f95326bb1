// Package inert makes text from outside safe to show to a person: on a card, a
// page, a terminal, in a log line or in a tool's answer.
//
// What reaches a person through it can't move the cursor, change a colour,
// reverse the reading order, hide characters, break out of its line or flood the
// screen. It does not escape for a format (HTML, mrkdwn, a shell): whoever writes
// the format does, after this.
//
// The result is for reading. It can't be turned back into what came in, so
// never compare, store as an identity, or send it.
package inert

import (
	"math"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Unlimited is a maxRunes for text that is capped elsewhere.
const Unlimited = math.MaxInt

const ellipsis = "…"

// Text returns s with every character that doesn't show as itself written out as
// its code point, such as \u{202e} or \u{a}, and every byte that is no UTF-8 as \x{ff}: controls
// (newline and tab among them), bidi marks, zero-width and other invisible
// characters, spaces other than U+0020, private and unassigned code points, a combining
// mark without a base, and any past four on one base (the limit of UTS #39).
//
// The result holds at most maxRunes runes, the last one "…" where something
// was cut; a written-out character is kept whole or cut whole. A maxRunes below
// one gives the empty string. Text that is plain and short enough comes back
// as it is, without an allocation.
func Text(s string, maxRunes int) string {
	if maxRunes < 1 {
		return ""
	}
	if isPlain(s, maxRunes) {
		return s
	}
	w := writer{max: maxRunes, buf: make([]byte, 0, min(len(s), maxRunes)+16)}
	var prev marks
	for i, r := range s {
		if !w.add(s[i:], r, prev.shows(s[i:], r)) {
			break
		}
	}
	return string(w.buf)
}

// isPlain reports whether s shows as itself and has at most maxRunes runes.
func isPlain(s string, maxRunes int) bool {
	if len(s) <= maxRunes && isPrintableASCII(s) { // as nearly all are
		return true
	}
	var prev marks
	n := 0
	for i, r := range s {
		if n++; n > maxRunes {
			return false
		}
		if !prev.shows(s[i:], r) {
			return false
		}
	}
	return true
}

func isPrintableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// isBroken tells an invalid byte at the beginning of s, which decodes to r,
// from a well-formed U+FFFD.
func isBroken(s string, r rune) bool {
	if r != utf8.RuneError {
		return false
	}
	_, size := utf8.DecodeRuneInString(s)
	return size == 1
}

// writer collects output up to max runes.
type writer struct {
	buf []byte
	n   int // runes in buf
	cut int // length of buf up to which an ellipsis still fits
	max int
}

// add appends r, which stands at the beginning of rest, as it is or written
// out. It reports whether it fitted.
func (w *writer) add(rest string, r rune, shows bool) bool {
	start := len(w.buf)
	switch {
	case isBroken(rest, r):
		w.buf = append(w.buf, `\x{`...)
		w.buf = strconv.AppendUint(w.buf, uint64(rest[0]), 16)
		w.buf = append(w.buf, '}')
	case !shows:
		w.buf = append(w.buf, `\u{`...)
		w.buf = strconv.AppendInt(w.buf, int64(r), 16)
		w.buf = append(w.buf, '}')
	default:
		w.buf = utf8.AppendRune(w.buf, r)
	}
	w.n += utf8.RuneCount(w.buf[start:])
	if w.n > w.max {
		w.buf = append(w.buf[:w.cut], ellipsis...)
		return false
	}
	if w.n < w.max {
		w.cut = len(w.buf)
	}
	return true
}

// marksPerBase is how many combining marks one base may carry.
const marksPerBase = 4

// marks follows a string to tell an accent from a mark that would land on
// text that isn't its own, or climb over the lines above.
type marks struct {
	based bool // the rune before can carry a mark
	run   int  // marks since the base
}

// shows reports whether r, with which the rest of the string begins, shows as
// itself.
func (m *marks) shows(rest string, r rune) bool {
	if r < utf8.RuneSelf {
		m.based, m.run = r > ' ', 0
		return r >= ' ' && r < 0x7f
	}
	if isBroken(rest, r) || !hasOwnShape(r) {
		m.based = false
		return false
	}
	if !unicode.Is(unicode.Mn, r) {
		m.based, m.run = true, 0
		return true
	}
	m.run++
	return m.based && m.run <= marksPerBase
}

// hasOwnShape reports whether a non-ASCII rune leaves ink of its own.
func hasOwnShape(r rune) bool {
	switch {
	case !unicode.IsGraphic(r): // controls, format, private, surrogate, unassigned
		return false
	case unicode.In(r, unicode.Zs, unicode.Me):
		return false
	case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return false
	}
	// The blank Braille pattern and the object replacement character count as
	// graphic and show as nothing.
	return r != 0x2800 && r != 0xfffc
}
