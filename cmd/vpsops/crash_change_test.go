//go:build crash && unix

package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// change is one that is asked for once. No two are of one action and server,
// so that the API's log tells whose call it was.
type change struct {
	action  policy.Action
	rename  bool
	server  int64
	name    string // a new server's, or the one that is deleted
	tool    string
	args    string
	state   string // of the dialog
	request string
}

// write is a change's call as the API's log has it.
func (c *change) write() (method, path string) {
	path = fmt.Sprintf("%s/servers/%d/", sandbox.BasePath, c.server)
	switch c.action {
	case policy.Create:
		return http.MethodPost, sandbox.BasePath + "/servers/"
	case policy.Update:
		return http.MethodPatch, path
	case policy.Delete:
		return http.MethodDelete, path
	}
	return http.MethodPost, path + string(c.action) + "/"
}

// isOf tells whether a call is of this change.
func (c *change) isOf(r sandbox.Request) bool {
	method, path := c.write()
	return r.Method == method && r.Path == path && (c.action != policy.Create || strings.Contains(r.Body, `"`+c.name+`"`))
}

var crashActions = []policy.Action{
	policy.Start, policy.Stop, policy.Stop, policy.Reboot, policy.Update, policy.Update, policy.Delete, policy.Delete, policy.Create,
}

// newChange takes the next server, and makes it one that can be changed so.
func (s *site) newChange(server int64) *change {
	s.Helper()
	c := &change{action: crashActions[s.rand.IntN(len(crashActions))], server: server, rename: s.rand.IntN(3) == 0}
	status := sandbox.StatusActive
	if c.action == policy.Start {
		status = sandbox.StatusStopped
	}
	if !s.api.EditServer(server, func(v *sandbox.Server) { v.Status, v.Becomes = status, ""; c.name = v.Name }) {
		s.Fatalf("there is no server %d", server)
	}
	c.tool, c.args = string(c.action)+"_server", fmt.Sprintf(`{"server":%d}`, server)
	switch c.action {
	case policy.Create:
		c.name = fmt.Sprintf("new-%d", server)
		c.server = 0
		c.args = fmt.Sprintf(`{"name":%q,"plan_id":1,"os_id":6,"location":"us-west"}`, c.name)
	case policy.Update:
		c.args = fmt.Sprintf(`{"server":%d,"hostname":"host-%d.example.com"}`, server, server)
		if c.rename {
			c.args = fmt.Sprintf(`{"server":%d,"name":"renamed-%d"}`, server, server)
		}
	case policy.Delete:
		c.args = fmt.Sprintf(`{"server_id":%d,"name":%q}`, server, c.name)
	}
	return c
}

// wantsPage tells whether a dialog's answer is not enough.
func (c *change) wantsPage() bool {
	return c.action == policy.Delete || c.action == policy.Update && c.rename
}

// ask asks for a change that wants a vote; one that wants none is asked for by
// confirm.
func (c *change) ask(h *house) error {
	if c.action == policy.Start {
		return nil
	}
	r, err := h.call("", c.tool, c.args, "")
	if err != nil {
		return err
	}
	c.state, c.request = r.RequestState, r.StructuredContent.RequestID
	if r.IsError || c.state == "" && c.request == "" {
		return fmt.Errorf("%s %s was answered %+v", c.tool, c.args, r)
	}
	return nil
}

// confirm gives the vote that a change waits for.
func (c *change) confirm(h *house) error {
	more := ""
	switch {
	case c.wantsPage():
		return h.approve(c.request, c.name)
	case c.action != policy.Start:
		more = fmt.Sprintf(confirmed, c.state)
	}
	_, err := h.call("", c.tool, c.args, more)
	return err
}

// recorded is the change's request in the ledger.
func (s *site) recorded(c *change) (ledger.Request, bool) {
	s.Helper()
	f := ledger.Filter{Person: "ana"}
	if c.server != 0 {
		f.ServerID = fmt.Sprint(c.server)
	}
	found := slices.DeleteFunc(s.requests(f), func(r ledger.Request) bool {
		return r.Action != c.action || c.action == policy.Create && !strings.Contains(string(r.Operation), `"`+c.name+`"`)
	})
	if len(found) > 1 {
		s.Errorf("%s of %d %s has %d requests", c.action, c.server, c.name, len(found))
	}
	if len(found) == 0 {
		return ledger.Request{}, false
	}
	return found[0], true
}

// kinds are the audit rows about a change so far.
func (s *site) kinds(c *change) (kinds []string) {
	s.Helper()
	r, known := s.recorded(c)
	if !known {
		return nil
	}
	err := s.audit.Read(context.Background(), func(tx ledger.ReadTx) error {
		rows, err := tx.Trail(ledger.EventFilter{RequestID: r.ID})
		for _, row := range rows {
			kinds = append(kinds, row.Kind)
		}
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return kinds
}

// calls are those of a change that the API received.
func (s *site) calls(c *change) (calls []sandbox.Request) {
	for _, r := range s.api.Requests() {
		if c.isOf(r) {
			calls = append(calls, r)
		}
	}
	return calls
}

// looks is how often the server was read.
func (s *site) looks(c *change) (n int) {
	for _, r := range s.api.Requests() {
		if r.Method == http.MethodGet && r.Path == fmt.Sprintf("%s/servers/%d/", sandbox.BasePath, c.server) {
			n++
		}
	}
	return n
}
