package main

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestPagesThatOnlyTheStartNeededAreGivenBack(t *testing.T) {
	// Who looks up every function's name touches all of the table of functions.
	here := reflect.ValueOf(letGoOfText).Pointer()
	for pc := here - min(here, 64<<20); pc < here+64<<20; pc += 1 << 10 {
		if f := runtime.FuncForPC(pc); f != nil {
			_ = f.Name()
		}
	}
	before := fileKiB(t)
	letGoOfText()
	if after := fileKiB(t); after > before/2 {
		t.Errorf("%d KiB of the program's file are resident, of %d before", after, before)
	}
}

// What was written to a page is nowhere else.
func TestNoPageThatWasWrittenToIsGivenBack(t *testing.T) {
	const smaps = `00400000-013d0000 r-xp 00000000 fe:00 77 /usr/bin/vpsops
Rss:               12700 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
013d0000-02553000 r--p 00fd0000 fe:00 77 /usr/bin/vpsops
Anonymous:            40 kB
02553000-02631000 rw-p 02153000 fe:00 77 /usr/bin/vpsops
Anonymous:             0 kB
02631000-04680000 rw-p 00000000 00:00 0
Anonymous:             0 kB
7f00-7f10 r--p 00000000 fe:00 78 /usr/lib/other.so
Anonymous:             0 kB
03000000-03001000 r--s 00000000 fe:00 77 /usr/bin/vpsops
Anonymous:             0 kB
05000000-05001000 r--p 02000000 fe:00 77 /usr/bin/vpsops
Anonymous:             8 kB
06000000-06001000 r--p 00000000 00:00 0
Anonymous:             0 kB
`
	got := untouched([]byte(smaps), "/usr/bin/vpsops")
	if want := []span{{0x400000, 0x13d0000}}; !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

// fileKiB is how much of what is resident comes from files (proc(5), RssFile).
func fileKiB(t *testing.T) (kib int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssFile:")
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		t.Fatal(err)
	}
	return kib
}
