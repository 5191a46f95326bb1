package listing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vpsops/internal/inert"
	"vpsops/internal/nearest"
	"vpsops/vpsapi"
)

const (
	maxCode  = 40 // runes of a location's code
	maxNamed = 10 // locations that a sentence names
)

// Nowhere says of a location that a list gave no server for, in a sentence, that
// there is no such one as far as is known, and which may be meant. It is "" for one
// that there is, and where the locations can't be read: the list is the answer then.
func Nowhere(ctx context.Context, r *vpsapi.Reader, location string, visible func(*vpsapi.Server) bool) string {
	c, err := ReadChoices(ctx, r, "", visible)
	if err != nil || slices.Contains(c.Locations, location) {
		return ""
	}
	return fmt.Sprintf("No location is known as %q.", inert.Text(location, maxCode)) + c.Meant(location)
}

// Meant says in a sentence which location may be meant by one that isn't known, or
// which there are; "" where none is.
func (c Choices) Meant(location string) string {
	if near := nearest.Word(location, c.Locations); near != "" {
		return " Did you mean " + inert.Text(near, maxCode) + "?"
	}
	if len(c.Locations) == 0 {
		return ""
	}
	var codes []string
	for _, l := range c.Locations[:min(len(c.Locations), maxNamed)] {
		codes = append(codes, inert.Text(l, maxCode))
	}
	return " There are " + strings.Join(codes, ", ") + "."
}
