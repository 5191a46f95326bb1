//go:build unix

package main

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"golang.org/x/sys/unix"
)

var cursorPlace = regexp.MustCompile(`\x1b\[\d+;\d+R`)

// tellsCursor tells whether the terminal says where its cursor is, which it is
// asked once. What is read beside its answer was typed.
func (t *terminal) tellsCursor() (tells bool, typed string) {
	if t.asked {
		return t.answers, ""
	}
	t.asked = true
	fmt.Fprint(t.out, "\x1b[6n")
	var read []byte
	for deadline := time.Now().Add(cursorTime); t.readable(time.Until(deadline)); {
		chunk := make([]byte, 1<<10)
		n, err := t.in.Read(chunk)
		if err != nil {
			break // who reads on meets it again
		}
		read = append(read, chunk[:n]...)
		if at := cursorPlace.FindIndex(read); at != nil {
			t.answers = true
			return true, string(read[:at[0]]) + string(read[at[1]:])
		}
	}
	return false, string(read)
}

// readable waits for input, and tells whether there is any.
func (t *terminal) readable(within time.Duration) bool {
	for deadline := time.Now().Add(within); ; {
		left := max(0, time.Until(deadline))
		fds := []unix.PollFd{{Fd: int32(t.in.Fd()), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, int(left.Milliseconds()))
		if !errors.Is(err, unix.EINTR) {
			return err == nil && n > 0
		}
	}
}
