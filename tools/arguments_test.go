package tools_test

import (
	"encoding/json"
	"strings"
	"testing"

	"vpsops/vpsapi/sandbox"
)

// What forges a person's yes, what is no id, and what models get wrong. Nothing may
// reach the API.
func TestWrongArgumentsAreRefusedAndSaidWhy(t *testing.T) {
	for name, c := range map[string]struct{ tool, arguments, says string }{
		"confirmed":         {"delete_server", `{"server_id":12345,"name":"web-server-01","confirmed":true}`, `unknown argument "confirmed". delete_server takes server_id, name, reason?. Nothing was done.`},
		"approved_by":       {"reboot_server", `{"server":12345,"approved_by":"ana"}`, `unknown argument "approved_by"`},
		"force":             {"stop_server", `{"server":12345,"force":true}`, `unknown argument "force"`},
		"a request's id":    {"reboot_server", `{"server":12346,"request_id":"req_x"}`, `unknown argument "request_id"`},
		"near miss":         {"reboot_server", `{"server_id":12345}`, `Did you mean server?`},
		"typo":              {"create_server", `{"naem":"x"}`, `Did you mean name?`},
		"other case":        {"reboot_server", `{"Server":12345}`, `Did you mean server?`},
		"account of one":    {"list_servers", `{"account":"main"}`, `unknown argument "account"`},
		"missing":           {"reboot_server", `{}`, `server is needed: a whole number or a string: id, or exact name`},
		"missing all":       {"create_server", `{}`, `name is needed`},
		"null":              {"reboot_server", `{"server":null}`, `server must be a whole number or a string`},
		"float id":          {"get_server", `{"server":12345.9}`, `not 12345.9`},
		"float id, whole":   {"get_server", `{"server":12345.0}`, `not 12345.0`},
		"exponent id":       {"get_server", `{"server":1e3}`, `not 1e3`},
		"negative id":       {"get_server", `{"server":-1}`, `not -1`},
		"list id":           {"get_server", `{"server":[12345]}`, `not [12345]`},
		"float id in text":  {"delete_server", `{"server_id":"12345.9","name":"web-server-01"}`, `"12345.9" is not an id`},
		"exponent in text":  {"delete_server", `{"server_id":"1e3","name":"web-server-01"}`, `"1e3" is not an id`},
		"path id":           {"delete_server", `{"server_id":"../../account","name":"web-server-01"}`, `is not an id`},
		"query id":          {"delete_server", `{"server_id":"1?x=","name":"web-server-01"}`, `is not an id`},
		"plan by name":      {"create_server", `{"name":"a","plan_id":"Standard VPS","os_id":3,"location":"us-west"}`, "list_options shows the ids there are"},
		"system by name":    {"create_server", `{"name":"a","plan_id":1,"os_id":"Ubuntu 22.04","location":"us-west"}`, "list_options shows the ids there are"},
		"plan path":         {"create_server", `{"name":"a","plan_id":"1/..","os_id":3,"location":"us-west"}`, `plan_id: "1/.." is not an id`},
		"twice":             {"reboot_server", `{"server":12345,"server":12346}`, `"server" is given twice`},
		"text for a number": {"list_servers", `{"limit":"50"}`, `limit must be an integer from 1 to 200, not "50"`},
		"below":             {"list_servers", `{"limit":0}`, `limit must be an integer from 1 to 200, not 0`},
		"above":             {"reboot_server", `{"server":12345,"wait_seconds":51}`, `wait_seconds must be an integer from 0 to 50, not 51`},
		"far above":         {"list_servers", `{"limit":99999999999999999999}`, `limit must be an integer`},
		"text for a flag":   {"update_server", `{"server":12345,"backups_enabled":"yes"}`, `backups_enabled must be true or false, not "yes"`},
		"unknown status":    {"list_servers", `{"status":"running"}`, `status must be one of active, stopped, suspended, not "running"`},
		"no object":         {"list_servers", `[]`, `arguments must be a JSON object`},
		"long text":         {"reboot_server", `{"server":"` + strings.Repeat("a", 3000) + `"}`, `server is too long: a string is at most 2000 bytes`},
		"long reason":       {"reboot_server", `{"server":12345,"reason":"` + strings.Repeat("a", 2001) + `"}`, `reason is too long: a string is at most 2000 bytes`},
		"nothing to change": {"update_server", `{"server":12345}`, `at least one of name, hostname`},
		"half a PUT":        {"update_server", `{"server":12345,"replace":true,"name":"x"}`, `replace: needs all three of`},
		"an empty PUT":      {"update_server", `{"server":12345,"replace":true}`, `replace: needs all three of`},
		"hostname of none":  {"update_server", `{"server":12345,"hostname":""}`, `hostname: is a full domain name`},
		"create with none":  {"create_server", `{"name":"a","plan_id":1,"os_id":3,"location":"us-west","hostname":""}`, `hostname: is a full domain name, such as web01.example.com; for none leave it out.`},
		"bad name":          {"create_server", `{"name":"a b","plan_id":1,"os_id":3,"location":"us-west"}`, `name: takes letters, digits and hyphens`},
		"null cursor":       {"list_servers", `{"cursor":null}`, `not null: leave it out`},
		"bad cursor":        {"list_servers", `{"cursor":"x"}`, `none of this tool's`},
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, connect dialer) {
				w := newWorld(t)
				got := connect(w, yes).call(c.tool, c.arguments)
				if !got.isError {
					t.Errorf("taken: %s", got.text)
				}
				if got.holds(t, c.says); len(got.text) > 500 {
					t.Errorf("%d bytes of complaint", len(got.text))
				}
				w.wantWrites()
				if reads := w.reads(); len(reads) > 0 {
					t.Errorf("the API was asked for %q", reads)
				}
			})
		})
	}
}

func TestIDsComeAsIntegersOrAsStringsOfThem(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		for _, id := range []string{`12345`, `"12345"`} {
			w := newWorld(t)
			c := connect(w, nil)
			c.call("get_server", `{"server":`+id+`}`).holds(t, "web-server-01 (id 12345)")
			got := c.call("delete_server", `{"server_id":`+id+`,"name":"web-server-01"}`).want(t, "pending", "pending")
			if got.Server.ID != "12345" {
				t.Errorf("the id came back as %s", got.Server.ID)
			}
		}
	})
}

func TestLargeIDKeepsEveryDigit(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		w := newWorld(t)
		connect(w, nil).call("get_server", `{"server":9007199254740993}`).holds(t, "404")
		if reads := w.reads(); len(reads) != 1 || reads[0] != "/servers/9007199254740993/" {
			t.Errorf("the API was asked for %q", reads)
		}
	})
}

func TestIDAndNameOfADeleteMustAgree(t *testing.T) {
	w := newWorld(t)
	got := w.modern(mine, "delete_server", `{"server_id":12345,"name":"db-server-01"}`, "")
	got.want(t, "failed", "").holds(t, "web-server-01", "id and name must agree")
	w.wantWrites()
}

// What an assistant is shown is all that it can give.
func TestAServerIsDeletedByItsNameAsItIsShown(t *testing.T) {
	for name, shown := range map[string]string{"web\u200b-01": `web\u{200b}-01`, "web  01": "web 01", "web\n01": "web 01"} {
		w := newWorld(t)
		w.api.EditServer(12345, func(sv *sandbox.Server) { sv.Name = name })
		var structured struct{ Name string }
		got := w.modern(mine, "get_server", `{"server":12345}`, "")
		if err := json.Unmarshal(got.raw.RawStructuredContent, &structured); err != nil || structured.Name != shown {
			t.Errorf("%q is shown as %q (%v)", name, structured.Name, err)
		}
		given, _ := json.Marshal(shown)
		w.modern(mine, "delete_server", `{"server_id":12345,"name":`+string(given)+`}`, "").want(t, "pending", "pending")
		w.modern(mine, "delete_server", `{"server_id":12345,"name":"web-01"}`, "").want(t, "failed", "").holds(t, "id and name must agree")
	}
}
