package vpsapi_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

func TestServersYieldsEveryServerPageByPage(t *testing.T) {
	api := newAccount(t, sandbox.Options{Servers: 250})
	seen := map[vpsapi.ID]bool{}
	for server, err := range newReader(t, api.url).Servers(t.Context(), vpsapi.ServerFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		seen[server.ID] = true
	}
	if len(seen) != 250 {
		t.Fatalf("%d servers", len(seen))
	}
	wantLog(t, api, 3, 0)
}

func TestServersReadsNoPageThatIsNotWanted(t *testing.T) {
	api := newAccount(t, sandbox.Options{Servers: 250})
	for range newReader(t, api.url).Servers(t.Context(), vpsapi.ServerFilter{}) {
		break
	}
	wantLog(t, api, 1, 0)
}

func TestFiltersGoIntoTheQuery(t *testing.T) {
	api := newAccount(t, sandbox.Options{Servers: 40})
	filter := vpsapi.ServerFilter{Status: vpsapi.StatusActive, Location: "us-west"}
	for server, err := range newReader(t, api.url).Servers(t.Context(), filter) {
		if err != nil || server.Status != "active" || server.Location != "us-west" {
			t.Fatalf("%+v, %v", server, err)
		}
	}
	odd := vpsapi.ServerFilter{Location: "a&status=x/../ü"}
	for _, err := range newReader(t, api.url).Servers(t.Context(), odd) {
		if err != nil {
			t.Fatal(err)
		}
	}
	log := api.Requests()
	got, err := url.ParseQuery(log[len(log)-1].Query)
	if err != nil || got.Get("location") != odd.Location || got.Has("status") {
		t.Fatalf("%s: %v", log[len(log)-1].Query, err)
	}
}

// row is a list's row with this id.
func rows(from, to int) string {
	var all []string
	for id := from; id <= to; id++ {
		all = append(all, serverJSON(strconv.Itoa(id)))
	}
	return strings.Join(all, ",")
}

// collect reads a list to its end.
func collect(t *testing.T, url string) (ids []string, err error) {
	t.Helper()
	for server, e := range newReader(t, url).Servers(t.Context(), vpsapi.ServerFilter{}) {
		if err = e; e == nil {
			ids = append(ids, server.ID.String())
		}
	}
	return ids, err
}

func TestAListWithoutNextIsWhole(t *testing.T) {
	ids, err := collect(t, answer(t, 200, `{"count":3,"results":[`+rows(1, 3)+`]}`))
	if err != nil || len(ids) != 3 {
		t.Fatalf("%v, %v", ids, err)
	}
}

func TestRowsThatMoveBetweenPagesAreYieldedOnce(t *testing.T) {
	ids, err := collect(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "2" {
			_, _ = io.WriteString(w, `{"count":4,"next":null,"results":[`+rows(2, 4)+`]}`)
			return
		}
		_, _ = io.WriteString(w, `{"count":4,"next":"?page=2","results":[`+rows(1, 2)+`]}`)
	}))
	if err != nil || !slices.Equal(ids, []string{"1", "2", "3", "4"}) {
		t.Fatalf("%v, %v", ids, err)
	}
}

func TestPagesThatLeadAstrayEndTheList(t *testing.T) {
	foreign, line := serveCounted(t, func(http.ResponseWriter, *http.Request) {})
	for name, next := range map[string]string{
		"itself":          "",
		"another origin":  foreign + "/api/v1/servers/?page=2",
		"another scheme":  "https://%[1]s/api/v1/servers/?page=2",
		"a host in front": "//evil.example/api/v1/servers/?page=2",
		"a user in it":    "http://user@%[1]s/api/v1/servers/?page=2",
		"another path":    "/api/v1/account/me/?page=2",
		"a path out":      "../../../elsewhere/?page=2",
		"backslashes":     `\\\\evil.example/api/v1/servers/?page=2`,
		"no address":      "http://[::1/",
		"another port":    "http://127.0.0.1:1/api/v1/servers/?page=2",
	} {
		t.Run(name, func(t *testing.T) {
			received := 0
			ids, err := collect(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
				received++
				link := "http://" + r.Host + r.URL.String()
				if next != "" {
					link = strings.ReplaceAll(next, "%[1]s", r.Host)
				}
				fmt.Fprintf(w, `{"count":9,"next":"%s","results":[%s]}`, link, rows(received, received))
			}))
			if !is[*vpsapi.PagingError](err) || received != 1 || len(ids) != 1 {
				t.Fatalf("%d pages, %v: %v", received, ids, err)
			}
		})
	}
	if n := line.connections.Load(); n != 0 {
		t.Fatalf("%d connections were made to another origin", n)
	}
}

func TestPagesThatNeverEndAreEnded(t *testing.T) {
	for name, row := range map[string]func(page int) string{
		"the same rows": func(int) string { return rows(1, 2) },
		"no rows":       func(page int) string { return rows(page, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			received := 0
			_, err := collect(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
				received++
				fmt.Fprintf(w, `{"count":9,"next":"?page=%d","results":[%s]}`, received+1, row(received))
			}))
			if !is[*vpsapi.PagingError](err) || received != 2 {
				t.Fatalf("%d pages: %v", received, err)
			}
		})
	}
}

func TestPagesThatGoInACircleAreEnded(t *testing.T) {
	received := 0
	ids, err := collect(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		received++
		fmt.Fprintf(w, `{"count":9,"next":"?page=%d","results":[%s]}`, received%3, rows(received, received))
	}))
	if !is[*vpsapi.PagingError](err) || received > 4 || len(ids) != received {
		t.Fatalf("%d pages, %v: %v", received, ids, err)
	}
}

func TestAnErrorAfterSomePagesComesLast(t *testing.T) {
	ids, err := collect(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") != "" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, `{"count":4,"next":"?page=2","results":[`+rows(1, 2)+`]}`)
	}))
	if !errors.Is(err, vpsapi.ErrForbidden) || len(ids) != 2 {
		t.Fatalf("%v, %v", ids, err)
	}
}

func TestWhatIsNoListIsUnexpected(t *testing.T) {
	for _, body := range []string{`{}`, `{"results":null}`, `{"count":1,"results":{}}`, serverJSON("1"), `{"count":1,"results":[{"id":1.5}]}`} {
		_, err := collect(t, answer(t, 200, body))
		if !is[*vpsapi.UnexpectedAnswerError](err) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// A server without an id can't be told from another, and a reference must not find it.
func TestARowWithoutAnIDIsUnexpected(t *testing.T) {
	for _, row := range []string{`{"name":"b"}`, `{"id":null,"name":"b"}`} {
		reader := newReader(t, answer(t, 200, `{"count":2,"results":[`+rows(1, 1)+`,`+row+`]}`))
		_, page := reader.ServerPage(t.Context(), vpsapi.ServerFilter{}, vpsapi.PageOptions{})
		_, plans := reader.Plans(t.Context(), "")
		_, found := vpsapi.NewFinder(reader).Find(t.Context(), "b", vpsapi.FindOptions{})
		_, listed := collect(t, reader.BaseURL())
		for of, err := range map[string]error{"page": page, "plans": plans, "finder": found, "list": listed} {
			if unexpected, ok := errors.AsType[*vpsapi.UnexpectedAnswerError](err); !ok || unexpected.Reason != "row 2 has no id" {
				t.Errorf("%s, %s: %v", row, of, err)
			}
		}
	}
}

func TestPlansThatNeverEndAreEndedAndEachIsListedOnce(t *testing.T) {
	received := 0
	handler := func(w http.ResponseWriter, _ *http.Request) {
		received++
		fmt.Fprintf(w, `{"count":9,"next":"?page=%d","results":[%s]}`, received+1, rows(received, min(received+1, 3)))
	}
	_, err := newReader(t, serve(t, handler)).Plans(t.Context(), "")
	if !is[*vpsapi.PagingError](err) || received != 3 {
		t.Fatalf("%d pages: %v", received, err)
	}
	plans, err := newReader(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "2" {
			_, _ = io.WriteString(w, `{"count":3,"next":null,"results":[`+rows(2, 3)+`]}`)
			return
		}
		_, _ = io.WriteString(w, `{"count":3,"next":"?page=2","results":[`+rows(1, 2)+`]}`)
	})).Plans(t.Context(), "")
	if err != nil || len(plans) != 3 {
		t.Fatalf("%+v, %v", plans, err)
	}
}

// A host's name is the same in capitals.
func TestTheNextPageMayWriteTheHostInItsOwnWay(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "2" {
			_, _ = io.WriteString(w, `{"count":2,"next":null,"results":[`+rows(2, 2)+`]}`)
			return
		}
		fmt.Fprintf(w, `{"count":2,"next":"http://%s%s?page=2","results":[%s]}`, strings.ToLower(r.Host), r.URL.Path, rows(1, 1))
	}
	reader, listed := newReader(t, "http://LocalHost", servePipes(t, http.HandlerFunc(handler))...), 0
	for _, err := range reader.Servers(t.Context(), vpsapi.ServerFilter{}) {
		if listed++; err != nil {
			t.Error(err)
		}
	}
	if listed != 2 {
		t.Errorf("%d servers", listed)
	}
}

func TestServerPage(t *testing.T) {
	api := newAccount(t, sandbox.Options{Servers: 25})
	reader := newReader(t, api.url)
	whole := newReader(t, answer(t, 200, `{"count":25,"results":[`+rows(1, 25)+`]}`)) // an API that doesn't page
	for _, tt := range []struct {
		page, size, rows int
		more             bool
	}{
		{0, 10, 10, true}, {1, 10, 10, true}, {3, 10, 5, false}, {1, 25, 25, false}, {1, 100, 25, false},
	} {
		for name, r := range map[string]*vpsapi.Reader{"paged": reader, "whole": whole} {
			got, err := r.ServerPage(t.Context(), vpsapi.ServerFilter{}, vpsapi.PageOptions{Page: tt.page, PageSize: tt.size})
			if err != nil || len(got.Servers) != tt.rows || got.HasMore != tt.more || got.Count != 25 {
				t.Errorf("%s %d of %d: %d rows of %d, more %t: %v", name, tt.page, tt.size, len(got.Servers), got.Count, got.HasMore, err)
			}
		}
	}
	past := vpsapi.PageOptions{Page: 1 << 60, PageSize: 1 << 30}
	if _, err := reader.ServerPage(t.Context(), vpsapi.ServerFilter{}, past); !errors.Is(err, vpsapi.ErrNotFound) {
		t.Errorf("a page past the end: %v", err)
	}
	if got, err := whole.ServerPage(t.Context(), vpsapi.ServerFilter{}, past); err != nil || len(got.Servers) != 0 || got.HasMore {
		t.Errorf("a page past the end of a whole list: %+v, %v", got, err)
	}
}
