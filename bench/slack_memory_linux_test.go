package bench

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkSlackCommands is 10,000 commands, of which each is answered: what is
// told is what they leave behind, after another 10,000 that made the program
// warm.
func BenchmarkSlackCommands(b *testing.B) {
	o := newOffice(b, simulatedAPI(b, "--servers", "64"), 64)
	idle := o.metric(b, "go_goroutines")
	many := func() {
		o.spread(b, 10_000, func(i int) (int, string) {
			return i % askers, []string{"list", "help", "whoami", "nonsense"}[i%4]
		})
	}
	quiet := func() (goroutines, heap, resident float64) {
		o.settles(b, idle)
		return o.metric(b, "go_goroutines"), o.metric(b, "go_memstats_heap_inuse_bytes") / 1e6, residentOf(b, o.process)
	}
	many()
	goroutines, heap, mb := quiet()
	for b.Loop() {
		many()
	}
	goroutines2, heap2, mb2 := quiet()
	b.ReportMetric(idle, "goroutines-idle")
	b.ReportMetric(goroutines, "goroutines-before")
	b.ReportMetric(goroutines2, "goroutines")
	b.ReportMetric(heap, "heap-MB-before")
	b.ReportMetric(heap2, "heap-MB")
	b.ReportMetric(mb, "MB-before")
	b.ReportMetric(mb2, "MB")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkSlackOpenRequests is the memory of the program with 1,000 requests
// asked for, five of each person's, and as many of them open as it tells.
func BenchmarkSlackOpenRequests(b *testing.B) {
	const open = 1000
	o := newOffice(b, simulatedAPI(b, "--servers", fmt.Sprint(open)), 8)
	before := residentOf(b, o.process)
	for b.Loop() {
		o.spread(b, open, func(i int) (int, string) { return i % askers, fmt.Sprintf("reboot id:%d because it hangs", 12345+i) })
		for range 100 {
			if o.metric(b, "vpsops_requests_open") >= open {
				break
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
	b.ReportMetric(o.metric(b, "vpsops_requests_open"), "open")
	b.ReportMetric(before, "MB-before")
	b.ReportMetric(residentOf(b, o.process), "MB")
	b.ReportMetric(0, "ns/op")
}

// settles waits until there are hardly more goroutines than before, or for so
// long that they may be told as they are.
func (o *office) settles(tb testing.TB, before float64) {
	for range 500 {
		if o.metric(tb, "go_goroutines") <= before+16 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func residentOf(tb testing.TB, p *process) float64 { return resident(tb, p.Process.Pid) }
