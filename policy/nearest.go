package policy

import (
	"slices"
	"strings"
)

// nearest returns the word of there that is likely to be meant, or "". Of two
// as near, the first in the alphabet.
func nearest(word string, there []string) string {
	if len(word) > 64 {
		return ""
	}
	best, at := "", len(word)/3+2
	for _, t := range slices.Sorted(slices.Values(there)) {
		if d := distance(strings.ToLower(word), strings.ToLower(t)); d < at && d < len(t) {
			best, at = t, d
		}
	}
	return best
}

// distance counts the letters to insert, remove, replace or swap with their
// neighbour that make a of b.
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			row[j+1] = min(last[j+1], row[j]) + 1
			replace := 1
			if a[i] == b[j] {
				replace = 0
			}
			row[j+1] = min(row[j+1], last[j]+replace)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
