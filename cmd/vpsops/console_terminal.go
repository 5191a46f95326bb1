package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/term"
)

// terminal is where the prompt stands: the program's own, since the line editor
// takes no other.
type terminal struct {
	in, out *os.File
	before  *term.State // as it was when nothing was edited yet

	asked, answers bool // whether it was asked where its cursor is, and says so
}

// cursorTime is how long a terminal may take to say where its cursor is.
const cursorTime = 2 * time.Second

func ownTerminal() (*terminal, error) {
	before, err := term.GetState(int(os.Stdin.Fd()))
	return &terminal{in: os.Stdin, out: os.Stdout, before: before}, err
}

// giveBack leaves a line that is still being edited, and makes the terminal what
// it was.
func (t *terminal) giveBack() {
	const noPastes, cursor, plain, nothingBelow = "\x1b[?2004l", "\x1b[?25h", "\x1b[0 q", "\r\n\x1b[J"
	fmt.Fprint(t.out, noPastes+cursor+plain+nothingBelow)
	_ = term.Restore(int(t.in.Fd()), t.before) // it may be gone
}

// roomBelow goes to the next line and back: below the last one the terminal makes
// another.
const roomBelow = "\x1bD\x1bD\x1bM\x1bM"
