package command

import "vpsops/internal/inert"

const maxEcho = 60 // runes of a wrong word that are shown

// quoted shows a word as it was typed, so that nothing hides in it.
func quoted(word string) string { return `"` + inert.Text(word, maxEcho) + `"` }
