//go:build unix

package ledger_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vpsops/internal/leaktest"
	"vpsops/policy/ledger"
)

// problemOf is what a *StoreError says, which every fault of a store is.
func problemOf(t testing.TB, err error) ledger.Problem {
	t.Helper()
	var fault *ledger.StoreError
	if !errors.As(err, &fault) {
		t.Fatalf("%v is no *StoreError", err)
	}
	return fault.Problem
}

func openFails(t testing.TB, dsn string, o ledger.Options) ledger.Problem {
	t.Helper()
	l, err := ledger.Open(t.Context(), dsn, o)
	if err == nil {
		_ = l.Close()
		t.Fatal("it was opened")
	}
	return problemOf(t, err)
}

func audit(l ledger.Ledger) error {
	return l.Write(context.Background(), func(tx ledger.Tx) error { return tx.Audit(ledger.Event{At: epoch, Kind: "ask"}) })
}

func mustAudit(t testing.TB, l ledger.Ledger) {
	t.Helper()
	if err := audit(l); err != nil {
		t.Fatal(err)
	}
}

func TestWhatWasWrittenOutlivesTheProcess(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		first, err := ledger.Open(t.Context(), dsn, ledger.Options{})
		if err != nil {
			t.Fatal(err)
		}
		newStory(t, first, "req_1").carriedOut()
		if err := errors.Join(first.Close(), first.Close()); err != nil {
			t.Fatal(err)
		}
		if err := audit(first); problemOf(t, err) != ledger.Closed {
			t.Errorf("a closed ledger: %v", err)
		}
		second := openAt(t, dsn, ledger.Options{})
		newStory(t, second, "req_2").carriedOut()
		if r := verify(t, second, ledger.VerifyOptions{}); !r.OK() || r.Rows != 16 || r.Executions != 2 {
			t.Errorf("%+v", r)
		}
	})
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	folder := filepath.Join(t.TempDir(), "state", "vpsops")
	path := filepath.Join(folder, "ledger.db")
	mustAudit(t, openAt(t, path, ledger.Options{}))
	for name, want := range map[string]fs.FileMode{folder: 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	loose := newPath(t)
	if l, err := ledger.Open(t.Context(), loose, ledger.Options{}); err != nil || l.Close() != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(loose, 0o644); err != nil {
		t.Fatal(err)
	}
	mustAudit(t, openAt(t, loose, ledger.Options{}))
	for _, name := range []string{loose, loose + "-wal", loose + "-shm"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("a ledger that others could read: %s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestPathsWithSignsOfTheirOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?mode=memory#%41.db")
	mustAudit(t, openAt(t, path, ledger.Options{}))
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	mustAudit(t, openAt(t, link, ledger.Options{}))
}

func TestForeignFilesAreRefused(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o664); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o664); err != nil {
		t.Fatal(err)
	}
	others := filepath.Join(folder, "others.db")
	tamper(t, others, "CREATE TABLE photos (id INTEGER PRIMARY KEY)")
	for name, path := range map[string]string{
		"a folder": folder, "a pipe": pipe, "a device": os.DevNull, "a text": file("text", strings.Repeat("no database\n", 100)),
		"a short text": file("short", "secret\n"), "an archive": file("tar", "policy.yaml"+strings.Repeat("\x00", 2037)),
		"another program's database": others,
	} {
		before := lookedAt(t, folder)
		if got := openFails(t, path, ledger.Options{}); got != ledger.Foreign {
			t.Errorf("%s: %s", name, got)
		}
		if after := lookedAt(t, folder); !maps.Equal(before, after) {
			t.Errorf("%s was touched: it was\n%v\nand is\n%v", name, before, after)
		}
	}
}

// lookedAt is all that there is in a folder: names, modes, and what the files hold.
func lookedAt(t testing.TB, folder string) map[string]string {
	t.Helper()
	found := make(map[string]string)
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		var text []byte
		if info.Mode().IsRegular() {
			if text, err = os.ReadFile(filepath.Join(folder, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
		found[e.Name()] = fmt.Sprintf("%v %v %x", info.Mode(), info.ModTime(), sha256.Sum256(text))
	}
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestANetworkFileSystemIsRefused(t *testing.T) {
	path := newPath(t)
	if got := openFails(t, path, ledger.Options{}.WithNetworkFS("NFS")); got != ledger.NetworkFS {
		t.Error(got)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made there: %v", err)
	}
}

func TestASchemaOfALaterEraIsRefused(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		mustAudit(t, openAt(t, dsn, ledger.Options{}))
		tamper(t, dsn, "UPDATE vpsops_schema SET version_id = 1000 WHERE version_id = 1")
		if got := openFails(t, dsn, ledger.Options{}); got != ledger.NewerSchema {
			t.Error(got)
		}
	})
}

// TestAnOlderVersionWritesWhatANewerOneAddedTo is what a rolling upgrade hangs on:
// the replicas that are not upgraded yet go on, and one of them may start again.
func TestAnOlderVersionWritesWhatANewerOneAddedTo(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		running := openAt(t, dsn, ledger.Options{Key: key})
		mustAudit(t, running)
		for _, change := range []string{
			"CREATE TABLE newer (id TEXT PRIMARY KEY)",
			"ALTER TABLE requests ADD COLUMN newer TEXT NOT NULL DEFAULT ''",
			"ALTER TABLE votes ADD COLUMN newer BIGINT NOT NULL DEFAULT 0",
			"UPDATE vpsops_schema SET version_id = 999 WHERE version_id = 1",
		} {
			tamper(t, dsn, change)
		}
		newStory(t, running, "req_1").carriedOut()
		started := openAt(t, dsn, ledger.Options{Key: key})
		newStory(t, started, "req_2").carriedOut()
		mustHold(t, verify(t, started, ledger.VerifyOptions{}))
		// But what it does not know of it would leave out of a backup.
		_, err := started.Backup(t.Context(), io.Discard)
		if got := problemOf(t, err); got != ledger.NewerSchema {
			t.Errorf("a backup of what is not known: %s", got)
		}
	})
}

func TestManyOpenANewLedgerAtOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		const many = 8
		errs := make(chan error, many)
		for range many {
			go func() {
				l, err := ledger.Open(context.Background(), dsn, ledger.Options{})
				if err == nil {
					err = errors.Join(audit(l), l.Close())
				}
				errs <- err
			}()
		}
		for range many {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if r := verify(t, openAt(t, dsn, ledger.Options{}), ledger.VerifyOptions{}); !r.OK() || r.Rows != many {
			t.Errorf("%+v", r)
		}
	})
}

func TestAStoreThatCannotBeWrittenSaysSo(t *testing.T) {
	pragma := func(l *ledger.SQL, text string) {
		t.Helper()
		if err := l.Pragma(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(l *ledger.SQL, want ledger.Problem) {
		t.Helper()
		for what, err := range map[string]error{"a write": audit(l), "a try": l.TryWrite(t.Context())} {
			if got := problemOf(t, err); got != want {
				t.Errorf("%s: %s", what, got)
			}
		}
	}
	readable := func(l ledger.Ledger) {
		t.Helper()
		read(t, l, func(tx ledger.ReadTx) error {
			rows, err := tx.Events(0)
			if len(rows) == 0 {
				t.Error("nothing can be read")
			}
			return err
		})
	}
	t.Run("read-only", func(t *testing.T) {
		l := openAt(t, newPath(t), ledger.Options{})
		mustAudit(t, l)
		pragma(l, "query_only = 1")
		refused(l, ledger.ReadOnly)
		readable(l)
		pragma(l, "query_only = 0")
		mustAudit(t, l)
	})
	t.Run("full", func(t *testing.T) {
		l := openAt(t, newPath(t), ledger.Options{})
		mustAudit(t, l)
		pragma(l, "max_page_count = 1")
		var err error
		for range 1000 {
			err = l.Write(t.Context(), func(tx ledger.Tx) error {
				return tx.Audit(ledger.Event{At: epoch, Kind: "ask", Detail: strings.Repeat("x", 4000)})
			})
			if err != nil {
				break
			}
		}
		if got := problemOf(t, err); got != ledger.Full {
			t.Error(got)
		}
		readable(l)
		mustHold(t, verify(t, l, ledger.VerifyOptions{}))
	})
	t.Run("locked", func(t *testing.T) {
		path := newPath(t)
		l := openAt(t, path, ledger.Options{}.WithBusy(50*time.Millisecond))
		mustAudit(t, l)
		other, err := sql.Open("sqlite", path+"?_txlock=immediate")
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		tx, err := other.Begin()
		if err != nil {
			t.Fatal(err)
		}
		refused(l, ledger.Locked)
		readable(l)
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		mustAudit(t, l)
	})
	for name, replace := range map[string]bool{"gone": false, "replaced": true} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			l := openAt(t, path, ledger.Options{})
			mustAudit(t, l)
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if replace {
				if err := os.WriteFile(path, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			refused(l, ledger.Gone)
		})
	}
	t.Run("damaged", func(t *testing.T) {
		path := newPath(t)
		l := openAt(t, path, ledger.Options{})
		mustAudit(t, l)
		tamper(t, path, "UPDATE head SET hash = 'x'")
		refused(l, ledger.Damaged)
	})
}

// A try that nothing is committed of would not notice a full disk.
func TestATryIsWrittenAndChangesNothing(t *testing.T) {
	path := newPath(t)
	l := openAt(t, path, ledger.Options{Key: key})
	newStory(t, l, "req_1").ask()
	held := func() (backup string, written int64) {
		t.Helper()
		var b bytes.Buffer
		if _, err := l.Backup(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return b.String(), info.Size()
	}
	before, size := held()
	if err := l.TryWrite(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after, grown := held(); after != before || grown <= size {
		t.Errorf("of %d bytes it made %d; it held\n%s\nand holds\n%s", size, grown, before, after)
	}
}

// It must not keep who tries a new ledger from restoring into it.
func TestATriedLedgerIsAsEmptyAsBefore(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, newPath(t), ledger.Options{Key: key})
		newStory(t, l, "req_1").carriedOut()
		var backup bytes.Buffer
		if _, err := l.Backup(t.Context(), &backup); err != nil {
			t.Fatal(err)
		}
		if err := openAt(t, dsn, ledger.Options{}).TryWrite(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := ledger.Restore(t.Context(), dsn, &backup, ledger.Options{Key: key}); err != nil {
			t.Error(err)
		}
	})
}

func TestAWatcherLearnsWhatOthersWrite(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		mine, others := openAt(t, dsn, ledger.Options{}), openAt(t, dsn, ledger.Options{})
		s := newStory(t, others, "req_1").ask()
		newStory(t, others, "req_2").ask()
		changed, stop := mine.Watch("req_1")
		defer stop()
		quiet, stopQuiet := mine.Watch("req_2")
		defer stopQuiet()
		for _, change := range []func(){func() { s.vote("ana") }, func() { s.to("state", ledger.Denied) }} {
			change()
			select {
			case <-changed:
			case <-time.After(10 * time.Second):
				t.Fatal("it was not woken")
			}
		}
		select {
		case <-quiet:
			t.Error("another request's watcher was woken")
		default:
		}
	})
}

func TestAWatcherGoesOnWhenTheDatabaseHasLostWrites(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		mine, others := openAt(t, dsn, ledger.Options{}), openAt(t, dsn, ledger.Options{})
		s := newStory(t, others, "req_1").ask()
		changed, stop := mine.Watch("req_1")
		defer stop()
		for _, change := range []func(){
			func() { tamper(t, dsn, "UPDATE head SET writes = 0") },
			func() { s.vote("ana") },
		} {
			change()
			select {
			case <-changed:
			case <-time.After(10 * time.Second):
				t.Fatal("it was not woken")
			}
		}
	})
}

// Its count alone does not tell that the database lost writes: as many may have come
// since.
func TestAWatcherIsWokenOnceADatabaseThatFailedAnswersAgain(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		failed := make(chan struct{}, 1)
		l := openAt(t, dsn, ledger.Options{}.WithPoll(time.Millisecond).WithLooked(func(err error) {
			if err != nil {
				select {
				case failed <- struct{}{}:
				default:
				}
			}
		}))
		newStory(t, l, "req_1").ask()
		changed, stop := l.Watch("req_1")
		defer stop()
		for _, step := range []struct {
			change string
			seen   <-chan struct{}
		}{
			{"ALTER TABLE head RENAME TO away", failed},
			{"ALTER TABLE away RENAME TO head", changed},
		} {
			tamper(t, dsn, step.change)
			select {
			case <-step.seen:
			case <-time.After(10 * time.Second):
				t.Fatalf("after %s: nothing followed", step.change)
			}
		}
	})
}

func TestNobodyWatchesNothingRuns(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{})
		newStory(t, l, "req_1").ask()
		before := goleak.IgnoreCurrent()
		_, stop := l.Watch("req_1")
		_, stopAgain := l.Watch("req_1")
		stop()
		stop()
		stopAgain()
		leaktest.None(t, before)
		_, left := l.Watch("req_1")
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		left()
		leaktest.None(t, before)
	})
}

func TestABackupMovesBetweenStores(t *testing.T) {
	for from, fromStore := range stores {
		for to, toStore := range stores {
			t.Run(from+" to "+to, func(t *testing.T) {
				o := ledger.Options{Key: key, CheckpointRows: 7}
				l := openAt(t, fromStore(t), o)
				newStory(t, l, "req_1").carriedOut()
				s := newStory(t, l, "req_2").ask().vote("ana")
				write(t, l, func(tx ledger.Tx) error {
					return errors.Join(
						tx.Spend("token", epoch, epoch.Add(time.Hour)),
						tx.AddSession(ledger.Session{IDHash: "hash", Person: "ana", Created: epoch, Expires: epoch.Add(time.Hour)}),
						tx.AddUse(ledger.Use{Key: "deletes", RequestID: "req_1", Count: 1, At: epoch}),
						tx.AddHold(ledger.Hold{ID: "h", Kind: ledger.LockHold, Scope: ledger.ScopeAll, Because: "a\x00b", From: epoch}),
						tx.Audit(ledger.Event{At: s.at, Kind: "lock", Detail: "a\x00\u2028"}),
					)
				})
				var first, second bytes.Buffer
				if _, err := l.Backup(t.Context(), &first); err != nil {
					t.Fatal(err)
				}
				dsn := toStore(t)
				if err := ledger.Restore(t.Context(), dsn, bytes.NewReader(first.Bytes()), o); err != nil {
					t.Fatal(err)
				}
				restored := openAt(t, dsn, o)
				if _, err := restored.Backup(t.Context(), &second); err != nil {
					t.Fatal(err)
				}
				if first.String() != second.String() {
					t.Errorf("it was\n%s\nand is\n%s", first.String(), second.String())
				}
				s.l = restored
				s.vote("ben").vote("cy").to("state", ledger.Approved).to("claim", ledger.Executing)
				mustHold(t, verify(t, restored, ledger.VerifyOptions{}))
				if err := restored.Write(t.Context(), func(tx ledger.Tx) error { return tx.Spend("token", epoch, epoch) }); !errors.Is(err, ledger.ErrSpent) {
					t.Errorf("a token that was spent before: %v", err)
				}
				if got := problemOf(t, ledger.Restore(t.Context(), dsn, &first, o)); got != ledger.NotEmpty {
					t.Errorf("into a ledger that holds something: %s", got)
				}
			})
		}
	}
}

func TestABrokenBackupIsNotRestored(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, newPath(t), ledger.Options{})
		newStory(t, l, "req_1").carriedOut()
		var out bytes.Buffer
		if _, err := l.Backup(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		whole := out.String()
		lines := strings.SplitAfter(whole, "\n")
		for name, text := range map[string]string{
			"nothing":      "",
			"cut off":      strings.Join(lines[:len(lines)-3], ""),
			"a row edited": strings.Replace(whole, `"pending delete 12345"`, `"pending start 12345"`, 1),
			"a row gone":   strings.Join(append(lines[:len(lines)-4:len(lines)-4], lines[len(lines)-3:]...), ""),
			"a longer one": whole + "{}\n",
			"a table gone": strings.Replace(whole, `"table":"votes"`, `"table":"ballots"`, 1),
			"a fraction":   strings.Replace(whole, "[1,", "[1.5,", 1),
			"an export":    `{"seq":1}` + "\n",
		} {
			var broken *ledger.BackupError
			if err := ledger.Restore(t.Context(), dsn, strings.NewReader(text), ledger.Options{}); !errors.As(err, &broken) {
				t.Errorf("%s: %v", name, err)
			}
			if left, err := filepath.Glob(dsn + "*"); err != nil || len(left) > 0 {
				t.Errorf("%s: it left %v, %v", name, left, err)
			}
		}
		if err := ledger.Restore(t.Context(), dsn, strings.NewReader(whole), ledger.Options{}); err != nil {
			t.Errorf("what failed left something behind: %v", err)
		}
	})
}

func TestABackupOfATamperedTrailSaysSo(t *testing.T) {
	path := newPath(t)
	l := openAt(t, path, ledger.Options{})
	newStory(t, l, "req_1").carriedOut()
	tamper(t, path, "UPDATE audit SET person = 'eve' WHERE seq = 3")
	if _, err := l.Backup(t.Context(), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "row 3") {
		t.Error(err)
	}
}

func TestAContextThatEndsInATransactionWritesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		err := l.Write(ctx, func(tx ledger.Tx) error {
			defer cancel()
			return tx.Audit(ledger.Event{At: epoch, Kind: "ask"})
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("its answer is %v", err)
		}
		if r := verify(t, l, ledger.VerifyOptions{}); r.Rows != 0 {
			t.Errorf("%d rows", r.Rows)
		}
	})
}

// Who asks for a request must not take this for there being none.
func TestALedgerWithoutItsHeadIsDamaged(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{})
		mustAudit(t, l)
		tamper(t, dsn, "DELETE FROM head")
		_, verified := l.Verify(t.Context(), ledger.VerifyOptions{})
		for what, err := range map[string]error{"a write": audit(l), "a try": l.TryWrite(t.Context()), "verifying": verified} {
			if got := problemOf(t, err); got != ledger.Damaged || errors.Is(err, ledger.ErrNotFound) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// What isn't known counts as the strictest, and keeps nobody from reading the rest.
func TestAnEffectThatIsNotKnownIsRead(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{})
		newStory(t, l, "req_1").ask()
		tamper(t, dsn, `UPDATE requests SET rules = '[{"kind":"guard","id":"a","effect":9},{"kind":"guard","id":"b","effect":-1},{"kind":"guard","id":"c","effect":1}]'`)
		read(t, l, func(tx ledger.ReadTx) error {
			r, err := tx.Request("req_1")
			var effects []string
			for _, rule := range r.Rules {
				effects = append(effects, rule.Effect.String())
			}
			if got := strings.Join(effects, " "); got != "deny deny confirm" {
				t.Errorf("they read as %s", got)
			}
			return err
		})
	})
}
