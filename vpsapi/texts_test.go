package vpsapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vpsops/vpsapi"
)

func TestErrorsSayWhatHappenedAndWhatToDo(t *testing.T) {
	rows := []vpsapi.ServerRow{{ID: number(1), Name: "web-\u202e01"}, {ID: number(2), Name: "web-02"}}
	server := &vpsapi.Server{Status: "stopping"}
	for want, err := range map[string]error{
		`delete server: not sent: no route`:                                  &vpsapi.NotSentError{Operation: "delete server", Err: errors.New("no route")},
		`delete server: no API token is configured`:                          &vpsapi.MissingTokenError{Operation: "delete server"},
		`create server: name must not be empty`:                              &vpsapi.InvalidParamsError{Operation: "create server", Field: "name", Reason: "must not be empty"},
		`get server: no answer from the API: context canceled`:               &vpsapi.ReadError{Operation: "get server", Attempts: 1, Err: context.Canceled},
		`get server: unexpected answer (200): not a JSON object (request r)`: &vpsapi.UnexpectedAnswerError{Operation: "get server", StatusCode: 200, Reason: "not a JSON object", RequestID: "r", Attempts: 1},
		`list servers: the answer is larger than 16777216 bytes`:             &vpsapi.ResponseTooLargeError{Operation: "list servers", Limit: 16 << 20},
		`list servers: page 3: the list does not end`:                        &vpsapi.PagingError{Operation: "list servers", Page: 3, Reason: "the list does not end"},
		`"1e3" is not an id: a number, but not a whole one`:                  &vpsapi.InvalidIDError{Text: "1e3", Reason: "a number, but not a whole one"},
		`vpsapi: base URL: no host`:                                          &vpsapi.OptionError{Option: "base URL", Reason: "no host"},
		`create server: outcome unknown: the API answered that something went wrong (502): bad gateway (request r); ` +
			`it may have been carried out: don't send it again, read the server to find out`: &vpsapi.OutcomeUnknownError{Operation: "create server", Reason: vpsapi.UnknownStatus, StatusCode: 502, Message: "bad gateway", RequestID: "r"},
		`"web" names 9 servers: web-[U+202E]01 (id 1), web-02 (id 2); name one by its id`:                         &vpsapi.AmbiguousError{Ref: "web", Candidates: rows, More: 7},
		`no server has the id, name, hostname or address "web"`:                                                   &vpsapi.NotFoundError{Ref: "web"},
		`no server has the id, name, hostname or address "web"; near it: web-[U+202E]01 (id 1), web-02 (id 2)`:    &vpsapi.NotFoundError{Ref: "web", Suggestions: rows},
		`wait for server 1: it doesn't exist`:                                                                     &vpsapi.GoneError{ID: number(1)},
		`wait for server 1: it is gone; its last status was "stopping"`:                                           &vpsapi.GoneError{ID: number(1), Last: server},
		`wait for server 1: not there after 1m0s; its last status was "stopping"; the last look failed: no route`: &vpsapi.WaitTimeoutError{ID: number(1), Last: server, Waited: time.Minute, Err: errors.New("no route")},
	} {
		if got := err.Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestTheWriterTellsItsAddressAndTimeout(t *testing.T) {
	w, err := vpsapi.NewWriter(vpsapi.NewToken(canary))
	if err != nil || w.BaseURL() != vpsapi.DefaultBaseURL || w.Timeout() != 20*time.Second {
		t.Fatalf("%s, %s: %v", w.BaseURL(), w.Timeout(), err)
	}
	for _, opt := range []vpsapi.Option{vpsapi.WithWriteTimeout(0), vpsapi.WithReadTimeout(-1), vpsapi.WithBaseURL("")} {
		if _, err := vpsapi.NewWriter(vpsapi.NewToken(canary), opt); !is[*vpsapi.OptionError](err) {
			t.Errorf("%v", err)
		}
	}
}

// What a cut answer says ends where it was cut.
func TestARefusalThatIsCutOffSaysWhatCame(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "500")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, "no such thing")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer api.Close()
	_, err := newReader(t, api.URL).GetServer(t.Context(), number(12345))
	if !is[*vpsapi.APIError](err) || !strings.HasSuffix(err.Error(), ": no such thing") {
		t.Errorf("%q", err)
	}
}
