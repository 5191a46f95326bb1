package tools_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/tiktoken-go/tokenizer"

	"vpsops/tools"
)

var update = flag.Bool("update", false, "write the golden files anew")

func count(t *testing.T, text string) int {
	t.Helper()
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	n, err := codec.Count(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func listed(t *testing.T, c *conn) []mcp.Tool {
	t.Helper()
	got, err := c.ListTools(c.ctx, mcp.ListToolsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return got.Tools
}

// rawTools are the definitions as they go over the wire.
func rawTools(t *testing.T, w *world) []json.RawMessage {
	t.Helper()
	ctx := withMe(t.Context())
	answer, err := json.Marshal(w.mcp.HandleMessage(ctx, []byte(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)))
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Result struct{ Tools []json.RawMessage }
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		t.Fatal(err)
	}
	return list.Result.Tools
}

func TestToolDefinitionsAreAsReviewed(t *testing.T) {
	for name, change := range map[string]func(*setup){
		"tools":          func(*setup) {},
		"tools-accounts": func(s *setup) { s.accounts = []string{"prod", "staging"} },
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			for _, raw := range rawTools(t, newWorld(t, change)) {
				if err := json.Indent(&got, raw, "", "  "); err != nil {
					t.Fatal(err)
				}
				got.WriteByte('\n')
			}
			golden(t, name+".json", got.Bytes())
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what it was; look at the difference, then run with -update\n%s", path, got)
	}
}

// On HTTP a quiet tool's call goes past what compares headers with arguments.
func TestQuietToolsNameNoHeaders(t *testing.T) {
	for _, raw := range rawTools(t, newWorld(t)) {
		var tool struct{ Name string }
		if err := json.Unmarshal(raw, &tool); err != nil {
			t.Fatal(err)
		}
		if tools.Quiet(tool.Name) && bytes.Contains(raw, []byte("x-mcp-header")) {
			t.Errorf("%s", raw)
		}
	}
}

// The contract's table of annotations: read-only, destructive, idempotent,
// open world.
func TestAnnotationsAreTrue(t *testing.T) {
	want := map[string]string{
		"list_servers": "true false true true", "get_server": "true false true true",
		"list_options": "true false true true", "get_request": "true false true true",
		"start_server": "false false true true", "cancel_request": "false false true true",
		"update_server": "false true true true", "stop_server": "false true true true",
		"create_server": "false false false true",
		"reboot_server": "false true false true", "delete_server": "false true false true",
	}
	everywhere(t, func(t *testing.T, connect dialer) {
		all := listed(t, connect(newWorld(t), nil))
		if len(all) != len(want) {
			t.Errorf("%d tools, want %d", len(all), len(want))
		}
		for _, tool := range all {
			a := tool.Annotations
			got := fmt.Sprint(*a.ReadOnlyHint, *a.DestructiveHint, *a.IdempotentHint, *a.OpenWorldHint)
			if got != want[tool.Name] {
				t.Errorf("%s: %s, want %s", tool.Name, got, want[tool.Name])
			}
			if tool.Title == "" || tool.Description == "" {
				t.Errorf("%s lacks a title or a description", tool.Name)
			}
		}
	})
}
