package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"

	"vpsops/policy/gate"
)

const (
	withToken = `version: 1
people: {ana: {local: [ana], tokens: [{id: reader, sha256: "ede16693a7214a5101c3bc298267e7473ac285eae5e8c0edd2abf2d38e2da476", scopes: [read]}]}}
grants: [{id: all, who: ana, actions: [list, get]}]
`
	withoutToken = `version: 1
people: {ana: {local: [ana]}}
grants: [{id: all, who: ana, actions: [list, get]}]
`
)

// followed is a policy file that is followed, and what became known of it.
type followed struct {
	*livePolicy
	t      *testing.T
	events chan fsnotify.Event
	lost   chan error
	hangup chan os.Signal
	notes  []string // in the audit trail
	counts []bool   // in the metrics
	log    bytes.Buffer
}

// following runs a test in which a file with a token in force is followed, by a
// clock that stands still while anything is done.
func following(t *testing.T, test func(f *followed)) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "policy.yaml")
	synctest.Test(t, func(t *testing.T) {
		f := &followed{t: t, events: make(chan fsnotify.Event), lost: make(chan error), hangup: make(chan os.Signal)}
		write(t, file, withToken)
		live, err := newLivePolicy(file, slog.New(slog.NewTextHandler(&f.log, nil)), nil)
		if err != nil {
			t.Fatal(err)
		}
		f.livePolicy = live
		f.note = func(detail string) { f.notes = append(f.notes, detail) }
		f.count = func(inForce bool) { f.counts = append(f.counts, inForce) }
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go f.followLoop(ctx, f.events, f.lost, f.hangup)
		f.pass(time.Minute) // what it does at the start is over
		test(f)
	})
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// pass lets time pass by the clock of the test.
func (f *followed) pass(d time.Duration) {
	f.t.Helper()
	<-time.After(d)
	synctest.Wait()
}

// busy has something happen in the file's folder so often, for so long.
func (f *followed) busy(every, long time.Duration) {
	f.t.Helper()
	for end := time.Now().Add(long); time.Now().Before(end); f.pass(every) {
		f.events <- fsnotify.Event{Name: f.file + "-wal", Op: fsnotify.Write}
	}
}

// Who was taken out of the policy must not stay in it by writing next to it, as
// each call may where the ledger or a log is there.
func TestABusyFolderDoesNotPutAChangeOff(t *testing.T) {
	for _, every := range []time.Duration{time.Millisecond, 100 * time.Millisecond, 149 * time.Millisecond, 400 * time.Millisecond} {
		t.Run(every.String(), func(t *testing.T) {
			following(t, func(f *followed) {
				write(t, f.file, withoutToken)
				f.busy(every, time.Second)
				if f.current.Load().HasTokens() {
					t.Error("the token opens a second after it was taken out")
				}
			})
		})
	}
}

// A budget that begins to count anew may be meant to go on.
func TestABudgetThatCountsAnewIsWarnedOf(t *testing.T) {
	following(t, func(f *followed) {
		for _, by := range []string{"everyone", "asker"} {
			write(t, f.file, withToken+"budgets: [{id: b, actions: [stop], max: 1, per: 1h, by: "+by+"}]\n")
			f.events <- fsnotify.Event{}
			f.pass(time.Minute)
			if warned := strings.Contains(f.log.String(), "the budget b counts anew"); warned != (by == "asker") {
				t.Errorf("by %s: the log says\n%s", by, &f.log)
			}
		}
	})
}

// A file that is never at rest is taken as it is, in time.
func TestAFileThatChangesWithoutEndIsTaken(t *testing.T) {
	following(t, func(f *followed) {
		for n := range 20 {
			write(t, f.file, withoutToken+strings.Repeat("#", n))
			f.busy(50*time.Millisecond, 50*time.Millisecond)
		}
		if f.current.Load().HasTokens() {
			t.Error("the token opens a second after it was taken out")
		}
	})
}

// An editor's first step may leave nothing, or half a policy without its guards.
func TestAFileIsTakenWhenItRests(t *testing.T) {
	for name, step := range map[string]string{"nothing": "", "fit to be used": "version: 1\n"} {
		t.Run(name, func(t *testing.T) {
			following(t, func(f *followed) {
				f.events <- fsnotify.Event{}
				f.pass(lookSoon - time.Millisecond)
				write(t, f.file, step)
				f.pass(lookSoon)
				write(t, f.file, withoutToken)
				f.pass(time.Second)
				if want := gate.PolicyInForce + f.current.Load().Hash(); !f.current.Load().HasPerson("ana") || !slices.Equal(f.notes, []string{want}) {
					t.Errorf("the trail was told %q", f.notes)
				}
			})
		})
	}
}

func TestAChangeThatNobodyTellsOfIsFound(t *testing.T) {
	following(t, func(f *followed) {
		write(t, f.file, withoutToken)
		f.pass(10 * time.Second)
		if f.current.Load().HasTokens() {
			t.Error("the token opens ten seconds after it was taken out")
		}
	})
}

// A watch that has lost events tells nothing more until somebody hears of it.
func TestAWatchThatLostEventsIsHeard(t *testing.T) {
	following(t, func(f *followed) {
		write(t, f.file, withoutToken)
		f.lost <- fsnotify.ErrEventOverflow
		f.pass(time.Second)
		if f.current.Load().HasTokens() {
			t.Error("the token opens a second after it was taken out")
		}
	})
}

// What can't be used is told once, however often it is found: the note is a row
// in the ledger, and that may be in the same folder.
func TestAFaultIsToldOnceUntilItEnds(t *testing.T) {
	following(t, func(f *followed) {
		wrong := f.file + ".wrong"
		f.refused("no such file", func() error { return os.Rename(f.file, wrong) })
		f.inForce(func() error { return os.Rename(wrong, f.file) }) // the same text
		f.refused("versjon", func() error { return os.WriteFile(f.file, []byte("versjon: 1\n"), 0o600) })
		f.refused("no such file", func() error { return os.Rename(f.file, wrong) })
		f.refused("versjon", func() error { return os.Rename(wrong, f.file) }) // and not fit by being there
		f.refused("no such file", func() error { return os.Remove(f.file) })
		f.refused("", func() error { return os.WriteFile(f.file, nil, 0o600) }) // empty is not absent
		f.inForce(func() error { return os.WriteFile(f.file, []byte(withToken), 0o600) })
	})
}

// refused changes the file, and wants that to be told once and to last.
func (f *followed) refused(why string, change func() error) {
	f.t.Helper()
	notes, log := f.after(change)
	text, fit := f.describe()
	if fit || !strings.Contains(text, why) {
		f.t.Errorf("it stands thus: %s", text)
	}
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "refused") || !strings.Contains(notes[0], why) {
		f.t.Errorf("the trail was told %q", notes)
	}
	if strings.Count(log, "level=ERROR") != 1 || f.counts[len(f.counts)-1] {
		f.t.Errorf("counted %v, logged:\n%s", f.counts, log)
	}
}

// inForce changes the file, and wants to be told once that it counts.
func (f *followed) inForce(change func() error) {
	f.t.Helper()
	notes, log := f.after(change)
	if text, fit := f.describe(); !fit {
		f.t.Errorf("it stands thus: %s", text)
	}
	if want := gate.PolicyInForce + f.current.Load().Hash(); !slices.Equal(notes, []string{want}) {
		f.t.Errorf("the trail was told %q", notes)
	}
	if strings.Count(log, "was reloaded") != 1 || len(f.counts) == 0 || !f.counts[len(f.counts)-1] {
		f.t.Errorf("counted %v, logged:\n%s", f.counts, log)
	}
}

// after changes the file in a folder where much happens, and is what was told.
func (f *followed) after(change func() error) (notes []string, log string) {
	f.t.Helper()
	f.notes = nil
	f.log.Reset()
	if err := change(); err != nil {
		f.t.Fatal(err)
	}
	for range 5 {
		f.busy(200*time.Millisecond, time.Second)
		f.pass(time.Minute)
		f.hangup <- os.Interrupt
	}
	synctest.Wait()
	return f.notes, f.log.String()
}

// A ledger that hangs keeps nobody who asks how the policy stands, nor the next
// policy; it is told of all of them, in order, when it answers again.
func TestALedgerThatHangsPutsNoPolicyOff(t *testing.T) {
	following(t, func(f *followed) {
		var told []string
		var hangs atomic.Bool
		hangs.Store(true)
		notes := newPolicyNotes(f.logger, func(ctx context.Context, detail string) error {
			if hangs.Load() {
				<-ctx.Done()
				return ctx.Err()
			}
			told = append(told, detail)
			return nil
		})
		f.note = notes.add
		write(t, f.file, withoutToken)
		f.pass(10 * time.Second)
		if text, fit := f.describe(); !fit || f.current.Load().HasTokens() {
			t.Errorf("it stands thus: %s", text)
		}
		write(t, f.file, "versjon: 1\n")
		f.pass(10 * time.Second)
		if text, fit := f.describe(); fit {
			t.Errorf("it stands thus: %s", text)
		}
		f.pass(10 * time.Minute)
		if n := strings.Count(f.log.String(), "could not be told"); n != 1 {
			t.Errorf("it is said %d times that the trail could not be told:\n%s", n, &f.log)
		}
		hangs.Store(false)
		f.pass(time.Minute)
		if len(told) != 2 || told[0] != gate.PolicyInForce+f.current.Load().Hash() || !strings.HasPrefix(told[1], "refused") {
			t.Errorf("the trail was told %q", told)
		}
		notes.end(t.Context())
	})
}

// What the trail lacks when the process ends is tried once more, and for so long.
func TestTheEndWaitsForANoteSoLong(t *testing.T) {
	for name, hangs := range map[string]bool{"that is refused": false, "that hangs": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				tries := 0
				notes := newPolicyNotes(slog.New(slog.NewTextHandler(&log, nil)), func(ctx context.Context, _ string) error {
					if tries++; hangs {
						<-ctx.Done()
					}
					return context.DeadlineExceeded
				})
				notes.add("in force: 1")
				notes.add("in force: 2")
				synctest.Wait()
				before, began := tries, time.Now()
				(&core{notes: notes, policy: &livePolicy{}}).endNotes(t.Context())
				if took := time.Since(began); took > noteEndTime || tries != before+1 {
					t.Errorf("it took %s, and %d tries", took, tries-before)
				}
				notes.add("in force: 3")
				if n := strings.Count(log.String(), "the process ends"); n != 3 {
					t.Errorf("%d are said to be lost:\n%s", n, &log)
				}
			})
		})
	}
}
