package bench

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	slackSecret = "8f742231b10e8888abcd99yyyzzz85a5"
	slackTeam   = "T024BE7LD"
)

var acks = built("vpsops/bench/testdata/acks", "acks")

// BenchmarkAck is a command's acknowledgement over HTTP, as the program takes
// commands and as slack-go's own functions do, with the same answer behind them,
// in turns within one loop. An op is a command to each.
func BenchmarkAck(b *testing.B) {
	env := append(environment(b, ""), "SECRET="+slackSecret, "TEAM="+slackTeam)
	program := start(b, env, "slack", acks(b), "webhook")
	other := start(b, env, "slack", acks(b), "bare")
	for _, connections := range []int{1, 64} {
		b.Run(fmt.Sprintf("connections=%d", connections), func(b *testing.B) {
			ours := newTypists(b, connections, program.lines["slack"])
			theirs := newTypists(b, connections, other.lines["slack"])
			program.cpuSince(b)
			other.cpuSince(b)
			n := inTurns(b, ours.burst, theirs.burst, connections)
			if mine, bare := program.cpuSince(b), other.cpuSince(b); bare > 0 {
				b.ReportMetric(mine.Seconds()*1e6/n, "cpu-µs/ack")
				b.ReportMetric(bare.Seconds()*1e6/n, "bare-cpu-µs/ack")
			}
		})
	}
}

// typist is a connection of Slack's by which commands come. No two commands are
// the same: a second would be a replay.
type typist struct {
	http    *http.Client
	address string
	form    url.Values
}

var typed atomic.Int64

func newTypist(tb testing.TB, address string) *typist {
	t := &typist{
		http:    &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}},
		address: address + "/slack/commands",
		form: url.Values{
			"token": {"gIkuvaNzQIHg97ATvDxqgjtO"}, "team_id": {slackTeam}, "team_domain": {"example"}, "channel_id": {"C0INCIDENTS"},
			"channel_name": {"incidents"}, "user_id": {"U0000"}, "user_name": {"ana"}, "command": {"/vps"}, "text": {"help"},
			"api_app_id": {"A0FAKEAPP"}, "is_enterprise_install": {"false"},
			"response_url": {"http://127.0.0.1:1/response/x"},
		},
	}
	tb.Cleanup(t.http.CloseIdleConnections)
	return t
}

// types sends a command and returns how long its acknowledgement took.
func (t *typist) types() (time.Duration, error) {
	t.form.Set("trigger_id", fmt.Sprintf("%d.%d.x", typed.Add(1), time.Now().UnixNano()))
	body := []byte(t.form.Encode())
	req, err := http.NewRequest(http.MethodPost, t.address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	at := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(slackSecret))
	mac.Write([]byte("v0:" + at + ":"))
	mac.Write(body)
	c := caller{http: t.http, header: http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "X-Slack-Request-Timestamp": {at},
		"X-Slack-Signature": {"v0=" + hex.EncodeToString(mac.Sum(nil))},
	}}
	begun := time.Now()
	_, err = c.do(req)
	return time.Since(begun), err
}

type typists []*typist

func newTypists(tb testing.TB, n int, address string) typists {
	all := make(typists, n)
	for i := range all {
		all[i] = newTypist(tb, address)
		if _, err := all[i].types(); err != nil { // connects, and tells at once what is wrong
			tb.Fatal(err)
		}
	}
	return all
}

// burst has each of them type n times, and returns how long all took.
func (all typists) burst(tb testing.TB, n int) time.Duration {
	return together(tb, len(all), func(i int) error {
		for range n {
			if _, err := all[i].types(); err != nil {
				return err
			}
		}
		return nil
	})
}

// together runs n at once, and returns how long all took.
func together(tb testing.TB, n int, f func(i int) error) time.Duration {
	var wg sync.WaitGroup
	errs := make([]error, n)
	begun := time.Now()
	for i := range n {
		wg.Go(func() { errs[i] = f(i) })
	}
	wg.Wait()
	took := time.Since(begun)
	for _, err := range errs {
		if err != nil {
			tb.Fatal(err)
		}
	}
	return took
}
