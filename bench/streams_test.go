package bench

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpsops/internal/seal"
	"vpsops/internal/web"
	"vpsops/policy"
)

const (
	openStreams = 200
	signIns     = 10
)

// BenchmarkStreams is the resident memory of a program with 200 pages open, each
// with its stream of events, beside what it takes without them.
func BenchmarkStreams(b *testing.B) {
	secret := [32]byte{1}
	env := append(environment(b, simulatedAPI(b)), "VPSOPS_PERSON=you", "VPSOPS_KEY="+base64.StdEncoding.EncodeToString(secret[:]))
	p := start(b, env, "health", vpsops(b), "serve")
	page, err := url.Parse(p.lines["page"])
	if err != nil {
		b.Fatal(err)
	}
	visit := visitor{origin: strings.TrimSuffix(page.Scheme+"://"+page.Host, "/"), key: seal.NewKey(secret)}
	fresh := resident(b, p.Process.Pid)
	for b.Loop() {
		for i := range openStreams {
			if i%(openStreams/signIns) == 0 {
				visit.signIn(b)
			}
			visit.follow(b)
		}
	}
	b.ReportMetric(fresh, "fresh-MB")
	b.ReportMetric(resident(b, p.Process.Pid), "streams-MB")
	b.ReportMetric(0, "ns/op")
}

// visitor is somebody at the page, with a browser of their own each time they
// sign in.
type visitor struct {
	origin string
	key    seal.Key
	cookie *http.Cookie
}

func (v *visitor) send(b *testing.B, method, path, body string) *http.Response {
	b.Helper()
	client := &http.Client{
		Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			var d net.Dialer
			return d.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	r, err := http.NewRequestWithContext(b.Context(), method, v.origin+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", v.origin)
	if v.cookie != nil {
		r.AddCookie(v.cookie)
	}
	res, err := client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { res.Body.Close() })
	return res
}

func (v *visitor) signIn(b *testing.B) {
	b.Helper()
	link := web.LoginURL(v.origin, v.key, policy.Identity{Kind: policy.LocalUser, ID: "you"}, time.Now(), "")
	_, query, _ := strings.Cut(link, "?")
	v.cookie = nil
	res := v.send(b, http.MethodPost, "/login", query)
	if cookies := res.Cookies(); len(cookies) == 1 {
		v.cookie = cookies[0]
		return
	}
	b.Fatalf("signing in: %s", res.Status)
}

// follow opens a stream and waits for its first sign of life.
func (v *visitor) follow(b *testing.B) {
	b.Helper()
	res := v.send(b, http.MethodGet, "/requests/events", "")
	line, err := bufio.NewReader(res.Body).ReadString('\n')
	if err != nil || res.StatusCode != http.StatusOK {
		b.Fatal(fmt.Errorf("a stream: %s %q %w", res.Status, line, err))
	}
}
