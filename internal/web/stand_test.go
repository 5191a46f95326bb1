package web_test

import (
	"context"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"vpsops/internal/web/webtest"
	"vpsops/vpsapi"
)

const (
	webServer = webtest.WebServer
	dbServer  = webtest.DBServer
)

var key = webtest.Key

// stand is a world whose browsers are made here.
type stand struct {
	*webtest.World
	t testing.TB
}

type options = webtest.Options

var (
	actor    = webtest.Actor
	server   = webtest.ServerID
	document = webtest.Document
)

func newStand(t *testing.T, o options) *stand {
	t.Helper()
	return &stand{webtest.New(t, o), t}
}

// browser keeps cookies and says Host and Origin as a browser does.
type browser struct {
	*stand
	client   *http.Client
	identity string // for identify
}

func (s *stand) newBrowser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", s.Server.Listener.Addr().String())
	}}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &browser{stand: s, client: &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// as is a browser of somebody whom identify knows.
func (s *stand) as(person string) *browser {
	b := s.newBrowser()
	b.identity = "local " + person
	return b
}

// byLink is a browser that has signed in by a one-time link.
func (s *stand) byLink(person string) *browser {
	s.t.Helper()
	b := s.newBrowser()
	b.signIn(s.LoginURL(person))
	return b
}

func (b *browser) signIn(link string) {
	b.t.Helper()
	r := b.get(link)
	if r.status != http.StatusOK {
		b.t.Fatalf("the link: %d %s", r.status, r.body)
	}
	if r = b.post("/login", url.Values{"code": {r.field("code")}}); r.status != http.StatusSeeOther {
		b.t.Fatalf("signing in: %d %s", r.status, r.body)
	}
}

type response struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

// with changes a request before it is sent.
type with func(*http.Request)

func header(name, value string) with {
	return func(r *http.Request) {
		r.Header.Del(name)
		if value != "" {
			r.Header.Set(name, value)
		}
	}
}

func (b *browser) do(r *http.Request, changes ...with) response {
	b.t.Helper()
	if b.identity != "" {
		r.Header.Set("X-Test-Identity", b.identity)
	}
	for _, change := range changes {
		change(r)
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response{b.t, res.StatusCode, res.Header, string(body)}
}

func (b *browser) address(path string) string {
	if strings.HasPrefix(path, "/") {
		return b.Origin + path
	}
	return path
}

func (b *browser) get(path string, changes ...with) response {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.address(path), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r, changes...)
}

func (b *browser) post(path string, form url.Values, changes ...with) response {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.address(path), strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.Origin)
	return b.do(r, changes...)
}

// field is the value of the page's first hidden field of that name, "" where
// there is none.
func (r response) field(name string) string {
	m := regexp.MustCompile(`name="`+name+`" value="([^"]*)"`).FindAllStringSubmatch(r.body, -1)
	if len(m) == 0 {
		return ""
	}
	return html.UnescapeString(m[len(m)-1][1])
}

// refresh is after how many seconds a browser without scripts looks again, ""
// for never.
func (r response) refresh() string {
	_, rest, _ := strings.Cut(r.body, `<noscript><meta http-equiv="refresh" content="`)
	seconds, _, _ := strings.Cut(rest, `"`)
	return seconds
}

// token is the token of the vote's form.
func (b *browser) token(id string) string {
	b.t.Helper()
	r := b.get("/requests/" + id)
	if r.status != http.StatusOK || r.field("verdict") == "" {
		b.t.Fatalf("no form on the page: %d %s", r.status, r.body)
	}
	return r.field("csrf")
}

// vote opens the request and presses a button.
func (b *browser) vote(id, verdict string, more ...string) response {
	b.t.Helper()
	return b.voteWith(b.token(id), id, verdict, more...)
}

func (b *browser) voteWith(token, id, verdict string, more ...string) response {
	b.t.Helper()
	form := url.Values{"csrf": {token}, "verdict": {verdict}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return b.post("/requests/"+id+"/vote", form)
}

func (r response) want(status int, texts ...string) {
	r.t.Helper()
	if r.status != status {
		r.t.Errorf("answered %d, want %d: %s", r.status, status, r.body)
	}
	for _, text := range texts {
		if !strings.Contains(r.body, text) {
			r.t.Errorf("the page does not say %q: %s", text, r.body)
		}
	}
}

func (r response) wantNot(texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		if strings.Contains(r.body, text) {
			r.t.Errorf("the page says %q: %s", text, r.body)
		}
	}
}

func updateName(name string) *vpsapi.UpdateServerParams {
	return &vpsapi.UpdateServerParams{Name: &name}
}

func createParams(t *testing.T) *vpsapi.CreateServerParams {
	t.Helper()
	one, err := vpsapi.ParseID("1")
	if err != nil {
		t.Fatal(err)
	}
	return &vpsapi.CreateServerParams{Name: "web-99", PlanID: one, OSID: one, Location: "us-west"}
}
