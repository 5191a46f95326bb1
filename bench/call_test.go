package bench

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkCall is tools/call get_server over HTTP, through the whole program
// and through the bare server, in turns within one loop: whatever else the
// machine does meets both. An op is a call of each. The processor time that the
// two servers' own processes took says the same with less noise, and without
// what the client and the API took.
func BenchmarkCall(b *testing.B) {
	api := simulatedAPI(b, "--servers", "64")
	program, other := serve(b, api), serveBare(b, api)
	for _, e := range eras {
		for _, connections := range []int{1, 64} {
			b.Run(fmt.Sprintf("era=%s/connections=%d", e.name, connections), func(b *testing.B) {
				ours := newCallers(b, e, connections, program.lines["mcp"])
				theirs := newCallers(b, e, connections, other.lines["mcp"])
				program.cpuSince(b)
				other.cpuSince(b)
				calls := inTurns(b, ours.burst, theirs.burst, connections)
				if mine, bare := program.cpuSince(b), other.cpuSince(b); bare > 0 {
					b.ReportMetric(mine.Seconds()*1e6/calls, "cpu-µs/call")
					b.ReportMetric(bare.Seconds()*1e6/calls, "bare-cpu-µs/call")
				}
			})
		}
	}
}

// turn is how many calls a side makes before the other's turn.
const turn = 512

// inTurns returns how many calls each side has made. A burst is each of a side's
// connections calling n times.
func inTurns(b *testing.B, ours, theirs func(tb testing.TB, n int) time.Duration, connections int) float64 {
	each := turn / connections
	var program, bare time.Duration
	calls := 0
	for left := b.N; left > 0; left -= turn {
		if calls/turn%2 == 0 { // neither always goes first
			program += ours(b, each)
			bare += theirs(b, each)
		} else {
			bare += theirs(b, each)
			program += ours(b, each)
		}
		calls += turn
	}
	b.ReportMetric(float64(calls)/program.Seconds(), "calls/s")
	b.ReportMetric(float64(calls)/bare.Seconds(), "bare-calls/s")
	b.ReportMetric(bare.Seconds()/program.Seconds(), "ratio")
	b.ReportMetric(0, "ns/op") // of both together: says nothing
	return float64(calls)
}
