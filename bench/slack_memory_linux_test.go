package bench

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"vpsops/vpsapi/sandbox"
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

// quiet is how long the runtime takes to give memory back that was needed once: it
// collects after two minutes at the latest.
const quiet = 150 * time.Second

// BenchmarkSlackOpenRequests is the memory of the program with 1,000 requests
// open, five of each person's: once all have been asked for, and when it has been
// quiet for a while.
func BenchmarkSlackOpenRequests(b *testing.B) {
	const open = 1000
	api := simulatedAPI(b, "--servers", fmt.Sprint(open))
	for i := range open { // a server that is stopped can't be rebooted
		send(b, http.MethodPut, strings.TrimSuffix(api, sandbox.BasePath)+fmt.Sprintf("%s/servers/%d", sandbox.AdminPath, firstServer+i), `{"status": "active"}`)
	}
	o := newOffice(b, api, 8)
	before, goroutines := residentOf(b, o.process), o.metric(b, "go_goroutines")
	for b.Loop() {
		o.asks(b, open)
	}
	busy := residentOf(b, o.process)
	time.Sleep(quiet)
	o.settles(b, goroutines)
	b.ReportMetric(o.metric(b, "vpsops_requests_open"), "open")
	b.ReportMetric(before, "MB-before")
	b.ReportMetric(busy, "MB-asked")
	b.ReportMetric(residentOf(b, o.process), "MB")
	b.ReportMetric(o.metric(b, "go_goroutines")-goroutines, "goroutines-more")
	b.ReportMetric(0, "ns/op")
}

// asks has so many requests open. What was not taken, since the disk was too slow,
// is asked for again, as its person was told to: the same ask is the same request.
func (o *office) asks(b *testing.B, open int) {
	b.Helper()
	const rounds, looks = 5, 100
	for range rounds {
		o.spread(b, open, func(i int) (int, string) {
			return i % askers, fmt.Sprintf("reboot id:%d because it hangs", firstServer+i)
		})
		for range looks {
			if o.metric(b, "vpsops_requests_open") == float64(open) {
				return
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
	b.Fatalf("%v requests are open, not %d", o.metric(b, "vpsops_requests_open"), open)
}

// firstServer is the id of the simulated API's first server; the others' follow.
const firstServer = 12345

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
