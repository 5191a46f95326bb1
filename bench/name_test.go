package bench

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"vpsops/vpsapi/sandbox"
)

// BenchmarkResolveName is a burst of 64 callers who each name another of 10,000
// servers to a program that has met none yet. An op is a burst.
func BenchmarkResolveName(b *testing.B) {
	api := simulatedAPI(b, "--servers", "10000")
	names := serverNames(b, api, 64)
	var took time.Duration
	var lists, pages int
	for b.Loop() {
		all := callersOf(b, serve(b, api), names)
		administer(b, http.MethodDelete, api, "/requests")
		took += all.burst(b, 1)
		l, p := listed(b, api)
		lists, pages = lists+l, pages+p
	}
	b.ReportMetric(float64(lists)/float64(b.N), "lists/burst")
	b.ReportMetric(float64(pages)/float64(b.N), "pages/burst")
	b.ReportMetric(milliseconds(took)/float64(b.N), "ms/burst")
	b.ReportMetric(0, "ns/op")
}

// callersOf are connected, and have named nothing yet.
func callersOf(tb testing.TB, p *process, names []string) callers {
	all := newCallers(tb, eras[1], len(names), p.lines["mcp"])
	for i, name := range names {
		all[i].body, all[i].want = []byte(eras[1].callOf(strconv.Quote(name))), []byte(name)
	}
	return all
}

// serverNames are some in the middle of the list.
func serverNames(tb testing.TB, api string, n int) []string {
	var page struct {
		Results []struct {
			Name string `json:"name"`
		} `json:"results"`
	}
	if err := json.Unmarshal(get(tb, http.MethodGet, api+"/servers/?page_size=100&page=50"), &page); err != nil {
		tb.Fatal(err)
	}
	var names []string
	for _, s := range page.Results[:n] {
		names = append(names, s.Name)
	}
	return names
}

// listed counts the lists that the API was asked for, and their pages.
func listed(tb testing.TB, api string) (lists, pages int) {
	log := json.NewDecoder(strings.NewReader(string(administer(tb, http.MethodGet, api, "/requests"))))
	for log.More() {
		var r sandbox.Request
		if err := log.Decode(&r); err != nil {
			tb.Fatal(err)
		}
		if r.Path != sandbox.BasePath+"/servers/" {
			continue
		}
		pages++
		query, err := url.ParseQuery(r.Query)
		if err != nil {
			tb.Fatal(err)
		}
		if n := query.Get("page"); n == "" || n == "1" {
			lists++
		}
	}
	return lists, pages
}

func administer(tb testing.TB, method, api, path string) []byte {
	return get(tb, method, strings.TrimSuffix(api, sandbox.BasePath)+sandbox.AdminPath+path)
}

func get(tb testing.TB, method, address string) []byte { return send(tb, method, address, "") }

func send(tb testing.TB, method, address, body string) []byte {
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	c := &caller{http: http.DefaultClient, header: http.Header{"Authorization": {"Bearer " + token}}}
	r, err := c.do(req)
	if err != nil {
		tb.Fatal(err)
	}
	return r.body
}
