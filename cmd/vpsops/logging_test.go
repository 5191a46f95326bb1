package main

import (
	"bytes"
	"log"
	"log/slog"
	"strings"
	"testing"

	"vpsops/internal/config"
)

func TestALibrarysOwnLogIsOneOfOurs(t *testing.T) {
	was := slog.Default()
	defer slog.SetDefault(was)
	var logged bytes.Buffer
	p := &program{environ: config.Environ{"XDG_STATE_HOME": t.TempDir()}, stderr: &logged}
	if _, _, err := p.load(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	log.Print("it said \x1b[2J")
	if line := logged.String(); !strings.HasPrefix(line, `{"time":`) || strings.Contains(line, "\x1b") || !strings.Contains(line, "it said") {
		t.Errorf("logged %q", line)
	}
}
