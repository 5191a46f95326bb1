package sandbox_test

import (
	"strings"
	"testing"

	"vpsops/vpsapi/sandbox"
)

func TestListPagesByNext(t *testing.T) {
	b := start(t, sandbox.Options{Servers: 45})
	path, seen := "/api/v1/servers/", 0
	for pages := 1; ; pages++ {
		v := b.want(200, "GET", path, "")
		if v["count"] != 45.0 {
			t.Fatalf("count %v", v["count"])
		}
		seen += len(v["results"].([]any))
		if v["next"] == nil {
			if pages != 3 || v["previous"] != b.url+"/api/v1/servers/?page=2" {
				t.Errorf("page %d is the last, before it %v", pages, v["previous"])
			}
			break
		}
		path = strings.TrimPrefix(v["next"].(string), b.url)
	}
	if seen != 45 {
		t.Errorf("%d rows in all", seen)
	}
}

func TestListKeepsFiltersAndSizeOverPages(t *testing.T) {
	b := start(t, sandbox.Options{Servers: 300})
	v := b.want(200, "GET", "/api/v1/servers/?status=active&page_size=10", "")
	if v["next"] != b.url+"/api/v1/servers/?page=2&page_size=10&status=active" || v["previous"] != nil {
		t.Errorf("next %v, previous %v", v["next"], v["previous"])
	}
	v = b.want(200, "GET", "/api/v1/servers/?page=2&page_size=10&status=active", "")
	if v["previous"] != b.url+"/api/v1/servers/?page_size=10&status=active" || len(v["results"].([]any)) != 10 {
		t.Errorf("previous %v", v["previous"])
	}
}

func TestListFilters(t *testing.T) {
	b := start(t, sandbox.Options{Servers: 300})
	for query, match := range map[string]func(sandbox.Server) bool{
		"status=stopped":                 func(s sandbox.Server) bool { return s.Status == "stopped" },
		"location=eu-central":            func(s sandbox.Server) bool { return s.Location == "eu-central" },
		"status=active&location=us-east": func(s sandbox.Server) bool { return s.Status == "active" && s.Location == "us-east" },
		"status=":                        func(sandbox.Server) bool { return true },
		"status=unheard-of":              func(sandbox.Server) bool { return false },
	} {
		want := 0
		for _, sv := range b.Servers() {
			if match(sv) {
				want++
			}
		}
		if v := b.want(200, "GET", "/api/v1/servers/?"+query, ""); v["count"] != float64(want) {
			t.Errorf("%s: count %v, want %d", query, v["count"], want)
		}
	}
}

func TestListPageSizesAndNumbers(t *testing.T) {
	b := start(t, sandbox.Options{Servers: 250})
	for query, rows := range map[string]int{
		"": 20, "page_size=100": 100, "page_size=1000": 100, "page_size=0": 20, "page_size=x": 20,
		"page=last&page_size=100": 50, "page=13": 10,
	} {
		if n := len(b.want(200, "GET", "/api/v1/servers/?"+query, "")["results"].([]any)); n != rows {
			t.Errorf("%q: %d rows, want %d", query, n, rows)
		}
	}
	for _, query := range []string{"page=14", "page=0", "page=-1", "page=x", "page=1.0"} {
		if d := b.want(404, "GET", "/api/v1/servers/?"+query, "")["detail"]; d != "Invalid page." {
			t.Errorf("%q: %v", query, d)
		}
	}
	if r := start(t, sandbox.Options{Servers: -1}).call("GET", "/api/v1/servers/", ""); r.body != `{"count":0,"next":null,"previous":null,"results":[]}` {
		t.Errorf("an empty account: %s", r.body)
	}
}
