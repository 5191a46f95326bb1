// Package nearest finds the word that a misspelt one was likely meant to be. It
// only suggests: nothing is ever done for a word that is merely near, though
// something may be left undone.
package nearest

import "strings"

// maxWord is how long a word may be to be looked for: longer ones are no slips,
// and would cost.
const maxWord = 64

// Word returns the one of there that is likely to be meant, or "": that of the
// fewest slips, or one that begins or goes on with the word. Of several as
// near, the first.
func Word(word string, there []string) string {
	if len(word) > maxWord {
		return ""
	}
	word = strings.ToLower(word)
	best, least := "", len(word)/3+2
	for _, t := range there {
		low := strings.ToLower(t)
		slips := Distance(word, low)
		if len(word) > 2 && (strings.Contains(low, word) || strings.Contains(word, low)) {
			slips = min(slips, 1)
		}
		if slips < least && slips < len(t) {
			best, least = t, slips
		}
	}
	return best
}

// Distance counts the bytes to insert, remove, replace or swap with their
// neighbour that make a of b (optimal string alignment).
func Distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			replaced := last[j]
			if a[i] != b[j] {
				replaced++
			}
			row[j+1] = min(replaced, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
