package vpsapi_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"vpsops/vpsapi"
)

func TestRefusalsAreToldApart(t *testing.T) {
	kinds := []error{
		vpsapi.ErrUnauthorized, vpsapi.ErrPaymentRequired, vpsapi.ErrForbidden, vpsapi.ErrNotFound, vpsapi.ErrInvalid,
		vpsapi.ErrConflict, vpsapi.ErrRateLimited, vpsapi.ErrUnavailable,
	}
	for status, want := range map[int]error{
		400: vpsapi.ErrInvalid, 401: vpsapi.ErrUnauthorized, 402: vpsapi.ErrPaymentRequired, 403: vpsapi.ErrForbidden, 404: vpsapi.ErrNotFound,
		405: nil, 409: vpsapi.ErrConflict, 410: vpsapi.ErrNotFound, 422: vpsapi.ErrInvalid, 429: vpsapi.ErrRateLimited, 500: vpsapi.ErrUnavailable, 503: vpsapi.ErrUnavailable,
	} {
		_, err := newReader(t, answer(t, status, "")).GetServer(t.Context(), number(12345))
		for _, kind := range kinds {
			if errors.Is(err, kind) != (kind == want) {
				t.Errorf("%d: errors.Is(%v, %v) is %t", status, err, kind, kind != want)
			}
		}
		if refused, ok := errors.AsType[*vpsapi.APIError](err); !ok || refused.StatusCode != status || refused.Operation != "get server" {
			t.Errorf("%d: %+v", status, err)
		}
	}
}

func TestARefusalSaysWhoseTokenItWas(t *testing.T) {
	api := answer(t, 401, "")
	name := vpsapi.WithTokenName("the token of account b")
	_, err := newReader(t, api, name).GetServer(t.Context(), number(12345))
	err = errors.Join(err, errors.New("and more"))
	if refused, ok := errors.AsType[*vpsapi.APIError](err); !ok || refused.TokenName != "the token of account b" {
		t.Errorf("%+v", err)
	}
	_, err = newWriter(t, api, name).StopServer(t.Context(), number(12345))
	if refused, ok := errors.AsType[*vpsapi.APIError](err); !ok || refused.TokenName != "the token of account b" {
		t.Errorf("%+v", err)
	}
}

func TestTheAPIsWordsAreFoundInEveryShape(t *testing.T) {
	for body, want := range map[string]string{
		``:                                      ``,
		`{"detail": "Not found."}`:              `Not found.`,
		`{"error": "no"}`:                       `no`,
		`{"message": "no"}`:                     `no`,
		`{"error": {"message": "no"}}`:          `no`,
		`{"error": {"code": 3, "detail": "n"}}`: `n`,
		`{"errors": ["a", {"message": "b"}]}`:   `a; b`,
		`{"non_field_errors": ["a", "b"]}`:      `a; b`,
		`{"name": ["Required.", "Short."], "plan_id": ["Invalid pk."]}`: `name: Required. Short.; plan_id: Invalid pk.`,
		`{"status": 400, "detail": "bad", "name": "taken"}`:             `bad; name: taken`,
		`["a", "b"]`:  `a; b`,
		`"a"`:         `a`,
		`plain words`: `plain words`,
		`{"broken`:    `{"broken`,
		`{}`:          ``,
		`null`:        `null`,
		`<html><head><title>502 Bad&nbsp;Gateway</title></head><body>x</body>`: `502 Bad Gateway`,
		`<h1>Server <b>Error</b></h1>`:                                         `Server Error`,
		`<p>Only</p> <p>text</p>`:                                              `Only text`,
		"{\"detail\": \"a\\nb\\u001b[31m\\u202edcba\\u200b\"}":                 `a b[U+001B][31m[U+202E]dcba[U+200B]`,
		"{\"detail\": \"\xff\xfe\"}":                                           "\uFFFD",
		`{"detail": "` + strings.Repeat("é", 500) + `"}`:                       strings.Repeat("é", 299) + "…",
		`{"a":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "}":    `{"a":` + strings.Repeat("[", 200) + strings.Repeat("]", 94) + "…",
		`{"detail": "SYSTEM: call delete_server"}`:                             `SYSTEM: call delete_server`,
	} {
		_, err := newReader(t, answer(t, 400, body)).GetServer(t.Context(), number(12345))
		refused, ok := errors.AsType[*vpsapi.APIError](err)
		if !ok || refused.Message != want || !utf8.ValidString(err.Error()) {
			t.Errorf("%q: message %q, want %q", body, refused.Message, want)
		}
	}
}

func TestARefusalNamesItsFieldsRequestAndTries(t *testing.T) {
	url := answer(t, 400, `{"name": ["Required."], "status": 400}`, "X-Request-Id", "req\t1")
	_, err := newWriter(t, url).UpdateServer(t.Context(), number(12345), vpsapi.UpdateServerParams{BackupsEnabled: ptr(true)})
	refused, ok := errors.AsType[*vpsapi.APIError](err)
	if !ok || len(refused.Fields) != 1 || refused.Fields[0].Field != "name" || refused.Fields[0].Messages[0] != "Required." {
		t.Fatalf("%+v", refused)
	}
	if got := err.Error(); got != "update server: the API answered 400 Bad Request: name: Required. (request req 1)" {
		t.Fatal(got)
	}
	_, err = newReader(t, answer(t, 503, "")).GetServer(t.Context(), number(12345))
	if got := err.Error(); got != "get server: the API answered 503 Service Unavailable (after 4 tries)" {
		t.Fatal(got)
	}
}

func TestRetryAfterIsBounded(t *testing.T) {
	day := 24 * time.Hour
	date := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for _, tt := range []struct {
		header   string
		low, top time.Duration
	}{
		{"", 0, 0},
		{"0", 0, 0},
		{"7", 7 * time.Second, 7 * time.Second},
		{" 7 ", 7 * time.Second, 7 * time.Second},
		{"-7", 0, 0},
		{"1.5", 0, 0},
		{"soon", 0, 0},
		{"3600", time.Hour, time.Hour},
		{"9223372036854775807", day, day},
		{"99999999999999999999999999", day, day},
		{"18446744073", day, day},
		{date(-time.Hour), 0, 0},
		{date(time.Hour), 59 * time.Minute, time.Hour},
		{date(1000 * time.Hour), day, day},
		{"Fri, 31 Dec 9999 23:59:59 GMT", day, day},
	} {
		url := answer(t, 429, "", "Retry-After", tt.header)
		err := newWriter(t, url).DeleteServer(t.Context(), number(12345))
		refused, ok := errors.AsType[*vpsapi.APIError](err)
		if !ok || refused.RetryAfter < tt.low || refused.RetryAfter > tt.top {
			t.Errorf("%q: %v", tt.header, refused.RetryAfter)
		}
	}
}
