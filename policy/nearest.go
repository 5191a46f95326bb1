package policy

import (
	"slices"
	"strings"
)

// maxNear is how long a word may be, in bytes, to be near another.
const maxNear = 64

// nearest returns the word of there that is likely to be meant, or "". Of two
// as near, the first in the alphabet.
func nearest(word string, there []string) string {
	if len(word) > maxNear {
		return ""
	}
	best, at := "", len(word)/3+2
	for _, t := range slices.Sorted(slices.Values(there)) {
		if d := distance(strings.ToLower(word), strings.ToLower(t), at); d < at && d < len(t) {
			best, at = t, d
		}
	}
	return best
}

// slipOf returns the word of there that another is but a slip of, or "": of whichever
// are as short as ids, many are near each other as [nearest] sees it.
func slipOf(word string, there []string) string {
	best, at := "", min(2, len(word)/3)+1
	for _, t := range there {
		if d := distance(strings.ToLower(word), strings.ToLower(t), at); d < at {
			best, at = t, d
		}
	}
	return best
}

// distance counts the letters to insert, remove, replace or swap with their
// neighbour that make a of b, up to a limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit || len(b) > 2*maxNear {
		return limit
	}
	var rows [3][2*maxNear + 1]int
	before, last, row := rows[0][:len(b)+1], rows[1][:len(b)+1], rows[2][:len(b)+1]
	for j := range last {
		last[j] = j
	}
	least := 0 // in the last row
	for i := range len(a) {
		row[0] = i + 1
		here := row[0]
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
			here = min(here, row[j+1])
		}
		if min(least, here) >= limit { // a swap comes from the row before the last
			return limit
		}
		before, last, row, least = last, row, before, here
	}
	return min(last[len(b)], limit)
}
