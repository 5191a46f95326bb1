package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"vpsops/vpsapi/sandbox"
)

// administer drives the simulated API past what its clients see.
func administer(ts *testscript.TestScript, method, path, body string) string {
	ctx, cancel := patiently()
	defer cancel()
	address := strings.TrimSuffix(ts.Getenv("API"), sandbox.BasePath) + sandbox.AdminPath + path
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	ts.Check(err)
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if resp.StatusCode >= http.StatusMultipleChoices {
		ts.Fatalf("%s %s: %s: %s", method, address, resp.Status, text)
	}
	return string(text)
}

func cmdAdmin(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 2, 3, "admin METHOD PATH [BODY]")
	body := ""
	if len(args) > 2 {
		body = args[2]
	}
	administer(ts, args[0], args[1], body)
}

// received is the simulated API's log: the oracle for what was sent.
func received(ts *testscript.TestScript) []sandbox.Request {
	var log []sandbox.Request
	lines := json.NewDecoder(strings.NewReader(administer(ts, http.MethodGet, "/requests", "")))
	for lines.More() {
		var r sandbox.Request
		ts.Check(lines.Decode(&r))
		log = append(log, r)
	}
	return log
}

func isWrite(r sandbox.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead
}

func cmdWrites(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 0, 0, "writes")
	show(ts, "") // so that none is no output, and not the last command's
	for _, r := range received(ts) {
		if isWrite(r) {
			show(ts, "%s %s %d\n", r.Method, strings.TrimPrefix(r.Path, sandbox.BasePath), r.Status)
		}
	}
}

func cmdReads(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 0, 0, "reads")
	for _, r := range received(ts) {
		if !isWrite(r) {
			show(ts, "%s %s\n", r.Method, strings.TrimPrefix(r.Path, sandbox.BasePath))
		}
	}
}

func cmdReaches(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 2, 2, "reaches METHOD PATH")
	ctx, cancel := patiently()
	defer cancel()
	for !hasReceived(ts, args[0], args[1]) {
		if !tick(ctx) {
			ts.Fatalf("the API never received %s %s", args[0], args[1])
		}
	}
}

func hasReceived(ts *testscript.TestScript, method, path string) bool {
	for _, r := range received(ts) {
		if r.Method == method && strings.TrimPrefix(r.Path, sandbox.BasePath) == path {
			return true
		}
	}
	return false
}

// tick is the pause between two looks at another process; false at ctx's end.
func tick(ctx context.Context) bool {
	select {
	case <-time.After(5 * time.Millisecond):
		return true
	case <-ctx.Done():
		return false
	}
}
