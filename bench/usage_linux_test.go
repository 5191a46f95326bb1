package bench

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// BenchmarkIdleMemory is the resident memory of a program that has nothing to
// do, its binary's own pages included: when it has just begun, when each era
// has made ten calls, and when 64 connections (or one for each server of the
// sandbox) have made 100,000; and how many goroutines those left behind.
func BenchmarkIdleMemory(b *testing.B) {
	api := simulatedAPI(b, "--servers", "64")
	b.Run("serve", func(b *testing.B) { idle(b, serve(b, api), 64) })
	b.Run("serve-sandbox", func(b *testing.B) { idle(b, serve(b, "", "--sandbox"), 6) })
	b.Run("bare", func(b *testing.B) { idle(b, serveBare(b, api), 64) })
}

func idle(b *testing.B, p *process, connections int) {
	pid := p.Process.Pid
	fresh := resident(b, pid)
	for _, e := range eras {
		newCallers(b, e, 1, p.lines["mcp"]).burst(b, 10)
	}
	used, before := resident(b, pid), p.goroutines(b)
	busy := newCallers(b, eras[1], connections, p.lines["mcp"])
	for b.Loop() {
		busy.burst(b, 100_000/connections)
	}
	b.ReportMetric(fresh, "fresh-MB")
	b.ReportMetric(used, "used-MB")
	b.ReportMetric(resident(b, pid), "busy-MB")
	for _, c := range busy {
		c.http.CloseIdleConnections() // each has goroutines while it is open
	}
	b.ReportMetric(p.settled(b, before), "goroutines-left")
	b.ReportMetric(0, "ns/op")
}

// settled is how many goroutines more there are than before, once the program
// has closed the connections to the API that it had opened: a minute later.
func (p *process) settled(tb testing.TB, before float64) (left float64) {
	for range 750 {
		if left = p.goroutines(tb) - before; left <= 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return left
}

// goroutines is what the program's own metrics say, or 0 where it has none.
func (p *process) goroutines(tb testing.TB) (n float64) {
	address, ok := p.lines["health"]
	if !ok {
		return 0
	}
	resp, err := http.Get(strings.TrimSuffix(address, "/healthz") + "/metrics")
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\ngo_goroutines ")
	if _, err := fmt.Sscan(rest, &n); err != nil {
		tb.Fatal(err)
	}
	return n
}

// resident is VmRSS, in units of 1,000,000 bytes (proc(5)).
func resident(tb testing.TB, pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		tb.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	var kib float64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		tb.Fatal(err)
	}
	return kib * 1024 / 1e6
}

// cpuSince is the processor time that the process took since it was asked last, in
// ticks of 10 ms (proc(5), USER_HZ).
func (p *process) cpuSince(tb testing.TB) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Process.Pid))
	if err != nil {
		tb.Fatal(err)
	}
	_, after, _ := strings.Cut(string(stat), ") ") // the name may hold spaces
	fields := strings.Fields(after)
	var user, system int64
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		tb.Fatal(err)
	}
	total := time.Duration(user+system) * 10 * time.Millisecond
	since := total - p.cpu
	p.cpu = total
	return since
}
