package main

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

	"github.com/rogpeppe/go-internal/testscript"
)

// browser keeps cookies and says where a form comes from, as browsers do.
type browser struct {
	http   *http.Client
	origin string // of the page that was opened last
}

func newBrowser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil { // it has none to give
		panic(err)
	}
	return &browser{http: &http.Client{
		Jar:           jar,
		Transport:     &http.Transport{DialContext: dialHere},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// dialHere reaches names under .localhost on this machine, as browsers do and
// not every resolver does (RFC 6761).
func dialHere(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(host, ".localhost") {
		host = "127.0.0.1"
	}
	return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(host, port))
}

func (b *browser) close() { b.http.CloseIdleConnections() }

// seen is what a browser got.
type seen struct {
	status   int
	location string
	body     string
}

func (b *browser) send(ts *testscript.TestScript, method, address, body string, header http.Header) seen {
	ctx, cancel := patiently()
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	ts.Check(err)
	for name, values := range header {
		req.Header[name] = values
	}
	if host := header.Get("Host"); host != "" {
		req.Host = host
	}
	resp, err := b.http.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	ts.Check(err)
	worldOf(ts).heard(method+" "+address, string(text))
	return seen{resp.StatusCode, resp.Header.Get("Location"), string(text)}
}

func (b *browser) open(ts *testscript.TestScript, address string) seen {
	u, err := url.Parse(address)
	ts.Check(err)
	b.origin = u.Scheme + "://" + u.Host
	return b.send(ts, http.MethodGet, address, "", nil)
}

func (b *browser) submit(ts *testscript.TestScript, path string, form url.Values) seen {
	return b.send(ts, http.MethodPost, b.origin+path, form.Encode(), http.Header{
		"Origin": {b.origin}, "Sec-Fetch-Site": {"same-origin"}, "Content-Type": {"application/x-www-form-urlencoded"},
	})
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// form is the first form with that field, as its hidden fields fill it.
func form(page, field, value string) url.Values {
	for part := range strings.SplitSeq(page, "<form ") {
		part, _, _ = strings.Cut(part, "</form>")
		fields := url.Values{}
		for _, m := range hiddenField.FindAllStringSubmatch(part, -1) {
			fields.Set(m[1], html.UnescapeString(m[2]))
		}
		if fields.Has(field) && (value == "" || fields.Get(field) == value) {
			return fields
		}
	}
	return nil
}

var linkPattern = regexp.MustCompile(`(https?://[^/\s]+)(/login\?code=\S+)`)

// cmdLink takes the link from stdout; with an origin, the link as somebody
// would send it there.
func cmdLink(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 0, 1, "link [ORIGIN]")
	m := linkPattern.FindStringSubmatch(ts.ReadFile("stdout"))
	if m == nil {
		ts.Fatalf("there is no sign-in link on stdout")
	}
	if len(args) > 0 {
		m[1] = args[0]
	}
	ts.Setenv("LINK", m[1]+m[2])
}

var grantPattern = regexp.MustCompile(`(https?://[^/\s]+)(/passkeys/grant/\S+)`)

// cmdGrant takes the link for a first passkey from stdout.
func cmdGrant(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 0, 0, "grant")
	m := grantPattern.FindStringSubmatch(ts.ReadFile("stdout"))
	if m == nil {
		ts.Fatalf("there is no link for a passkey on stdout")
	}
	ts.Setenv("GRANT", m[0])
	ts.Setenv("GRANT_PATH", m[2])
}

func cmdSignIn(ts *testscript.TestScript, neg bool, args []string) {
	arguments(ts, args, 1, 1, "signin LINK")
	b := worldOf(ts).browser
	page := b.open(ts, args[0])
	fields := form(page.body, "code", "")
	if fields == nil {
		if !neg {
			ts.Fatalf("the link shows no button: %d\n%s", page.status, page.body)
		}
		show(ts, "%d\n%s", page.status, page.body)
		return
	}
	got := b.submit(ts, "/login", fields)
	show(ts, "%d %s\n%s", got.status, got.location, got.body)
	if in := got.status == http.StatusSeeOther; in == neg {
		ts.Fatalf("signed in: %v", in)
	}
}

func cmdPage(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "page PATH")
	b := worldOf(ts).browser
	got := b.open(ts, b.origin+args[0])
	show(ts, "%d\n%s", got.status, got.body)
}

// cmdVote reads the page and presses one of its buttons, as a person does.
func cmdVote(ts *testscript.TestScript, neg bool, args []string) {
	arguments(ts, args, 2, 3, "vote REQUEST approve|deny [TYPED-NAME]")
	b := worldOf(ts).browser
	page := b.open(ts, b.origin+"/requests/"+args[0])
	fields := form(page.body, "verdict", args[1])
	if fields == nil {
		ts.Fatalf("the page has no button to %s: %d\n%s", args[1], page.status, page.body)
	}
	if len(args) > 2 {
		fields.Set("typed_name", args[2])
	}
	got := b.submit(ts, "/requests/"+args[0]+"/vote", fields)
	show(ts, "%d %s\n%s", got.status, got.location, got.body)
	if counted := got.status == http.StatusSeeOther; counted == neg {
		ts.Fatalf("the vote counted: %v", counted)
	}
}

func cmdHTTP(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 2, -1, "http METHOD URL [-f HEADERS-FILE] [-H 'NAME: VALUE'…] [BODY]")
	method, address, rest := args[0], args[1], args[2:]
	var lines []string
	for len(rest) > 1 && strings.HasPrefix(rest[0], "-") {
		line := []string{rest[1]}
		if rest[0] == "-f" {
			line = strings.Split(strings.TrimSpace(ts.ReadFile(rest[1])), "\n")
		}
		lines, rest = append(lines, line...), rest[2:]
	}
	header := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		header.Add(name, value)
	}
	stranger := newBrowser() // without the story's cookies
	defer stranger.close()
	got := stranger.send(ts, method, address, strings.Join(rest, " "), header)
	show(ts, "%d %s\n%s\n", got.status, got.location, got.body)
}

// cmdReady asks as a probe does, again and again: the first is not told of what takes
// longer to find out than a probe waits.
func cmdReady(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 2, 2, "ready HEALTH PATTERN")
	untilItSays(ts, args[0]+"/readyz", args[1])
}

// cmdCounts asks again and again: what is done is counted just after it is written down,
// and who waits for it may be told before.
func cmdCounts(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 2, 2, "counts HEALTH PATTERN")
	untilItSays(ts, args[0]+"/metrics", "(?m)"+args[1])
}

func untilItSays(ts *testscript.TestScript, address, says string) {
	pattern, err := regexp.Compile(says)
	ts.Check(err)
	ctx, cancel := patiently()
	defer cancel()
	prober := newBrowser()
	defer prober.close()
	for {
		got := prober.send(ts, http.MethodGet, address, "", nil)
		if pattern.MatchString(got.body) {
			show(ts, "%d %s\n%s\n", got.status, got.location, got.body)
			return
		}
		if !tick(ctx) {
			ts.Fatalf("it does not say %q: %d\n%s", says, got.status, got.body)
		}
	}
}
