package ledger_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"vpsops/policy/ledger"
)

// FuzzVerifyExport: whatever is read, it does not panic, and what holds is what
// was written: its lines come out again as they went in.
func FuzzVerifyExport(f *testing.F) {
	l, err := ledger.Open(context.Background(), f.TempDir()+"/ledger.db", ledger.Options{Key: key, CheckpointRows: 3})
	if err != nil {
		f.Fatal(err)
	}
	defer l.Close()
	newStory(f, l, "req_1").carriedOut()
	var out bytes.Buffer
	if err := l.Export(context.Background(), &out); err != nil {
		f.Fatal(err)
	}
	whole := out.String()
	first, _, _ := strings.Cut(whole, "\n")
	for _, seed := range []string{"", "\n", "{}", "null\n", first, first + "\n" + first, whole, whole[:len(whole)/2], strings.Replace(whole, "ana", "eve", 1), strings.Repeat("[", 10000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ledger.VerifyExport(strings.NewReader(text), ledger.VerifyOptions{Keys: keys()})
		if err != nil || !r.OK() {
			return
		}
		if r.Rows != int64(len(strings.FieldsFunc(text, func(c rune) bool { return c == '\n' }))) {
			t.Errorf("%d rows hold in %q", r.Rows, text)
		}
		if !strings.HasPrefix(whole, strings.TrimSuffix(text, "\n")) && r.Rows > 0 && strings.Contains(text, `"kind":"checkpoint"`) {
			t.Errorf("a checkpoint of ours holds in a trail that isn't: %q", text)
		}
	})
}

func FuzzParseCheckpoint(f *testing.F) {
	for _, seed := range []string{"", "vpsops-checkpoint-1", "vpsops-checkpoint-1 1 " + strings.Repeat("0", 64) + " 1 " + strings.Repeat("A", 43) + " " + strings.Repeat("A", 86)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		c, err := ledger.ParseCheckpoint(line)
		if err != nil {
			return
		}
		again, err := ledger.ParseCheckpoint(c.String())
		if err != nil || again.String() != c.String() {
			t.Errorf("%q came back as %v, %v", line, again, err)
		}
	})
}

// FuzzRestore: no text becomes a ledger but a whole backup, and what fails
// leaves nothing behind.
func FuzzRestore(f *testing.F) {
	l, err := ledger.Open(context.Background(), f.TempDir()+"/ledger.db", ledger.Options{})
	if err != nil {
		f.Fatal(err)
	}
	defer l.Close()
	newStory(f, l, "req_1").ask().vote("ana")
	var out bytes.Buffer
	if _, err := l.Backup(context.Background(), &out); err != nil {
		f.Fatal(err)
	}
	whole := out.String()
	for _, seed := range []string{"", whole, whole[:len(whole)-10], strings.Replace(whole, "ana", "eve", 1), `{"format":"vpsops-ledger","version":1,"schema":4}` + "\n[]\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path := newPath(t)
		if err := ledger.Restore(t.Context(), path, strings.NewReader(text), ledger.Options{}); err == nil {
			return
		}
		if err := ledger.Restore(t.Context(), path, strings.NewReader(whole), ledger.Options{}); err != nil {
			t.Errorf("what failed left something behind: %v", err)
		}
	})
}
