package vpsapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

func TestATokenCannotBePrinted(t *testing.T) {
	token := vpsapi.NewToken(canary)
	reader, err := vpsapi.NewReader(token)
	if err != nil {
		t.Fatal(err)
	}
	type holder struct {
		Public  vpsapi.Token
		private vpsapi.Token
		pointer *vpsapi.Token
	}
	h := holder{token, token, &token}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p"} {
		for _, value := range []any{token, &token, h, &h, []any{h}, map[string]any{"a": h}, reader, *reader} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
	}
	for _, value := range []any{token, h, &h} {
		raw, err := json.Marshal(value)
		out.Write(raw)
		if err != nil {
			t.Error(err)
		}
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("a", "token", token, "holder", h, "reader", reader)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("a", "token", token, "holder", h, "group", slog.GroupValue(slog.Any("t", &token)))

	wantNoCanary(t, out.String())
	if fmt.Sprint(token) != "[redacted]" {
		t.Errorf("printed as %v", token)
	}
}

// wantNoCanary looks for the token as it is and in hexadecimal, and for half of it.
func wantNoCanary(t *testing.T, text string) {
	t.Helper()
	for _, form := range []string{canary, canary[:12], canary[len(canary)-8:], fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)} {
		if at := strings.Index(text, form); at >= 0 {
			t.Errorf("the token shows: %s", text[max(0, at-80):min(len(text), at+80)])
		}
	}
}

func TestTheTokenShowsInNoErrorLogOrObservation(t *testing.T) {
	var logged bytes.Buffer
	opts := []vpsapi.Option{
		vpsapi.WithLogger(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		vpsapi.WithObserver(func(_ context.Context, info vpsapi.CallInfo) { fmt.Fprintf(&logged, "%+v\n", info) }),
	}
	echo := serve(t, func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		w.Header().Set("X-Request-Id", token)
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"detail": %q, "token": [%q]}`, strings.Repeat(" ", 3)+strings.Repeat("x", 280)+"bad token "+token, token)
	})
	echoed := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strings.Replace(serverJSON("12345"), "us-west", r.Header.Get("Authorization"), 1))
	})
	for _, url := range []string{echo, answer(t, 302, "", "Location", "https://example.com/?t="+canary), "http://127.0.0.1:1"} {
		for _, operation := range operations {
			err := operation.call(t.Context(), newReader(t, url, opts...), newWriter(t, url, opts...))
			if err == nil {
				t.Errorf("%s went well", operation.name)
			}
			fmt.Fprintf(&logged, "%v %+v %#v\n", err, err, err)
		}
	}
	server, err := newReader(t, echoed, opts...).GetServer(t.Context(), number(12345))
	fmt.Fprintf(&logged, "%+v %v\n", server, err)

	wantNoCanary(t, logged.String())
	if !strings.Contains(logged.String(), "Bearer [redacted]") {
		t.Error("the token was not found where the answer repeated it")
	}
}

func TestFingerprintsTellTokensApart(t *testing.T) {
	a, b := vpsapi.NewToken("vps_a").Fingerprint(), vpsapi.NewToken("vps_b").Fingerprint()
	if a == b || len(a) != 16 || a != vpsapi.NewToken("vps_a").Fingerprint() || vpsapi.NewToken("").Fingerprint() != "" {
		t.Fatalf("%q, %q", a, b)
	}
}

func TestWithoutATokenNothingIsSent(t *testing.T) {
	api := newAccount(t, sandbox.Options{})
	reader, err := vpsapi.NewReader(vpsapi.Token{}, vpsapi.WithBaseURL(api.url))
	if err != nil {
		t.Fatal(err)
	}
	writer, err := vpsapi.NewWriter(vpsapi.NewToken(""), vpsapi.WithBaseURL(api.url))
	if err != nil {
		t.Fatal(err)
	}
	for _, operation := range operations {
		err := operation.call(t.Context(), reader, writer)
		if !is[*vpsapi.MissingTokenError](err) || !errors.Is(err, vpsapi.ErrUnauthorized) || operation.write != is[*vpsapi.NotSentError](err) {
			t.Errorf("%s: %v", operation.name, err)
		}
	}
	wantLog(t, api, 0, 0)
}

func TestATokenThatCannotStandInAHeaderIsRefusedUnseen(t *testing.T) {
	for _, secret := range []string{canary + "\n", "a b", "a\r\nX: y", "é", "\x00"} {
		_, err := vpsapi.NewReader(vpsapi.NewToken(secret))
		if !is[*vpsapi.OptionError](err) {
			t.Errorf("%q: %v", secret, err)
			continue
		}
		wantNoCanary(t, err.Error())
	}
}

func TestTheBaseURLMustBeSafeForTheToken(t *testing.T) {
	for url, ok := range map[string]bool{
		vpsapi.DefaultBaseURL:                true,
		"https://api.example.com:8443/x/":    true,
		"http://127.0.0.1:8322/api/v1":       true,
		"http://127.9.9.9/":                  true,
		"http://[::1]:80":                    true,
		"http://localhost:1":                 true,
		"http://LOCALHOST:1":                 true,
		"http://admin.vps.org/api/v1":        false,
		"http://localhost.example.com":       false,
		"http://127.0.0.1.example.com":       false,
		"http://0.0.0.0":                     false,
		"http://[::ffff:10.0.0.1]/":          false,
		"http://192.168.0.1":                 false,
		"ftp://127.0.0.1":                    false,
		"https://user:pass@api.example.com":  false,
		"https://api.example.com?x=1":        false,
		"https://api.example.com#x":          false,
		"https://":                           false,
		"admin.vps.org/api/v1":               false,
		"https://api.example.com/\x7f":       false,
		"https://admin.vps.org@evil.example": false,
		"https://api.example.com/a%2Fb":      false, // the path would be another one escaped anew
		"https://api.example.com/a%20b":      true,
	} {
		_, err := vpsapi.NewReader(vpsapi.NewToken(canary), vpsapi.WithBaseURL(url))
		if (err == nil) != ok || err != nil && !is[*vpsapi.OptionError](err) {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// net/http quotes a status line that it cannot read.
func TestAStatusLineThatRepeatsTheTokenIsNotRepeated(t *testing.T) {
	url := rawAnswer(t, "HTTP/1.1 "+canary+"\x1b[31m\u202e"+strings.Repeat("x", 10_000)+"\r\n\r\n")
	for _, operation := range operations {
		err := operation.call(t.Context(), newReader(t, url), newWriter(t, url))
		want := map[bool]string{true: "unknown", false: "no answer"}[operation.write]
		wantClass(t, err, want)
		if wantNoCanary(t, err.Error()); len(err.Error()) > 1000 {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
	}
}

func TestAHooksErrorStaysAsItIs(t *testing.T) {
	no := errors.New("two\nlines, and " + strings.Repeat("many words ", 100))
	err := newWriter(t, answer(t, 204, "")).DeleteServer(t.Context(), number(12345), vpsapi.BeforeSend(func(context.Context) error { return no }))
	if notSent, ok := errors.AsType[*vpsapi.NotSentError](err); !ok || notSent.Err != no {
		t.Fatal(err)
	}
}

// A decoder, or a page's reader, brings back what was written with escapes.
func TestATokenThatAnAnswerRepeatsEscapedIsNotRepeated(t *testing.T) {
	const secret = `vps_ab/cdefgh+"ij\`
	reader := func(status int, body string) *vpsapi.Reader {
		r, err := vpsapi.NewReader(vpsapi.NewToken(secret), quick(answer(t, status, body))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(r.CloseIdleConnections)
		return r
	}
	for _, written := range []string{
		`vps_ab/cdefgh+\"ij\\`,
		`vps_ab\/cdefgh+\"ij\\`,
		`\u0076ps_ab/cdefgh+\"ij\\`,
		`vps\u005Fab\u002fcdefgh\u002b\u0022ij\u005c`,
		`\\\u0076ps_ab/cdefgh+\"ij\\\\`,
	} {
		for _, body := range []string{`{"detail":"bad ` + written + `"}`, `{"` + written + `":["no"]}`, `["` + written + `"]`, `{"cut":"` + written} {
			_, err := reader(401, body).GetServer(t.Context(), number(12345))
			if refused, ok := errors.AsType[*vpsapi.APIError](err); !ok || strings.Contains(fmt.Sprintf("%+v", *refused), secret) || !strings.Contains(refused.Message, "[redacted]") {
				t.Errorf("%s: %v", body, err)
			}
		}
		body := `{"id":12345,"name":"` + written + `","message":"a\/b \u00e9","new":"` + written + `"}`
		server, err := reader(200, body).GetServer(t.Context(), number(12345))
		if all := server.Name + string(server.Extra["new"]); err != nil || strings.Contains(all, secret) || strings.Count(all, "[redacted]") != 2 || server.Message != "a/b é" {
			t.Errorf("%s: %+v: %v", body, server, err)
		}
	}
	page := `<title>bad token vps_ab&#47;cdefgh&plus;&quot;ij\</title>`
	_, err := reader(401, page).GetServer(t.Context(), number(12345))
	if err == nil || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), "bad token [redacted]") {
		t.Error(err)
	}
	writer, err := vpsapi.NewWriter(vpsapi.NewToken(secret), quick(answer(t, 502, page))...)
	if err != nil {
		t.Fatal(err)
	}
	err = writer.DeleteServer(t.Context(), number(12345))
	if unknown, ok := errors.AsType[*vpsapi.OutcomeUnknownError](err); !ok || unknown.Message != "bad token [redacted]" {
		t.Error(err)
	}
}
