package main

import (
	"bufio"
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// letGoOfText has the kernel take back the pages of the program's own file, its
// code and constants, that are resident: most of them only because the start
// touched their neighbours. What is run or read after this comes back from the
// page cache, sixteen pages at a time. Only mappings in which no page was ever
// written to are let go of, since what was written would be lost
// (madvise(2), MADV_DONTNEED). Where the kernel doesn't tell, nothing is done.
func letGoOfText() {
	path, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, s := range untouched(maps, path) {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, s.from, s.to-s.from, unix.MADV_DONTNEED) // where it can't be, it stays
	}
}

// span is a mapping's place in memory.
type span struct{ from, to uintptr }

// untouched are the mappings of a file that cannot be written to and in which no
// page ever was, as smaps has them (proc(5)): a line that begins with the place,
// and below it lines of figures, each by its name and a colon.
func untouched(smaps []byte, path string) (found []span) {
	var of span // the mapping whose figures are being read; zero for one of something else
	lines := bufio.NewScanner(bytes.NewReader(smaps))
	for lines.Scan() {
		fields := bytes.Fields(lines.Bytes())
		switch {
		case len(fields) == 0:
		case !bytes.HasSuffix(fields[0], []byte(":")): // place, rights, offset, device, inode and, where it has one, path
			of = span{}
			if len(fields) >= 6 && string(fields[5]) == path && isReadOnly(fields[1]) {
				of = spanOf(fields[0])
			}
		case of.from < of.to && len(fields) == 3 && string(fields[0]) == "Anonymous:" && string(fields[1]) == "0":
			found = append(found, of)
		}
	}
	return found
}

// isReadOnly tells of rights such as r-xp: private, and not to be written to.
func isReadOnly(rights []byte) bool { return len(rights) == 4 && rights[1] == '-' && rights[3] == 'p' }

// spanOf reads "from-to", in hexadecimal.
func spanOf(s []byte) span {
	a, b, _ := bytes.Cut(s, []byte("-"))
	f, err1 := strconv.ParseUint(string(a), 16, 64)
	t, err2 := strconv.ParseUint(string(b), 16, 64)
	if err1 != nil || err2 != nil {
		return span{}
	}
	return span{uintptr(f), uintptr(t)}
}
