package main

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
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
