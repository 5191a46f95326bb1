package bench

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// BenchmarkIdleMemory is the resident memory of a program that has been used a
// little and has nothing to do, its binary's own pages included.
func BenchmarkIdleMemory(b *testing.B) {
	api := simulatedAPI(b)
	b.Run("serve", func(b *testing.B) { idle(b, serve(b, api)) })
	b.Run("serve-sandbox", func(b *testing.B) { idle(b, serve(b, "", "--sandbox")) })
	b.Run("bare", func(b *testing.B) { idle(b, serveBare(b, api)) })
}

func idle(b *testing.B, p *process) {
	fresh := resident(b, p.Process.Pid)
	for _, e := range eras {
		newCallers(b, e, 1, p.lines["mcp"]).burst(b, 10)
	}
	for b.Loop() {
		resident(b, p.Process.Pid)
	}
	b.ReportMetric(fresh, "fresh-MB")
	b.ReportMetric(resident(b, p.Process.Pid), "used-MB")
	b.ReportMetric(0, "ns/op")
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
