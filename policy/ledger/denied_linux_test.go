package ledger_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"vpsops/policy/ledger"
)

const nobody = 65534

// asAnother runs fn as a user whom modes keep out: root, whom none does, becomes nobody
// on one thread, which ends with fn.
func asAnother(t *testing.T, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if os.Geteuid() == 0 {
			const unchanged = ^uintptr(0)
			if _, _, err := unix.RawSyscall(unix.SYS_SETRESUID, unchanged, nobody, unchanged); err != 0 {
				t.Error(err)
				return
			}
		}
		fn()
	}()
	<-done
}

// sharedPath is a path in a folder that everybody may use.
func sharedPath(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "ledger") //nolint:usetesting // that one stands in a folder of this user's alone
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "ledger.db")
	l, err := ledger.Open(t.Context(), path, ledger.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	mustAudit(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// A file that somebody's run under sudo left behind is not gone: whoever starts vpsops
// next is told whose it is.
func TestAFileOfAnotherUsersSaysWhoseItIs(t *testing.T) {
	path := sharedPath(t)
	want := "which is root's, mode 0600; run: chown nobody "
	if os.Geteuid() != 0 {
		want = "mode 0000; run: chmod u+rwX "
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
	}
	asAnother(t, func() {
		_, opening := ledger.Open(t.Context(), path, ledger.Options{})
		looking := ledger.CheckKey(t.Context(), path, key)
		for _, err := range []error{opening, looking} {
			if got := problemOf(t, err); got != ledger.Forbidden || !strings.Contains(err.Error(), " may not read "+path) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", got, err)
			}
		}
	})
}

func TestAFileThatMayOnlyBeReadSaysSo(t *testing.T) {
	path := sharedPath(t)
	if os.Geteuid() == 0 {
		if err := os.Chown(path, nobody, -1); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	asAnother(t, func() {
		l, err := ledger.Open(t.Context(), path, ledger.Options{})
		if err != nil {
			t.Error(err)
			return
		}
		defer l.Close()
		mustHold(t, verify(t, l, ledger.VerifyOptions{}))
		if err := audit(l); problemOf(t, err) != ledger.ReadOnly || !strings.Contains(err.Error(), " may not write "+path) {
			t.Error(err)
		}
	})
}

func TestAFolderThatMayNotBeWrittenIsNoPlaceForALedger(t *testing.T) {
	folder := filepath.Dir(sharedPath(t))
	if err := os.Chmod(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	asAnother(t, func() {
		for _, name := range []string{"new.db", "new/below/ledger.db"} {
			err := ledger.CheckPlace(filepath.Join(folder, name))
			if problemOf(t, err) != ledger.ReadOnly || !strings.Contains(err.Error(), " may not write "+folder) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
