package sandbox_test

import (
	"fmt"
	"testing"
	"time"

	"vpsops/vpsapi/sandbox"
)

func TestStatesMoveByTheClock(t *testing.T) {
	for _, c := range []struct {
		action, from, through, to string
		least, most               time.Duration
	}{
		{"start", "stopped", "starting", "active", 5 * time.Second, 20 * time.Second},
		{"stop", "active", "stopping", "stopped", 5 * time.Second, 20 * time.Second},
		{"reboot", "active", "rebooting", "active", 20 * time.Second, time.Minute},
	} {
		t.Run(c.action, func(t *testing.T) {
			clk := newClock()
			b := start(t, sandbox.Options{Speed: 1, Servers: 40, Now: clk.now})
			for _, sv := range b.Servers() {
				b.EditServer(sv.ID, func(s *sandbox.Server) { s.Status = c.from })
				b.want(200, "POST", fmt.Sprintf("/api/v1/servers/%d/%s/", sv.ID, c.action), "")
			}
			clk.advance(c.least - 1)
			for _, sv := range b.Servers() {
				if sv.Status != c.through {
					t.Errorf("%d too early %s", sv.ID, sv.Status)
				}
			}
			begun := clk.now()
			clk.advance(c.most - c.least + 1)
			for _, sv := range b.Servers() {
				if sv.Status != c.to || sv.UpdatedAt.Before(begun) {
					t.Errorf("%d too late %s, updated %s", sv.ID, sv.Status, sv.UpdatedAt)
				}
			}
		})
	}
}

func TestProvisioningEndsWithAnAddress(t *testing.T) {
	clk := newClock()
	b := start(t, sandbox.Options{Now: clk.now})
	path := fmt.Sprintf("/api/v1/servers/%.0f/", b.want(201, "POST", "/api/v1/servers/", web02)["id"])
	clk.advance(2*time.Minute/20 - 1)
	if v := b.want(200, "GET", path, ""); v["status"] != "provisioning" || v["ip_address"] != nil {
		t.Errorf("too early: %v", v)
	}
	clk.advance(3*time.Minute/20 + 1)
	if v := b.want(200, "GET", path, ""); v["status"] != "active" || v["ip_address"] == nil || v["ipv6_address"] == nil {
		t.Errorf("too late: %v", v)
	}
	if v := b.want(200, "GET", "/api/v1/servers/?status=provisioning", ""); v["count"] != 0.0 {
		t.Errorf("the list still has %v on the way", v["count"])
	}
}

func TestListFilterSeesTheStateOfNow(t *testing.T) {
	clk := newClock()
	b := start(t, sandbox.Options{Servers: 2, Now: clk.now})
	b.want(200, "POST", "/api/v1/servers/12345/stop/", "")
	clk.advance(time.Second)
	if v := b.want(200, "GET", "/api/v1/servers/?status=stopped", ""); v["count"] != 1.0 {
		t.Errorf("stopped: %v", v["count"])
	}
}

func TestActionsThatTheStateRefuses(t *testing.T) {
	b := start(t, sandbox.Options{})
	for _, c := range []struct{ status, action, detail string }{
		{"active", "start", "Server is already running."},
		{"starting", "start", "Server is already running."},
		{"rebooting", "start", "Server is already running."},
		{"suspended", "start", "Server is suspended and cannot be started."},
		{"stopping", "start", "Server cannot be started while it is stopping."},
		{"provisioning", "start", "Server cannot be started while it is provisioning."},
		{"migrating", "start", "Server cannot be started while it is migrating."},
		{"stopped", "stop", "Server is not running (status: stopped)."},
		{"suspended", "stop", "Server is not running (status: suspended)."},
		{"rebooting", "stop", "Server is not running (status: rebooting)."},
		{"provisioning", "stop", "Server is not running (status: provisioning)."},
		{"stopped", "reboot", "Server is not running (status: stopped)."},
		{"rebooting", "reboot", "Server is not running (status: rebooting)."},
		{"suspended", "reboot", "Server is not running (status: suspended)."},
	} {
		b.EditServer(12345, func(s *sandbox.Server) { s.Status = c.status })
		if d := b.want(400, "POST", "/api/v1/servers/12345/"+c.action+"/", "")["detail"]; d != c.detail {
			t.Errorf("%s of a server %s: %v", c.action, c.status, d)
		}
		if b.status(12345) != c.status || b.last().Executed {
			t.Errorf("%s of a server %s changed it", c.action, c.status)
		}
	}
	b.want(404, "POST", "/api/v1/servers/1/start/", "")
	b.want(404, "POST", "/api/v1/servers/12345/explode/", "")
}

func TestAStatusThatIsSetStays(t *testing.T) {
	clk := newClock()
	b := start(t, sandbox.Options{Now: clk.now})
	b.want(200, "POST", "/api/v1/servers/12345/reboot/", "")
	b.want(200, "PUT", "/_sandbox/servers/12345", `{"status": "rebooting"}`)
	clk.advance(time.Hour)
	if s := b.status(12345); s != "rebooting" {
		t.Errorf("it came back: %s", s)
	}
}

func TestUsageDriftsAndIsNothingWhereNothingRuns(t *testing.T) {
	clk := newClock()
	b := start(t, sandbox.Options{Now: clk.now})
	cpu := func() any {
		return b.want(200, "GET", "/api/v1/servers/12345/", "")["resource_usage"].(map[string]any)["cpu_percent"]
	}
	first := cpu()
	if again := cpu(); again != first {
		t.Errorf("%v, then %v at the same time", first, again)
	}
	clk.advance(40 * time.Minute)
	if later := cpu(); later == first {
		t.Errorf("still %v after 40 minutes", later)
	}
	b.EditServer(12345, func(s *sandbox.Server) { s.Status = "stopped" })
	if off := cpu(); off != 0.0 {
		t.Errorf("a stopped server uses %v %%", off)
	}
}
