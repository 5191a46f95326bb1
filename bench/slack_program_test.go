package bench

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vpsops/slackbot/fakeslack"
)

// asker is how many people there are. Each may have five requests open.
const askers = 200

// office is the program with a simulated Slack, whose commands typists send.
type office struct {
	*process
	slack *fakeslack.Slack
	all   typists
}

// newOffice starts both, and connects so many typists.
func newOffice(b *testing.B, api string, connections int) *office {
	b.Helper()
	slack, err := fakeslack.Start(fakeslack.Options{App: fakeslack.App{SigningSecret: slackSecret}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = slack.Close() })
	members := []string{slack.App().BotUser}
	for i := range askers {
		slack.AddUser(fakeslack.User{ID: userOf(i), Name: fmt.Sprint("person", i)})
		members = append(members, userOf(i))
	}
	slack.AddChannel(fakeslack.Channel{ID: "C0INCIDENTS", Members: members})
	p := start(b, append(environment(b, api),
		"VPSOPS_POLICY="+officePolicy(b), "VPSOPS_PERSON=p0", "SLACK_BOT_TOKEN="+slack.App().BotToken, "SLACK_SIGNING_SECRET="+slackSecret,
		"SLACK_API_URL="+slack.URL(), "SLACK_TEAM_IDS="+slackTeam, "SLACK_APP_ID="+slack.App().ID,
		"VPSOPS_LOG_LEVEL=error",
	), "health", vpsops(b), "serve")
	b.Cleanup(func() { _ = p.Process.Kill() }) // it would first finish all that it was asked
	o := &office{process: p, slack: slack}
	o.await(b, "webhook", func() bool {
		_, err := newTypist(b, o.front()).types()
		return err == nil
	})
	o.all = newTypists(b, connections, o.front())
	for _, t := range o.all { // where the answers go
		t.form.Set("response_url", strings.TrimSuffix(slack.URL(), "/api/")+"/response/x")
	}
	return o
}

func (o *office) front() string { return strings.TrimSuffix(o.lines["mcp"], "/mcp") }

func userOf(i int) string { return fmt.Sprintf("U%04d", i) }

// officePolicy lets everybody ask for everything, with another's approval.
func officePolicy(tb testing.TB) string {
	var p strings.Builder
	p.WriteString("version: 1\npeople:\n")
	for i := range askers {
		fmt.Fprintf(&p, "  p%d: {slack: [%s/%s]}\n", i, slackTeam, userOf(i))
	}
	p.WriteString(`groups:
  all: {people: [p0, p1, p2]}
grants:
  - {id: all, who: everyone, actions: [list, get, start, stop, reboot]}
guards:
  - {id: approve, actions: [reboot, stop], require: {approve: 1, from: all}}
`)
	path := filepath.Join(tb.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, []byte(p.String()), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// await looks again and again at another process, which tells nobody.
func (o *office) await(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	for until := time.Now().Add(time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			tb.Fatalf("%s: waited for a minute", what)
		}
	}
}

// metric is a figure of /metrics, all its labels together.
func (o *office) metric(tb testing.TB, name string) (sum float64) {
	admin := strings.TrimSuffix(strings.TrimSuffix(o.lines["health"], "/healthz"), "/")
	for _, line := range strings.Split(string(get(tb, http.MethodGet, admin+"/metrics")), "\n") {
		var value float64
		labels, figure, ok := strings.Cut(line, " ")
		if ok && (labels == name || strings.HasPrefix(labels, name+"{")) {
			if _, err := fmt.Sscan(figure, &value); err != nil {
				tb.Fatal(err)
			}
			sum += value
		}
	}
	return sum
}

// says has a typist type something for somebody.
func (t *typist) says(user int, text string) (time.Duration, error) {
	t.form.Set("user_id", userOf(user))
	t.form.Set("text", text)
	return t.types()
}

// spread has all typists type n commands between them, as fast as they can.
func (o *office) spread(tb testing.TB, n int, text func(i int) (user int, text string)) {
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	together(tb, len(o.all), func(typist int) error {
		for i := range next {
			user, said := text(i)
			if _, err := o.all[typist].says(user, said); err != nil {
				return err
			}
		}
		return nil
	})
}

// steadily has commands typed at a rate, whatever became of those before, and
// returns how long each took from when it was due.
func (all typists) steadily(tb testing.TB, n, perSecond int, text func(i int) (user int, text string)) []time.Duration {
	free := make(chan *typist, len(all))
	for _, t := range all {
		free <- t
	}
	took, errs := make([]time.Duration, n), make([]error, n)
	begun := time.Now()
	var wg sync.WaitGroup
	for i := range n {
		due := begun.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
		time.Sleep(time.Until(due))
		wg.Go(func() {
			t := <-free
			user, said := text(i)
			_, errs[i] = t.says(user, said)
			took[i] = time.Since(due)
			free <- t
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			tb.Fatal(err)
		}
	}
	return took
}
