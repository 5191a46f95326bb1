package tools_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// checkStructured holds an answer against the output schema that its tool
// declares, as clients do, also for errors.
func (w *world) checkStructured(tool string, result *mcp.CallToolResult) {
	w.t.Helper()
	if result.NeedsInput() {
		return
	}
	if len(result.RawStructuredContent) == 0 {
		if !result.IsError {
			w.t.Errorf("%s answered without structured content", tool)
		}
		return
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(result.RawStructuredContent))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := compiled(w.t, w.mcp.GetTool(tool).Tool.RawOutputSchema).Validate(value); err != nil {
		w.t.Errorf("%s: %v", tool, err)
	}
}

func compiled(t *testing.T, schema json.RawMessage) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemasAreValid(t *testing.T) {
	for name, tool := range newWorld(t).mcp.ListTools() {
		input, _ := compiled(t, tool.Tool.RawInputSchema), compiled(t, tool.Tool.RawOutputSchema)
		if err := input.Validate(map[string]any{"confirmed": true}); err == nil {
			t.Errorf("%s: the schema takes unknown arguments", name)
		}
	}
}
