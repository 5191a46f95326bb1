package tools

import "strings"

// nearest returns the name that s was likely meant to be, or "".
func nearest(s string, names []string) string {
	if len(s) > 40 {
		return ""
	}
	s = strings.ToLower(s)
	best, least := "", len(s)/3+2
	for _, name := range names {
		d := distance(s, name)
		if strings.Contains(name, s) || strings.Contains(s, name) {
			d = min(d, 1)
		}
		if d < least {
			best, least = name, d
		}
	}
	return best
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
