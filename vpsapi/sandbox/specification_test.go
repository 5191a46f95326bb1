package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vpsops/vpsapi/sandbox"
)

// The bodies are those of the specification's page, compared byte by byte
// once compacted, so the order of the fields is held too.

func TestListIsThePages(t *testing.T) {
	b := start(t, sandbox.Options{Servers: 2})
	want := compact(t, `{"count": 2, "next": null, "previous": null, "results": [
		{"id": 12345, "name": "web-server-01", "hostname": "web01.example.com", "status": "active",
		 "ip_address": "203.0.113.10", "location": "us-west",
		 "plan": {"id": 1, "name": "Standard VPS", "vcpus": 2, "memory": 4096, "storage": 80},
		 "os": {"id": 5, "name": "Ubuntu 22.04 LTS"},
		 "created_at": "2025-01-10T14:30:00Z", "updated_at": "2025-01-15T10:20:00Z"},
		{"id": 12346, "name": "db-server-01", "hostname": "db01.example.com", "status": "active",
		 "ip_address": "203.0.113.11", "location": "us-east",
		 "plan": {"id": 2, "name": "Performance VPS", "vcpus": 4, "memory": 8192, "storage": 160},
		 "os": {"id": 3, "name": "Debian 12"},
		 "created_at": "2025-01-12T09:15:00Z", "updated_at": "2025-01-16T08:45:00Z"}]}`)
	if r := b.call("GET", "/api/v1/servers/", ""); r.status != 200 || r.body != want {
		t.Errorf("got  %d %s\nwant %s", r.status, r.body, want)
	}
}

func TestCreateIsThePages(t *testing.T) {
	at := time.Date(2025, 1, 16, 15, 30, 0, 0, time.UTC)
	b := start(t, sandbox.Options{Servers: 2, Now: func() time.Time { return at }})
	r := b.call("POST", "/api/v1/servers/", `{"name": "web-server-02", "plan_id": 1, "os_id": 5,
		"location": "us-west", "hostname": "web02.example.com", "backups_enabled": true}`)
	want := compact(t, `{"id": 12347, "name": "web-server-02", "hostname": "web02.example.com",
		"status": "provisioning", "ip_address": null, "location": "us-west",
		"plan": {"id": 1, "name": "Standard VPS", "vcpus": 2, "memory": 4096, "storage": 80},
		"os": {"id": 5, "name": "Ubuntu 22.04 LTS"}, "backups_enabled": true,
		"created_at": "2025-01-16T15:30:00Z", "updated_at": "2025-01-16T15:30:00Z",
		"message": "Server is being provisioned. This may take 2-5 minutes."}`)
	if r.status != 201 || r.body != want {
		t.Errorf("got  %d %s\nwant %s", r.status, r.body, want)
	}
}

func TestDetailHasThePagesFields(t *testing.T) {
	b := start(t, sandbox.Options{})
	r := b.call("GET", "/api/v1/servers/12345/", "")
	head, _, _ := strings.Cut(r.body, `"resource_usage"`)
	want := compact(t, `{"id": 12345, "name": "web-server-01", "hostname": "web01.example.com", "status": "active",
		"ip_address": "203.0.113.10", "ipv6_address": "2001:0db8::1", "location": "us-west",
		"plan": {"id": 1, "name": "Standard VPS", "vcpus": 2, "memory": 4096, "storage": 80, "bandwidth": 2048},
		"os": {"id": 5, "name": "Ubuntu 22.04 LTS"}, "backups_enabled": true}`)
	if want = strings.TrimSuffix(want, "}") + ","; head != want {
		t.Errorf("got  %s\nwant %s", head, want)
	}
	v := object(t, r.body)
	usage, _ := v["resource_usage"].(map[string]any)
	for _, k := range []string{"cpu_percent", "memory_used", "disk_used", "bandwidth_used"} {
		if n, ok := usage[k].(float64); !ok || n < 0 {
			t.Errorf("resource_usage.%s = %v", k, usage[k])
		}
	}
	if v["created_at"] != "2025-01-10T14:30:00Z" || v["updated_at"] != "2025-01-15T10:20:00Z" {
		t.Errorf("times: %v, %v", v["created_at"], v["updated_at"])
	}
}

func TestActionsAreThePages(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.EditServer(12345, func(s *sandbox.Server) { s.Status = "stopped" })
	for _, c := range []struct{ action, from, want string }{
		{"start", "stopped", `{"status":"success","message":"Server is starting","server":{"id":12345,"name":"web-server-01","status":"starting"}}`},
		{"stop", "active", `{"status":"success","message":"Server is stopping","server":{"id":12345,"name":"web-server-01","status":"stopping"}}`},
		{"reboot", "active", `{"status":"success","message":"Server is rebooting","server":{"id":12345,"name":"web-server-01","status":"rebooting"}}`},
	} {
		b.EditServer(12345, func(s *sandbox.Server) { s.Status = c.from })
		if r := b.call("POST", "/api/v1/servers/12345/"+c.action+"/", ""); r.status != 200 || r.body != c.want {
			t.Errorf("%s: %d %s", c.action, r.status, r.body)
		}
	}
}

func TestEveryAnswerIsJSONAndNamesItsRequest(t *testing.T) {
	b := start(t, sandbox.Options{})
	for _, path := range []string{"/servers/", "/servers/12345/", "/servers/1/", "/plans/", "/plans/1/", "/account/me/", "/nothing/"} {
		r := b.call("GET", "/api/v1"+path, "")
		if r.header.Get("Content-Type") != "application/json" || r.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %v", path, r.header)
		}
		object(t, r.body)
	}
}

func TestTokenIsWanted(t *testing.T) {
	b := start(t, sandbox.Options{Token: "vps_other"})
	for header, detail := range map[string]string{
		"":                   "Authentication credentials were not provided.",
		"Basic dnBzX290aGVy": "Authentication credentials were not provided.",
		"Bearer vps_sandbox": "Invalid token.",
		"bearer vps_other":   "",
	} {
		for _, path := range []string{"/servers/", "/servers/12345/", "/servers/12345/stop/", "/plans/", "/account/me/"} {
			req := b.request("GET", "/api/v1"+path, "")
			req.Header.Del("Authorization")
			if header != "" {
				req.Header.Set("Authorization", header)
			}
			r := b.do(req)
			refused := r.status == http.StatusUnauthorized
			if refused != (detail != "") || refused && object(t, r.body)["detail"] != detail {
				t.Errorf("%q %s: %d %s", header, path, r.status, r.body)
			}
		}
	}
}

func TestMissingSlashIsRedirected(t *testing.T) {
	b := start(t, sandbox.Options{})
	r := b.call("POST", "/api/v1/servers/12345/reboot?a=b", "")
	if r.status != 301 || r.header.Get("Location") != "/api/v1/servers/12345/reboot/?a=b" {
		t.Errorf("%d to %q", r.status, r.header.Get("Location"))
	}
	if b.status(12345) != "active" || b.last().Executed {
		t.Error("the redirect carried out the reboot")
	}
	if r := b.call("GET", "/api/v1/nothing", ""); r.status != 404 {
		t.Errorf("an unknown path without slash: %d", r.status)
	}
}

func TestOtherMethodsAreRefusedWithAllow(t *testing.T) {
	b := start(t, sandbox.Options{})
	for path, allow := range map[string]string{
		"/servers/":             "GET, HEAD, POST",
		"/servers/12345/":       "DELETE, GET, HEAD, PATCH, PUT",
		"/servers/12345/start/": "POST",
		"/plans/":               "GET, HEAD",
	} {
		r := b.call("OPTIONS", "/api/v1"+path, "")
		if r.status != 405 || r.header.Get("Allow") != allow {
			t.Errorf("%s: %d, Allow %q, want %q", path, r.status, r.header.Get("Allow"), allow)
		}
	}
}

func TestStrangeIDsAreNobodys(t *testing.T) {
	b := start(t, sandbox.Options{})
	for _, id := range []string{"1", "012345", "+12345", "12345.0", "12345%2F", "..", "%2e%2e", "x", "99999999999999999999"} {
		if r := b.call("GET", "/api/v1/servers/"+id+"/", ""); r.status != 404 {
			t.Errorf("%s: %d %s", id, r.status, r.body)
		}
	}
}
