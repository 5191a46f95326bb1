package bench

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// token is what the simulated API takes.
const token = "vps_bench"

var (
	vpsops = built("vpsops/cmd/vpsops", "vpsops")
	bare   = built("vpsops/bench/testdata/bare", "bare")
	folder string
)

// TestMain gives the binaries a folder; only what is measured is built.
func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if folder, err = os.MkdirTemp("", "vpsops-bench-*"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	return m.Run()
}

// built returns what builds a program once, as it is released, and tells its
// path.
func built(pkg, name string) func(testing.TB) string {
	build := sync.OnceValues(func() (string, error) {
		path := filepath.Join(folder, name)
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		cmd.Stderr = os.Stderr
		return path, cmd.Run()
	})
	return func(tb testing.TB) string {
		path, err := build()
		if err != nil {
			tb.Fatal(err)
		}
		return path
	}
}

// process is a program that runs beside the benchmark.
type process struct {
	*exec.Cmd
	lines map[string]string // of its start screen, by their first word
	cpu   time.Duration     // that it had taken when it was asked last
}

// environment is that of a machine where nothing is set but this.
func environment(tb testing.TB, api string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + tb.TempDir(), "VPSOPS_OPEN_BROWSER=never",
		"VPSOPS_LISTEN=127.0.0.1:0", "VPSOPS_ADMIN_LISTEN=127.0.0.1:0",
		"VPS_API_URL=" + api, "VPS_API_TOKEN=" + token,
	}
}

var screenLine = regexp.MustCompile(`^([a-z ]+): +(\S+)`)

// start runs a program until the benchmark ends, and returns when its start
// screen has shown the line that begins with until.
func start(tb testing.TB, env []string, until, path string, args ...string) *process {
	tb.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p := &process{Cmd: exec.CommandContext(ctx, path, args...), lines: map[string]string{}}
	p.Env, p.Stderr = env, os.Stderr
	p.Cancel = func() error { return p.Process.Signal(syscall.SIGTERM) }
	stdout, err := p.StdoutPipe()
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		stop()
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		stop()
		_ = p.Wait() // ended by the signal
	})
	screen := bufio.NewScanner(stdout)
	for screen.Scan() {
		if m := screenLine.FindStringSubmatch(screen.Text()); m != nil {
			p.lines[m[1]] = m[2]
		}
		if strings.HasPrefix(screen.Text(), until+":") {
			go func() { _, _ = io.Copy(io.Discard, stdout) }() // so that it is never held up
			return p
		}
	}
	tb.Fatalf("%s ended before its start screen did: %v", path, screen.Err())
	return nil
}

// simulatedAPI starts the API as a process of its own.
func simulatedAPI(tb testing.TB, args ...string) (address string) {
	args = append([]string{"sandbox", "--listen", "127.0.0.1:0", "--token", token}, args...)
	return start(tb, environment(tb, ""), "requests", vpsops(tb), args...).lines["api"]
}

func serve(tb testing.TB, api string, args ...string) *process {
	return start(tb, environment(tb, api), "health", vpsops(tb), append([]string{"serve"}, args...)...)
}

func serveBare(tb testing.TB, api string) *process {
	return start(tb, environment(tb, api), "mcp", bare(tb), "http")
}
