package ledger_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"vpsops/policy/ledger"
)

func TestAPlaceIsTriedWithoutLeavingAnythingThere(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ledger.db", "new/below/ledger.db", "file/ledger.db", "file/below/ledger.db"} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		trying := ledger.CheckPlace(path)
		if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
			t.Fatalf("%s: it left %v (%v)", name, left, err)
		}
		l, opening := ledger.Open(t.Context(), path, ledger.Options{})
		if (trying == nil) != (opening == nil) {
			t.Errorf("%s: it says %v, and opening says %v", name, trying, opening)
		}
		if trying != nil {
			said, ok := errors.AsType[*ledger.StoreError](trying)
			says, fails := errors.AsType[*ledger.StoreError](opening)
			if !ok || !fails || said.Problem != says.Problem {
				t.Errorf("%s: it says %v, and opening says %v", name, trying, opening)
			}
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		for _, made := range []string{"ledger.db", "ledger.db-wal", "ledger.db-shm", "new"} {
			if err := os.RemoveAll(filepath.Join(folder, made)); err != nil {
				t.Fatal(err)
			}
		}
	}
}
