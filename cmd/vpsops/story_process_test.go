package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// output is what a process has written so far, for readers that wait.
type output struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{} // closed at each change
	over    bool
}

func newOutput() *output { return &output{changed: make(chan struct{})} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wake()
	return o.text.Write(p)
}

func (o *output) wake() {
	close(o.changed)
	o.changed = make(chan struct{})
}

// end tells readers that nothing more will come.
func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over = true
	o.wake()
}

func (o *output) now() (text string, changed <-chan struct{}, over bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String(), o.changed, o.over
}

func (o *output) String() string {
	text, _, _ := o.now()
	return text
}

// await returns the groups of the first match, or nil where none comes.
func (o *output) await(ctx context.Context, pattern *regexp.Regexp) []string {
	for {
		text, changed, over := o.now()
		if m := pattern.FindStringSubmatch(text); m != nil || over {
			return m
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// process is a vpsops that runs beside the story.
type process struct {
	name           string
	cmd            *exec.Cmd
	stdout, stderr *output
	ended          chan struct{}
	err            error // of Wait, once ended is closed
}

// start starts a vpsops. stdin, where it is wanted, is a pipe's end.
func start(ts *testscript.TestScript, name string, stdin io.Reader, args ...string) *process {
	w := worldOf(ts)
	if old := w.processes[name]; old != nil {
		old.kill()
		old.speak(w)
	}
	path, err := exec.LookPath("vpsops")
	ts.Check(err)
	p := &process{name: name, cmd: exec.Command(path, args...), stdout: newOutput(), stderr: newOutput(), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = ts.MkAbs("."), environ(ts)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = stdin, p.stdout, p.stderr
	ts.Check(p.cmd.Start())
	w.processes[name] = p
	go func() {
		p.err = p.cmd.Wait()
		p.stdout.end()
		p.stderr.end()
		close(p.ended)
	}()
	return p
}

// tells waits for a line of the start screen, and keeps its groups in variables.
func (p *process) tells(ts *testscript.TestScript, pattern string, variables ...string) {
	ctx, cancel := patiently()
	defer cancel()
	m := p.stdout.await(ctx, regexp.MustCompile(pattern))
	if m == nil {
		ts.Fatalf("%s did not show %q:\n%s%s", p.name, pattern, p.stdout, p.stderr)
	}
	for i, name := range variables {
		ts.Setenv(name, m[i+1])
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

// speak hands what the process said to the search for secrets. The sandbox's
// own screen shows the token that it takes: it is the API's side.
func (p *process) speak(w *world) {
	if p.name != "sandbox" {
		w.heard(p.name+"'s stdout", p.stdout.String())
	}
	w.heard(p.name+"'s stderr", p.stderr.String())
	if p.name == "mcp" {
		onlyProtocol(w, p.stdout.String())
	}
}

func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	serveAs(ts, "serve", args)
}

func cmdReplica(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, -1, "replica NAME [ARG…]")
	serveAs(ts, args[0], args[1:])
}

func serveAs(ts *testscript.TestScript, name string, args []string) {
	p := start(ts, name, nil, append([]string{"serve"}, args...)...)
	p.tells(ts, `(?m)^health: +(http://([^/\s]+))/healthz`, "HEALTH", "ADMIN")
	p.tells(ts, `(?m)^(?:listens|mcp): +http://([^/\s]+:(\d+))(?:/mcp)?$`, "LISTEN", "PORT")
	p.tells(ts, `(?m)^mcp: +(\S+/mcp)$`, "MCP")
	p.tells(ts, `(?m)^page: +(\S+)/requests$`, "PAGE")
	p.tells(ts, `(?m)^sign in: +(\S+)$`, "SIGN_IN")
	p.tells(ts, `(?m)^api: +(\S+)`, "API")
}

// cmdScreen prints the start screen, which must fit one: none but the sign-in
// link is wider.
func cmdScreen(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "screen NAME")
	text := running(ts, args[0]).stdout.String()
	if n := strings.Count(text, "\n"); n > 26 {
		ts.Fatalf("%d lines:\n%s", n, text)
	}
	for line := range strings.Lines(text) {
		if len([]rune(strings.TrimSpace(line))) > 100 && !strings.HasPrefix(line, "sign in:") {
			ts.Fatalf("too wide: %s", line)
		}
	}
	show(ts, "%s", text)
}

func cmdSandbox(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	p := start(ts, "sandbox", nil, append([]string{"sandbox", "--listen", "127.0.0.1:0", "--token", canary}, args...)...)
	p.tells(ts, `(?m)^requests: \S+$`)
	p.tells(ts, `(?m)^api: +(http://([^/\s]+)/\S+)$`, "API", "API_ADDRESS")
}

func cmdEnds(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 2, "ends NAME [CODE]")
	p, code := endOf(ts, args)
	ts.Check(p.cmd.Process.Signal(syscall.SIGTERM))
	p.endsWith(ts, code)
}

// endOf is the process that is to end, and its exit code.
func endOf(ts *testscript.TestScript, args []string) (p *process, code int) {
	if len(args) == 2 {
		var err error
		code, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	return running(ts, args[0]), code
}

// endsWith waits for the process to end so, and shows its stderr.
func (p *process) endsWith(ts *testscript.TestScript, code int) {
	ctx, cancel := patiently()
	defer cancel()
	select {
	case <-p.ended:
	case <-ctx.Done():
		ts.Fatalf("%s did not end:\n%s", p.name, p.stderr)
	}
	if exit := (*exec.ExitError)(nil); code != 0 && errors.As(p.err, &exit) && exit.ExitCode() == code {
		p.err = nil
	} else if p.err != nil || code != 0 {
		ts.Fatalf("%s ended badly: %v, exit %d is wanted\n%s", p.name, p.err, code, p.stderr)
	}
	if _, err := io.WriteString(ts.Stderr(), p.stderr.String()); err != nil {
		ts.Fatalf("%v", err)
	}
}

// cmdSignals sends several while the process is stopped, so that they reach it
// together.
func cmdSignals(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 2, -1, "signals NAME SIGNAL…")
	p := running(ts, args[0]).cmd.Process
	known := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP}
	ts.Check(p.Signal(syscall.SIGSTOP))
	for _, name := range args[1:] {
		s, isKnown := known[name]
		if !isKnown {
			ts.Fatalf("%s is none of INT, TERM, HUP", name)
		}
		ts.Check(p.Signal(s))
	}
	ts.Check(p.Signal(syscall.SIGCONT))
}

func cmdGone(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 2, "gone NAME [CODE]")
	p, code := endOf(ts, args)
	p.endsWith(ts, code)
}

func cmdDies(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "dies NAME")
	running(ts, args[0]).kill()
}

func cmdHangup(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "hangup NAME")
	ts.Check(running(ts, args[0]).cmd.Process.Signal(syscall.SIGHUP))
}

func running(ts *testscript.TestScript, name string) *process {
	p := worldOf(ts).processes[name]
	if p == nil {
		ts.Fatalf("no %s was started", name)
	}
	return p
}

func cmdSays(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 2, 2, "says NAME PATTERN")
	p := running(ts, args[0])
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	ctx, cancel := patiently()
	defer cancel()
	m := p.stderr.await(ctx, pattern)
	if m == nil {
		ts.Fatalf("%s did not say %q:\n%s", p.name, args[1], p.stderr)
	}
	ts.Setenv("1", m[len(m)-1])
}

func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, -1, "exits CODE ARG…")
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec("vpsops", args[1:]...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	worldOf(ts).heard("vpsops "+strings.Join(args[1:], " "), ts.ReadFile("stdout")+ts.ReadFile("stderr"))
	if got != code {
		ts.Fatalf("exit code %d, want %d", got, code)
	}
}

// pipe is a process's standard input, as a file, so that its end is seen at
// once and no goroutine copies.
func pipe(ts *testscript.TestScript) (r, w *os.File) {
	r, w, err := os.Pipe()
	ts.Check(err)
	return r, w
}
