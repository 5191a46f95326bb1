package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

var errTerminalLeftRaw = errors.New("the terminal is not as it was")

// seat is a terminal at which a person sits.
type seat struct {
	keyboard *os.File // and, to read from, the screen
	answers  bool     // it says where its cursor is
	read     int      // what "shows" has passed, in bytes
}

// cmdTerminal starts a console at a terminal of its own.
func cmdTerminal(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, -1, "terminal answers|mute|dumb [ARG…]")
	ours, theirs, err := openTerminal()
	ts.Check(err)
	path, err := exec.LookPath("vpsops")
	ts.Check(err)
	p := &process{name: "console", cmd: exec.Command(path, append([]string{"console"}, args[1:]...)...), stdout: newOutput(), stderr: newOutput(), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = ts.MkAbs("."), append(environ(ts), "TERM="+map[bool]string{true: "dumb", false: "xterm"}[args[0] == "dumb"])
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr, p.cmd.SysProcAttr = theirs, theirs, theirs, atTerminal
	before, err := modesOf(ours)
	ts.Check(err)
	ts.Check(p.cmd.Start())
	w := worldOf(ts)
	w.processes[p.name], w.seat = p, &seat{keyboard: ours, answers: args[0] == "answers"}
	var screen sync.WaitGroup
	screen.Go(func() { w.seat.show(p.stdout) })
	go func() {
		p.err = p.cmd.Wait()
		if after, _ := modesOf(ours); after != before {
			p.err = errTerminalLeftRaw
		}
		_ = theirs.Close() // now the screen ends
		screen.Wait()
		_ = ours.Close() // nobody reads it
		p.stdout.end()
		p.stderr.end()
		close(p.ended)
	}()
}

// show copies the screen, until the terminal is closed.
func (s *seat) show(to io.Writer) {
	const asked, where = "\x1b[6n", "\x1b[5;6R" // behind "vps> "
	chunk := make([]byte, 1<<12)
	var seen []byte
	for {
		n, err := s.keyboard.Read(chunk)
		if err != nil {
			return
		}
		seen = append(seen, chunk[:n]...)
		if at := bytes.Index(seen, []byte(asked)); s.answers && at >= 0 {
			_, _ = s.keyboard.WriteString(where)
			seen = seen[at+len(asked):]
		}
		_, _ = to.Write(chunk[:n])
	}
}

func cmdKeys(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "keys TEXT")
	text, err := strconv.Unquote(`"` + args[0] + `"`)
	ts.Check(err)
	_, err = worldOf(ts).seat.keyboard.WriteString(text)
	ts.Check(err)
}

func cmdShows(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 2, "shows PATTERN [VARIABLE]")
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	p, s := running(ts, "console"), worldOf(ts).seat
	ctx, cancel := patiently()
	defer cancel()
	for {
		text, changed, over := p.stdout.now()
		if m := pattern.FindStringSubmatchIndex(text[s.read:]); m != nil {
			if len(args) == 2 {
				ts.Setenv(args[1], text[s.read:][m[2]:m[3]])
			}
			s.read += m[1]
			return
		}
		if over {
			ts.Fatalf("the terminal did not show %q:\n%q", args[0], text[s.read:])
		}
		select {
		case <-changed:
		case <-ctx.Done():
			ts.Fatalf("the terminal does not show %q:\n%q", args[0], text[s.read:])
		}
	}
}

func cmdLeaves(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 0, 0, "leaves")
	running(ts, "console").endsWith(ts, 0)
}
