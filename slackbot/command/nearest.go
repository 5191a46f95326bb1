package command

import (
	"strings"

	"vpsops/internal/inert"
)

const maxEcho = 60 // runes of a wrong word that are shown

// quoted shows a word as it was typed, so that nothing hides in it.
func quoted(word string) string { return `"` + inert.Text(word, maxEcho) + `"` }

// nearest returns the valid word that is likely to be meant, or "". Of two as
// near, the first.
func nearest(word string, valid []string) string {
	if len(word) > 40 {
		return ""
	}
	word = strings.ToLower(word)
	best, least := "", len(word)/3+2
	for _, v := range valid {
		d := distance(word, strings.ToLower(v))
		if len(word) > 2 && strings.HasPrefix(strings.ToLower(v), word) {
			d = min(d, 1)
		}
		if d < least && d < len(v) {
			best, least = v, d
		}
	}
	return best
}

// distance counts the bytes to insert, remove, replace or swap with their
// neighbour that make a of b (optimal string alignment).
func distance(a, b string) int {
	above, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			replaced := row[j]
			if a[i] != b[j] {
				replaced++
			}
			next[j+1] = min(row[j+1]+1, next[j]+1, replaced)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], above[j-1]+1)
			}
		}
		above, row = row, next
	}
	return row[len(b)]
}
