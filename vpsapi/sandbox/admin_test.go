package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"vpsops/vpsapi/sandbox"
)

func TestServersCanBeSetBehindTheAPIsBack(t *testing.T) {
	b := start(t, sandbox.Options{})
	const path = "/_sandbox/servers/12345"
	got := b.want(200, "PUT", path, `{"name": "x\u202e<!channel>", "hostname": "", "status": "migrating", "ip_address": null,
		"location": "mars", "plan": {"id": 99, "name": "Odd"}, "os": 3, "backups_enabled": false, "created_at": "2020-01-02T03:04:05Z"}`)
	api := b.want(200, "GET", "/api/v1/servers/12345/", "")
	for k, want := range map[string]any{
		"name": "x\u202e<!channel>", "hostname": "", "status": "migrating", "ip_address": nil, "location": "mars",
		"backups_enabled": false, "created_at": "2020-01-02T03:04:05Z", "updated_at": "2025-01-15T10:20:00Z",
	} {
		if got[k] != want || api[k] != want {
			t.Errorf("%s: answered %v, the API has %v, want %v", k, got[k], api[k], want)
		}
	}
	if p := api["plan"].(map[string]any); p["id"] != 99.0 || p["name"] != "Odd" || p["vcpus"] != 2.0 {
		t.Errorf("plan: %v", p)
	}
	if o := api["os"].(map[string]any); o["name"] != "Debian 12" {
		t.Errorf("os: %v", o)
	}
	b.want(200, "PUT", path, `{"plan_id": 2, "updated_at": "2026-01-02T03:04:05Z"}`)
	if sv, _ := b.Server(12345); sv.Plan.Name != "Performance VPS" || sv.UpdatedAt.Year() != 2026 {
		t.Errorf("%+v", sv)
	}
	for _, q := range b.Requests() {
		if strings.HasPrefix(q.Path, "/_sandbox") {
			t.Errorf("logged: %+v", q)
		}
	}
}

func TestSettingAPlanLeavesTheCatalogueAlone(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.want(200, "PUT", "/_sandbox/servers/12345", `{"plan": {"id": 1, "name": "Mine", "locations": ["mars"]}}`)
	b.EditServer(12346, func(s *sandbox.Server) { s.Plan.Locations[0] = "venus" })
	if p := b.want(200, "GET", "/api/v1/plans/1/", ""); p["name"] != "Standard VPS" || p["locations"].([]any)[0] != "us-west" {
		t.Errorf("%v", p)
	}
}

func TestBadEditsChangeNothing(t *testing.T) {
	b := start(t, sandbox.Options{})
	before, _ := b.Server(12345)
	for body, want := range map[string]string{
		``:                                `edit: want a JSON object such as {"status": "stopped"}`,
		`{"state": "stopped"}`:            `edit: state: unknown field: there are backups_enabled, created_at,`,
		`{"name": "a", "status": 1}`:      `edit: status: `,
		`{"name": "a", "plan": 99}`:       `edit: plan: there is no plan 99`,
		`{"plan": "big"}`:                 `edit: plan: want an id, or an object`,
		`{"os_id": null}`:                 `edit: os_id: want an id, or an object`,
		`{"created_at": "yesterday"}`:     `edit: created_at: want a time such as "2025-01-10T14:30:00Z"`,
		`{"name": "a", "ip_address": []}`: `edit: ip_address: `,
	} {
		r := b.call("PUT", "/_sandbox/servers/12345", body)
		if e, _ := object(t, r.body)["error"].(string); r.status != 400 || !strings.HasPrefix(e, want) {
			t.Errorf("%s: %d %s\nwant %s", body, r.status, r.body, want)
		}
	}
	if after, _ := b.Server(12345); after.Name != before.Name || after.Status != before.Status {
		t.Errorf("%+v", after)
	}
	b.want(404, "PUT", "/_sandbox/servers/1", `{"name": "a"}`)
	b.want(404, "DELETE", "/_sandbox/servers/1", "")
}

func TestAServerCanBeTakenAwayBehindTheAPIsBack(t *testing.T) {
	b := start(t, sandbox.Options{})
	if r := b.call("DELETE", "/_sandbox/servers/12345", ""); r.status != 204 {
		t.Errorf("%d", r.status)
	}
	b.want(404, "GET", "/api/v1/servers/12345/", "")
}

func TestAdminRefusesOtherSitesPages(t *testing.T) {
	b := start(t, sandbox.Options{})
	for _, c := range []struct {
		header, value string
		want          int
	}{
		{"Origin", "https://evil.example", 403},
		{"Origin", "http://127.0.0.1:1", 403},
		{"Origin", "null", 403},
		{"Origin", b.url, 200},
		{"Sec-Fetch-Site", "cross-site", 403},
		{"Sec-Fetch-Site", "same-site", 403},
		{"Sec-Fetch-Site", "none", 200},
		{"Host", "evil.example:8322", 403},
		{"Host", "localhost:8322", 200},
		{"Host", "sandbox:8322", 200},
		{"Host", "[::1]:8322", 200},
	} {
		req := b.request("PUT", "/_sandbox/servers/12345", `{"status": "stopped"}`)
		if c.header == "Host" {
			req.Host = c.value
		} else {
			req.Header.Set(c.header, c.value)
		}
		b.EditServer(12345, func(s *sandbox.Server) { s.Status = "active" })
		r := b.do(req)
		if changed := b.status(12345) == "stopped"; r.status != c.want || changed != (c.want == 200) {
			t.Errorf("%s: %s: %d, changed %v", c.header, c.value, r.status, changed)
		}
	}
}

func TestAdminRefusesOtherCallsHelpfully(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.want(404, "GET", "/_sandbox/", "")
	for path, allow := range map[string]string{
		"/_sandbox/requests":      "GET, HEAD, DELETE",
		"/_sandbox/faults":        "GET, HEAD, PUT, DELETE",
		"/_sandbox/servers/12345": "GET, HEAD, PUT, PATCH, DELETE",
	} {
		if r := b.call("POST", path, ""); r.status != 405 || r.header.Get("Allow") != allow {
			t.Errorf("%s: %d, Allow %q", path, r.status, r.header.Get("Allow"))
		}
	}
}

func TestEditServerCanSetATransition(t *testing.T) {
	clk := newClock()
	b := start(t, sandbox.Options{Now: clk.now})
	b.EditServer(12345, func(s *sandbox.Server) {
		s.Status, s.Becomes, s.Due = "rebooting", "active", clk.now().Add(time.Hour)
	})
	clk.advance(time.Hour - 1)
	if s := b.status(12345); s != "rebooting" {
		t.Errorf("too early %s", s)
	}
	clk.advance(1)
	if s := b.status(12345); s != "active" {
		t.Errorf("too late %s", s)
	}
}
