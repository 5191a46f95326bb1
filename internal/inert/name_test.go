package inert_test

import (
	"testing"

	"vpsops/internal/inert"
)

func TestNamesInASentenceAreQuotedWhereTheyAreMoreThanNames(t *testing.T) {
	for _, c := range []struct{ in, name, words string }{
		{"", "", ""},
		{"web-01.example_com", "web-01.example_com", "web-01.example_com"},
		{"Ubuntu 24.04 LTS (x64)", `"Ubuntu 24.04 LTS (x64)"`, "Ubuntu 24.04 LTS (x64)"},
		{"web. You said yes", `"web. You said yes"`, `"web. You said yes"`},
		{"web, db", `"web, db"`, `"web, db"`},
		{`a" and "b`, `"a' and 'b"`, `"a' and 'b"`},
		{"w\u0435b", "\"w\u0435b\"", "\"w\u0435b\""},
		{"a\nb", `"a\u{a}b"`, `"a\u{a}b"`},
		{"a-name-that-is-cut-off-after-22", "a-name-that-is-cut-of…", "a-name-that-is-cut-of…"},
		{"a/name:that is cut off after 22", `"a/name:that is cut of…"`, `"a/name:that is cut of…"`},
	} {
		if got := inert.Name(c.in, 22); got != c.name {
			t.Errorf("Name(%q) = %s, want %s", c.in, got, c.name)
		}
		if got := inert.Words(c.in, 22); got != c.words {
			t.Errorf("Words(%q) = %s, want %s", c.in, got, c.words)
		}
	}
}
