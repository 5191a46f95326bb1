package tools_test

import (
	"fmt"
	"testing"
)

// The whole way once over stdio in the older era and once over HTTP in the
// newer: what a person confirms is done, once; what waits for a person waits.
func TestStory(t *testing.T) {
	for _, f := range fronts() {
		if f.name != "stdio, old era" && f.name != "HTTP, new era" {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			w := newWorld(t)
			c := f.dial(w, yes)
			if l := c.call("list_servers", `{}`).list(t); l.Total != 6 {
				t.Fatalf("%d servers", l.Total)
			}
			c.call("list_options", `{"location":"us-east"}`).holds(t, "Standard VPS")
			made := c.call("create_server", `{"name":"shop-01","plan_id":1,"os_id":3,"location":"us-east","reason":"the new shop"}`)
			made = c.call("get_request", fmt.Sprintf(`{"request_id":%q,"wait_seconds":20}`, made.RequestID)).want(t, "succeeded", "succeeded")
			id := made.Server.ID.String()
			if id == "" || made.Server.Status != "active" {
				t.Fatalf("made %+v", made.Server)
			}
			renamed := c.call("update_server", `{"server":`+id+`,"name":"shop-02"}`).want(t, "pending", "pending")
			w.vote(renamed.RequestID, true, "shop-01")
			c.call("get_request", fmt.Sprintf(`{"request_id":%q,"wait_seconds":20}`, renamed.RequestID)).want(t, "succeeded", "succeeded")
			c.call("reboot_server", `{"server":"shop-02","wait_seconds":20}`).want(t, "succeeded", "succeeded")

			deleted := c.call("delete_server", `{"server_id":`+id+`,"name":"shop-02"}`).want(t, "pending", "pending")
			deleted.holds(t, "in person", "typing the server's name")
			w.wantWrites("POST /servers/", "PATCH /servers/"+id+"/", "POST /servers/"+id+"/reboot/")
			w.vote(deleted.RequestID, true, "shop-02")
			c.call("get_request", fmt.Sprintf(`{"request_id":%q,"wait_seconds":20}`, deleted.RequestID)).want(t, "succeeded", "succeeded")
			w.wantWrites("POST /servers/", "PATCH /servers/"+id+"/", "POST /servers/"+id+"/reboot/", "DELETE /servers/"+id+"/")
			if got := c.call("get_server", `{"server":`+id+`}`); !got.isError {
				t.Error("it is still there")
			}
		})
	}
}
