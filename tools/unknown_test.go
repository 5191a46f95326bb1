package tools_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/tools/mcphttp"
)

// overTheWire runs a test on each transport, in both eras. In process, nothing puts
// the library's words right.
func overTheWire(t *testing.T, test func(t *testing.T, connect dialer)) {
	for _, f := range fronts() {
		if !strings.HasPrefix(f.name, "in process") {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				test(t, func(w *world, d dialog) *conn { return f.dial(w, d) })
			})
		}
	}
}

func TestWhatThereIsNotNamesTheNextStep(t *testing.T) {
	overTheWire(t, func(t *testing.T, connect dialer) {
		c := connect(newWorld(t), nil)
		tool := func(c *conn, name string) error {
			var r mcp.CallToolRequest
			r.Params.Name = name
			_, err := c.CallTool(c.ctx, r)
			return err
		}
		_, noPrompt := c.prompt("incidnet", nil)
		var page mcp.ListToolsRequest
		page.Params.Cursor = "x!"
		_, noPage := c.ListTools(c.ctx, page)
		_, noResource := c.resource("vps://server/1")
		_, noID := c.resource("vps://servers/")
		_, noRequest := c.resource("vps://requests/")
		for _, refused := range []struct {
			err  error
			says string
		}{
			{tool(c, "delete_servers"), `there is no tool "delete_servers". Did you mean delete_server? tools/list gives those there are.`},
			{noPrompt, `there is no prompt "incidnet". Did you mean incident? prompts/list gives`},
			{noPage, "leave it out to begin"},
			{noID, `"vps://servers/" is no resource here: there are vps://servers, vps://servers/ID,`},
			{noRequest, `"vps://requests/" is no resource here: there are vps://servers, vps://servers/ID, vps://requests/ID`},
			{noResource, `"vps://server/1" is no resource here: there are vps://servers, vps://servers/ID, vps://requests/ID and vps://policy`},
		} {
			if refused.err == nil || !strings.Contains(refused.err.Error(), refused.says) {
				t.Errorf("%v lacks %q", refused.err, refused.says)
			}
		}
		readOnly := connect(newWorld(t, func(s *setup) { s.readOnly = true }), nil)
		if err := tool(readOnly, "delete_servers"); err == nil || strings.Contains(err.Error(), "mean delete_server") {
			t.Errorf("what isn't offered is suggested: %v", err)
		}
	})
}

// Who invents a tool is shown the one that does what its verb says, or none: what its
// letters are near to may do the contrary.
func TestAnInventedToolIsTakenForNoContrary(t *testing.T) {
	w := newWorld(t)
	c := fronts()[2].dial(w, nil)
	for invented, meant := range map[string]string{
		"describe_server": "get_server", "show_server": "get_server", "monitor_server": "get_server", "inspect_server": "get_server",
		"get_server_status": "get_server", "server_info": "get_server", "top_server": "get_server", "mcp__vpsops__get_serer": "get_server",
		"select_server": "", "reset_server": "", "resize_server": "", "restore_server": "", "revert_server": "", "reinstall_server": "",
		"release_server": "", "suspend_server": "", "stat_server": "get_server", "migrate_server": "", "undelete_server": "",
		"remove_server": "delete_server", "destroy_server": "delete_server", "terminateServer": "delete_server", "delete_servers": "delete_server",
		"delet_server": "delete_server", "delete_sever": "delete_server", "delete": "delete_server", "server.delete": "delete_server",
		"delete_server_backup": "", "restart_server": "reboot_server", "reobot_server": "reboot_server", "start_server_backup": "",
		"rename_server": "update_server", "change_server": "update_server", "set_server": "update_server",
		"resume_server": "start_server", "power_on_server": "start_server", "sart_server": "start_server",
		"shutdown": "stop_server", "power-off-vps": "stop_server", "stp_server": "stop_server",
		"provision_vm": "create_server", "add_server": "create_server", "list_instances": "list_servers", "show_servers": "list_servers",
		"list_server": "list_servers", "vps_list_servers": "list_servers", "list_plans": "list_options", "get_locations": "list_options",
		"delete_request": "cancel_request", "abort_request": "cancel_request", "cancel": "cancel_request", "list_requests": "get_request",
		"approve_request": "", "confirm_request": "", "deny_request": "", "cancel_server": "", "delete_image": "", "run_command": "", "xyzzy": "",
	} {
		var r mcp.CallToolRequest
		r.Params.Name = invented
		_, err := c.CallTool(c.ctx, r)
		want := "there is no tool " + `"` + invented + `". `
		if meant != "" {
			want += "Did you mean " + meant + "? "
		}
		if want += "tools/list gives those there are."; err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s is answered %v", invented, err)
		}
	}
}

// What is sent comes back in an error, as far as a person can read it.
func TestErrorsRepeatLittleOfWhatTheyAreSent(t *testing.T) {
	long := strings.Repeat(`9`, 1_000_000)
	name := `\u202e\u001b[31m` + long
	messages := map[string]string{
		"a number":   `"method":"tools/call","params":{"name":"get_server","arguments":{"server":` + long + `}}`,
		"a tool":     `"method":"tools/call","params":{"name":"` + name + `"}`,
		"a prompt":   `"method":"prompts/get","params":{"name":"` + name + `"}`,
		"a resource": `"method":"resources/read","params":{"uri":"` + name + `"}`,
		"followed":   `"method":"resources/subscribe","params":{"uri":"` + name + `"}`,
		"a method":   `"method":"` + name + `"`,
		"a version":  `"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"3` + name + `","io.modelcontextprotocol/clientCapabilities":{}}}`,
	}
	w := newWorld(t)
	url := w.serveHTTP(mcphttp.Local(me))
	post := func(body string, headers ...string) (string, http.Header) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text), answer.Header
	}
	_, session := post(hello[:strings.IndexByte(hello, '\n')])
	for what, message := range messages {
		body := `{"jsonrpc":"2.0","id":1,` + message + `}`
		overHTTP, _ := post(body, "Mcp-Session-Id", session.Get("Mcp-Session-Id"))
		for transport, said := range map[string]string{"stdio": string(w.answersTo(hello + body + "\n")["1"]), "HTTP": overHTTP} {
			var answer struct {
				Error  mcp.JSONRPCErrorDetails
				Result *struct{ IsError bool }
			}
			if err := json.Unmarshal([]byte(said), &answer); err != nil || answer.Error.Message == "" && (answer.Result == nil || !answer.Result.IsError) {
				t.Errorf("%s over %s: %v in %.200s", what, transport, err, said)
			}
			if len(said) > 5000 || strings.ContainsAny(answer.Error.Message, "\u202e\x1b") {
				t.Errorf("%s over %s: %d bytes, %.200s", what, transport, len(said), said)
			}
		}
	}
	refused, _ := post(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, "Mcp-Session-Id", session.Get("Mcp-Session-Id"), "Mcp-Protocol-Version", "1"+strings.Repeat("x", 20_000))
	if len(refused) > 1000 {
		t.Errorf("%d bytes of a refusal", len(refused))
	}
}
