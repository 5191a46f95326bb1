package main

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// By what a caller comes with the streams that they open end, so its end is passed on.
func TestATokensEndIsItsCallers(t *testing.T) {
	const hash = "ede16693a7214a5101c3bc298267e7473ac285eae5e8c0edd2abf2d38e2da476"
	for expires, want := range map[string]time.Time{
		"":                                  {},
		", expires: 2999-01-01":             time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC),
		`, expires: "2999-01-01 18:00"`:     time.Date(2999, 1, 1, 18, 0, 0, 0, time.UTC),
		`, expires: "2999-01-01T18:00:00Z"`: time.Date(2999, 1, 1, 18, 0, 0, 0, time.UTC),
	} {
		file := filepath.Join(t.TempDir(), "policy.yaml")
		write(t, file, strings.Replace(withToken, ", scopes: [read]", ", scopes: [read]"+expires, 1))
		live, err := newLivePolicy(file, slog.New(slog.DiscardHandler), nil)
		if err != nil {
			t.Fatal(err)
		}
		caller, ok := (&core{policy: live}).findToken(hash)
		if !ok || !caller.ReadOnly || !caller.Expires.Equal(want) {
			t.Errorf("%q: %+v, %t", expires, caller, ok)
		}
	}
}
