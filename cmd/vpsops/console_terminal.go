package main

import (
	"os"
	"time"
)

// terminal is where the prompt stands: the program's own, since the line editor
// takes no other.
type terminal struct {
	in, out        *os.File
	asked, answers bool // whether it was asked where its cursor is, and says so
}

// cursorTime is how long a terminal may take to say where its cursor is.
const cursorTime = 2 * time.Second

func ownTerminal() *terminal { return &terminal{in: os.Stdin, out: os.Stdout} }

// roomBelow goes to the next line and back: below the last one the terminal makes
// another.
const roomBelow = "\x1bD\x1bD\x1bM\x1bM"
