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
	var from, to uintptr // of the mapping whose figures are being read
	lines := bufio.NewScanner(bytes.NewReader(maps))
	for lines.Scan() {
		fields := bytes.Fields(lines.Bytes())
		switch {
		case len(fields) >= 6 && !bytes.HasSuffix(fields[0], []byte(":")): // address perms offset dev inode path
			from, to = 0, 0
			if string(fields[5]) == path && len(fields[1]) == 4 && fields[1][1] == '-' && fields[1][3] == 'p' {
				from, to = span(fields[0])
			}
		case from < to && len(fields) == 3 && string(fields[0]) == "Anonymous:" && string(fields[1]) == "0":
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED)
		}
	}
}

// span reads "from-to", in hexadecimal (proc(5), smaps).
func span(s []byte) (from, to uintptr) {
	a, b, _ := bytes.Cut(s, []byte("-"))
	f, err1 := strconv.ParseUint(string(a), 16, 64)
	t, err2 := strconv.ParseUint(string(b), 16, 64)
	if err1 != nil || err2 != nil {
		return 0, 0
	}
	return uintptr(f), uintptr(t)
}
