package bench

import (
	"bufio"
	"bytes"
	"flag"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkStdioStart is from the start of a process to its answer to
// tools/list, the program's and the bare server's in turns.
func BenchmarkStdioStart(b *testing.B) {
	for _, e := range eras {
		b.Run("era="+e.name, func(b *testing.B) {
			env := environment(b, "http://127.0.0.1:1/api/v1") // nothing of it is needed to list tools
			startsInTurns(b, e, env, "bare", bare(b), "stdio")
		})
	}
}

var peer = flag.String("peer", "", "the command line of another MCP server, whose start BenchmarkPeerStart measures; it gets this environment")

// BenchmarkPeerStart is the same beside another vendor's server.
func BenchmarkPeerStart(b *testing.B) {
	if words := strings.Fields(*peer); len(words) > 0 {
		env := append(os.Environ(), environment(b, "http://127.0.0.1:1/api/v1")...)
		startsInTurns(b, eras[0], env, "peer", words[0], words[1:]...)
	}
}

// startsInTurns starts the program and another server in turns, and reports what
// half of the times of each stay under.
func startsInTurns(b *testing.B, e era, env []string, name, path string, args ...string) {
	listTools(b, e, env, vpsops(b), "mcp") // makes the key, as a first start does
	listTools(b, e, env, path, args...)
	var program, other []time.Duration
	for b.Loop() {
		program = append(program, listTools(b, e, env, vpsops(b), "mcp"))
		other = append(other, listTools(b, e, env, path, args...))
	}
	b.ReportMetric(milliseconds(median(program)), "ms")
	b.ReportMetric(milliseconds(median(other)), name+"-ms")
	b.ReportMetric(median(program).Seconds()/median(other).Seconds(), "ratio")
	b.ReportMetric(0, "ns/op")
}

// listTools starts a server over stdio and ends it when it has listed its
// tools.
func listTools(tb testing.TB, e era, env []string, path string, args ...string) time.Duration {
	cmd := exec.Command(path, args...)
	cmd.Env, cmd.Stderr = env, os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	answers := bufio.NewReader(stdout)
	if e.old {
		ask(tb, stdin, answers, hello, `"serverInfo"`)
		if _, err := io.WriteString(stdin, helloEnd+"\n"); err != nil {
			tb.Fatal(err)
		}
	}
	ask(tb, stdin, answers, e.listOf(), `"tools":[`)
	took := time.Since(begun)
	_ = stdin.Close() // the end of input is the end of it
	_ = cmd.Wait()    // how it ends is not measured
	return took
}

func ask(tb testing.TB, stdin io.Writer, answers *bufio.Reader, message, want string) {
	if _, err := io.WriteString(stdin, message+"\n"); err != nil {
		tb.Fatal(err)
	}
	line, err := answers.ReadBytes('\n')
	if err != nil || !bytes.Contains(line, []byte(want)) {
		tb.Fatalf("not the answer: %s %v", line, err)
	}
}

func median(all []time.Duration) time.Duration {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }
