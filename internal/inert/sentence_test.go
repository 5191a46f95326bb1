package inert_test

import (
	"testing"

	"vpsops/internal/inert"
)

func TestASentenceBeginsAndEndsAsOne(t *testing.T) {
	for said, want := range map[string]string{
		"": "", "...": "", "too late": "Too late.", "Done.": "Done.", "did you mean it?": "Did you mean it?", "no!": "No!", "  it\n is ": "It is.", "über alles": "Über alles.",
	} {
		if got := inert.Sentence(said, 80); got != want {
			t.Errorf("of %q it makes %q, not %q", said, got, want)
		}
	}
}
