package nearest_test

import (
	"strings"
	"testing"

	"vpsops/internal/nearest"
)

func TestWord(t *testing.T) {
	names := []string{"server", "server_id", "reason", "wait_seconds"}
	for word, want := range map[string]string{
		"serevr": "server", "SERVER": "server", "resaon": "reason", "wait": "wait_seconds", "seconds": "wait_seconds",
		"sever_id": "server_id", "confirmed": "", "x": "", "": "", strings.Repeat("server", 20): "",
	} {
		if got := nearest.Word(word, names); got != want {
			t.Errorf("%q is taken for %q, want %q", word, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"abc", "abc", 0},
		{"abc", "acb", 1},
		{"abc", "axc", 1},
		{"abc", "bc", 1},
		{"ca", "abc", 3},
		{"reboot", "reobot", 1},
		{"kitten", "sitting", 3},
	} {
		if got := nearest.Distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q is %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
