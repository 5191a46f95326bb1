package sandbox_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"vpsops/vpsapi/sandbox"
)

const web02 = `{"name": "web-9", "plan_id": 1, "os_id": 5, "location": "us-west"}`

func TestCreateRefusesWhatIsWrong(t *testing.T) {
	b := start(t, sandbox.Options{})
	before := len(b.Servers())
	with := func(change string) string { return strings.TrimSuffix(web02, "}") + ", " + change + "}" }
	for _, c := range []struct{ body, field, message string }{
		{``, "name", "This field is required."},
		{`{}`, "plan_id", "This field is required."},
		{`{}`, "os_id", "This field is required."},
		{`{}`, "location", "This field is required."},
		{with(`"name": null`), "name", "This field may not be null."},
		{with(`"name": ""`), "name", "This field may not be blank."},
		{with(`"name": 7`), "name", "Not a valid string."},
		{with(`"name": "web_9"`), "name", "Enter a valid name consisting of letters, digits or hyphens."},
		{with(`"name": "wéb"`), "name", "Enter a valid name consisting of letters, digits or hyphens."},
		{with(`"name": "` + strings.Repeat("a", 256) + `"`), "name", "Ensure this field has no more than 255 characters."},
		{with(`"plan_id": "one"`), "plan_id", "A valid integer is required."},
		{with(`"plan_id": 1.5`), "plan_id", "A valid integer is required."},
		{with(`"plan_id": true`), "plan_id", "A valid integer is required."},
		{with(`"plan_id": 99`), "plan_id", `Invalid pk "99" - object does not exist.`},
		{with(`"plan_id": 8`), "plan_id", "This plan is not available."},
		{with(`"plan_id": 4, "location": "us-east"`), "plan_id", "This plan is not available in us-east."},
		{with(`"os_id": 99`), "os_id", `Invalid pk "99" - object does not exist.`},
		{with(`"location": "mars"`), "location", `"mars" is not a valid choice.`},
		{with(`"hostname": "web"`), "hostname", "Enter a fully qualified domain name."},
		{with(`"hostname": "web_1.example.com"`), "hostname", "Enter a fully qualified domain name."},
		{with(`"hostname": "10.0.0.1"`), "hostname", "Enter a fully qualified domain name."},
		{with(`"backups_enabled": "yes"`), "backups_enabled", "Must be a valid boolean."},
		{with(`"ssh_key_id": 0`), "ssh_key_id", `Invalid pk "0" - object does not exist.`},
		{`[]`, "non_field_errors", "Invalid data. Expected a dictionary, but got list."},
	} {
		got := b.want(400, "POST", "/api/v1/servers/", c.body)
		if !reflect.DeepEqual(got[c.field], []any{c.message}) {
			t.Errorf("%s: %v, want %s: %q", c.body, got, c.field, c.message)
		}
	}
	if d := b.want(400, "POST", "/api/v1/servers/", `{"name":`)["detail"]; !strings.HasPrefix(fmt.Sprint(d), "JSON parse error - ") {
		t.Errorf("broken JSON: %v", d)
	}
	if n := len(b.Servers()); n != before {
		t.Errorf("refused creates made %d servers", n-before)
	}
	for _, q := range b.Requests() {
		if q.Executed || q.Status != 400 {
			t.Errorf("the log says %+v", q)
		}
	}
}

func TestCreateWantsCredit(t *testing.T) {
	dear := `{"name": "big", "plan_id": 7, "os_id": 5, "location": "us-west"}`
	b := start(t, sandbox.Options{})
	if d := b.want(402, "POST", "/api/v1/servers/", dear)["detail"]; d != "Insufficient credits: Dedicated Host costs $1440.00 a month." {
		t.Errorf("%v", d)
	}
	start(t, sandbox.Options{Credit: 2000}).want(201, "POST", "/api/v1/servers/", dear)
	start(t, sandbox.Options{Credit: -1}).want(402, "POST", "/api/v1/servers/", web02)
}

func TestCreateTakesTwoOfOneNameAndIntegersAsText(t *testing.T) {
	b := start(t, sandbox.Options{})
	one := b.want(201, "POST", "/api/v1/servers/", web02)
	two := b.want(201, "POST", "/api/v1/servers/", strings.Replace(web02, `"plan_id": 1`, `"plan_id": "1", "ssh_key_id": null, "colour": "red"`, 1))
	if one["name"] != two["name"] || one["id"] == two["id"] {
		t.Errorf("%v and %v", one, two)
	}
}

func TestOtherContentTypesAreRefused(t *testing.T) {
	b := start(t, sandbox.Options{})
	req := b.request("POST", "/api/v1/servers/", web02)
	req.Header.Set("Content-Type", "text/plain")
	if r := b.do(req); r.status != 415 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestPutWantsAllThreeAndPatchOnlyWhatChanges(t *testing.T) {
	b := start(t, sandbox.Options{})
	const path = "/api/v1/servers/12345/"
	got := b.want(400, "PUT", path, `{"name": "a"}`)
	if len(got) != 2 || got["hostname"] == nil || got["backups_enabled"] == nil {
		t.Errorf("PUT of one field: %v", got)
	}
	b.want(400, "PATCH", path, `{"name": "not valid"}`)
	if sv, _ := b.Server(12345); sv.Name != "web-server-01" {
		t.Errorf("a refused update renamed it to %s", sv.Name)
	}
	got = b.want(200, "PUT", path, `{"name": "web-server-updated", "hostname": "web-updated.example.com", "backups_enabled": false}`)
	if got["name"] != "web-server-updated" || got["hostname"] != "web-updated.example.com" || got["backups_enabled"] != false {
		t.Errorf("PUT: %v", got)
	}
	got = b.want(200, "PATCH", path, `{"name": "new-server-name", "status": "suspended"}`)
	if got["name"] != "new-server-name" || got["hostname"] != "web-updated.example.com" || got["status"] != "active" {
		t.Errorf("PATCH: %v", got)
	}
	if got["updated_at"] == "2025-01-15T10:20:00Z" {
		t.Error("updated_at did not move")
	}
}

func TestDeleteIsForGoodAndIDsAreNeverUsedAgain(t *testing.T) {
	b := start(t, sandbox.Options{})
	made := b.want(201, "POST", "/api/v1/servers/", web02)
	path := fmt.Sprintf("/api/v1/servers/%.0f/", made["id"])
	if r := b.call("DELETE", path, ""); r.status != 204 || r.body != "" {
		t.Fatalf("%d %q", r.status, r.body)
	}
	b.want(404, "DELETE", path, "")
	b.want(404, "GET", path, "")
	again := b.want(201, "POST", "/api/v1/servers/", web02)
	if again["id"].(float64) <= made["id"].(float64) {
		t.Errorf("id %v came after %v", again["id"], made["id"])
	}
}

func TestFleetIsTheSeedsAndNamesAreUnique(t *testing.T) {
	one := sandbox.New(sandbox.Options{Servers: 2000, Seed: 7}).Servers()
	if !reflect.DeepEqual(one, sandbox.New(sandbox.Options{Servers: 2000, Seed: 7}).Servers()) {
		t.Error("one seed gave two fleets")
	}
	if reflect.DeepEqual(one, sandbox.New(sandbox.Options{Servers: 2000, Seed: 8}).Servers()) {
		t.Error("two seeds gave one fleet")
	}
	seen := map[string]bool{}
	statuses := map[string]int{}
	for _, sv := range one {
		for _, k := range []string{sv.Name, sv.Hostname, sv.IPAddress, sv.IPv6Address} {
			if seen[k] {
				t.Fatalf("%q twice", k)
			}
			seen[k] = true
		}
		statuses[sv.Status]++
	}
	if statuses["active"] < 1500 || statuses["stopped"] == 0 || statuses["suspended"] == 0 {
		t.Errorf("statuses: %v", statuses)
	}
}

func TestSmallFleets(t *testing.T) {
	for n, want := range map[int]int{0: 6, 1: 1, 2: 2, -1: 0} {
		if got := len(sandbox.New(sandbox.Options{Servers: n}).Servers()); got != want {
			t.Errorf("Servers %d: %d, want %d", n, got, want)
		}
	}
	var stopped bool
	for _, sv := range sandbox.New(sandbox.Options{}).Servers() {
		stopped = stopped || sv.Status == "stopped"
	}
	if !stopped {
		t.Error("nothing to start in the default fleet")
	}
}

func TestPlansAndAccount(t *testing.T) {
	b := start(t, sandbox.Options{Email: "ops@example.com"})
	all := b.want(200, "GET", "/api/v1/plans/", "")
	if int(all["count"].(float64)) != len(sandbox.Plans()) || len(all["results"].([]any)) != len(sandbox.Plans()) {
		t.Errorf("%v", all["count"])
	}
	for _, p := range b.want(200, "GET", "/api/v1/plans/?location=us-east", "")["results"].([]any) {
		if p.(map[string]any)["id"] == 4.0 {
			t.Error("plan 4 is offered in us-east")
		}
	}
	want := `{"id":1,"name":"Standard VPS","slug":"standard","vcpus":2,"memory":4096,"storage":80,"bandwidth":2048,` +
		`"price_monthly":12.00,"price_hourly":0.018,"available":true,"locations":["us-west","us-east","eu-central"],` +
		`"description":"For websites and small applications"}`
	if r := b.call("GET", "/api/v1/plans/1/", ""); r.body != want {
		t.Errorf("got  %s\nwant %s", r.body, want)
	}
	b.want(404, "GET", "/api/v1/plans/99/", "")
	me := b.want(200, "GET", "/api/v1/account/me/", "")
	if me["account"].(map[string]any)["email"] != "ops@example.com" || me["token"].(map[string]any)["permissions"] == nil {
		t.Errorf("%v", me)
	}
}

func TestHeadIsAGetWithoutBody(t *testing.T) {
	b := start(t, sandbox.Options{})
	if r := b.call(http.MethodHead, "/api/v1/servers/", ""); r.status != 200 || r.body != "" {
		t.Errorf("%d %q", r.status, r.body)
	}
}

func TestEverySystemIsToBeHadInEveryLocation(t *testing.T) {
	b := start(t, sandbox.Options{Servers: -1})
	for _, location := range sandbox.Locations() {
		for _, system := range sandbox.Systems() {
			made := b.want(201, "POST", "/api/v1/servers/", fmt.Sprintf(
				`{"name": "a", "plan_id": 1, "os_id": %d, "location": %q}`, system.ID, location))
			if made["location"] != location || made["os"].(map[string]any)["name"] != system.Name || made["hostname"] != "" {
				t.Errorf("%v", made)
			}
		}
	}
}
