package card_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the snapshots of the cards anew")

// fataler is a test of testing's or of rapid's.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// encoded is a face as it goes to Slack, laid out for the reader.
func encoded(t fataler, f face) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(f.shown); err != nil {
		t.Fatalf("%s: %v", f.name, err)
	}
	return b.Bytes()
}

func snapshot(f face) string { return filepath.Join("testdata", f.kind+"_"+f.name+".json") }

// What everybody sees changes only where somebody means it to.
func TestEveryFaceIsAsItsSnapshot(t *testing.T) {
	known := map[string]bool{}
	for _, f := range faces() {
		file, got := snapshot(f), encoded(t, f)
		if known[file] {
			t.Errorf("%s: two faces of this name", file)
		}
		known[file] = true
		if *update {
			if err := os.WriteFile(file, got, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: it is another now (%v); look at it, and write it anew with go test ./slackbot/card -run Snapshot -update\n%s", file, err, firstDifference(got, want))
		}
	}
	files, _ := filepath.Glob("testdata/*.json")
	for _, file := range files {
		if !known[file] {
			t.Errorf("%s: no face is shown there", file)
		}
	}
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return "line " + g[i]
		}
	}
	return "it is shorter"
}
