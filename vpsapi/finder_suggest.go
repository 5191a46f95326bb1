package vpsapi

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxSuggestions = 5
	maxCompared    = 64 // bytes of a handle; a longer one is compared by its beginning
	tooFar         = 1 << 10
)

type suggestion struct {
	row      ServerRow
	distance int
}

// suggest returns the rows whose handles are nearest to ref.
func suggest(rows []ServerRow, ref string) []ServerRow {
	ref = folded(ref)
	if ref == "" {
		return nil
	}
	var near []suggestion
	for i := range rows {
		distance := tooFar
		for _, handle := range rows[i].handles() {
			distance = min(distance, distanceOf(ref, folded(handle)))
		}
		if distance == tooFar {
			continue
		}
		at, _ := slices.BinarySearchFunc(near, distance+1, func(s suggestion, d int) int { return s.distance - d })
		if at < maxSuggestions {
			near = slices.Insert(near[:min(len(near), maxSuggestions-1)], min(at, len(near)), suggestion{rows[i], distance})
		}
	}
	out := make([]ServerRow, len(near))
	for i, s := range near {
		out[i] = s.row
	}
	return out
}

// folded is a text as it is compared, what looks like ASCII as that. It is cut after lowering, which can lengthen it.
func folded(text string) string {
	text = strings.ToLower(text[:min(len(text), maxCompared)])
	if !isASCII(text) {
		text = strings.Map(asASCII, text)
	}
	return text[:min(len(text), maxCompared)]
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// asASCII is the character of ASCII that one looks like: of dashes, which keyboards and documents make of hyphens, and of full-width
// forms; else the character itself.
func asASCII(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		return r
	case unicode.Is(unicode.Pd, r), r == '\u2212': // the minus sign
		return '-'
	case r >= '\uff01' && r <= '\uff5e':
		return r - '\uff01' + '!'
	}
	return r
}

// distanceOf says how far a handle is from ref: a typo or two, or one within the other; else tooFar.
func distanceOf(ref, handle string) int {
	switch {
	case handle == "":
		return tooFar
	case ref == handle:
		return 0
	}
	allowed := min(2, (len(ref)+1)/3)
	if d := edits(ref, handle, allowed); d <= allowed {
		return d
	}
	switch {
	case len(ref) >= 2 && strings.HasPrefix(handle, ref):
		return 3
	case len(ref) >= 3 && strings.Contains(handle, ref):
		return 4
	case len(handle) >= 3 && strings.HasPrefix(ref, handle):
		return 5
	}
	return tooFar
}

// edits is the Levenshtein distance, or anything above limit where it is above that.
func edits(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	var storage [maxCompared + 1]int
	row := storage[:len(b)+1]
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal, least := row[0], i+1
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
			least = min(least, row[j+1])
		}
		if least > limit {
			return limit + 1
		}
	}
	return row[len(b)]
}
