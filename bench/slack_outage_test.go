package bench

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/slackbot/fakeslack"
	"vpsops/vpsapi/sandbox"
)

// BenchmarkSlackOutage is 200 commands a second, every second one of which wants
// to change something, while the API answers nothing for 30 s and Slack's own API
// takes 2 s. An op is a command; what is told is how long acknowledgements took,
// from when each command was due, and how long slack-go's bare handler takes for
// the same on this machine: in turns, in blocks of a second.
func BenchmarkSlackOutage(b *testing.B) {
	api := simulatedAPI(b, "--servers", "1000")
	o := newOffice(b, api, 512)
	bare := start(b, append(environment(b, ""), "SECRET="+slackSecret, "TEAM="+slackTeam), "slack", acks(b), "bare")
	others := newTypists(b, 512, bare.lines["slack"])
	send(b, http.MethodPut, strings.TrimSuffix(api, sandbox.BasePath)+sandbox.AdminPath+"/faults", `[{"kind": "delay", "delay": "30s"}]`)
	o.slack.Misbehave(fakeslack.Fault{Kind: fakeslack.Slow, Delay: 2 * time.Second})
	said := 0
	text := func(i int) (int, string) {
		if i += said; i%2 == 0 {
			return i % askers, fmt.Sprintf("reboot id:%d because it hangs", 12345+i%1000)
		}
		return i % askers, "list"
	}
	const rate = 200
	var ours, theirs []time.Duration
	b.ResetTimer()
	for ; said < b.N; said += rate {
		n := min(rate, b.N-said)
		ours = append(ours, o.all.steadily(b, n, rate, text)...)
		theirs = append(theirs, others.steadily(b, n, rate, text)...)
	}
	b.StopTimer()
	tellDelays(b, "", ours)
	tellDelays(b, "bare-", theirs)
	b.ReportMetric(0, "ns/op")
}

func tellDelays(b *testing.B, whose string, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(milliseconds(took[len(took)/2]), whose+"p50-ms")
	b.ReportMetric(milliseconds(took[len(took)*99/100]), whose+"p99-ms")
	b.ReportMetric(milliseconds(took[len(took)-1]), whose+"max-ms")
}
