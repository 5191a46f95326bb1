package main

import (
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"
)

const (
	// A PNG of one red pixel, and a WAV without a sample.
	pixel   = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
	silence = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="

	noArguments = `{"type":"object","properties":{},"additionalProperties":false}`
)

// tool adds a tool by its schema as text.
func (f *fixtures) tool(name, schema string, run func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error)) {
	f.mcp.AddTool(mcp.NewToolWithRawSchema(name, "The suite's "+name+".", json.RawMessage(schema)), run)
}

// addContent adds the tools that answer with content of each kind.
func (f *fixtures) addContent() {
	text := mcp.NewTextContent("This is a simple text response for testing.")
	image := mcp.NewImageContent(pixel, "image/png")
	for name, content := range map[string][]mcp.Content{
		"test_simple_text":   {text},
		"test_image_content": {image},
		"test_audio_content": {mcp.NewAudioContent(silence, "audio/wav")},
		"test_embedded_resource": {mcp.NewEmbeddedResource(mcp.TextResourceContents{
			URI: "test://embedded-resource", MIMEType: "text/plain", Text: "This is an embedded resource content.",
		})},
		"test_multiple_content_types": {
			mcp.NewTextContent("Multiple content types test:"), image,
			mcp.NewEmbeddedResource(mcp.TextResourceContents{
				URI: "test://mixed-content-resource", MIMEType: "application/json", Text: `{"test":"data","value":123}`,
			}),
		},
	} {
		f.tool(name, noArguments, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{Content: content}, nil
		})
	}
	f.tool("test_error_handling", noArguments, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultError("This tool intentionally returns an error for testing"), nil
	})
	f.tool("json_schema_2020_12_tool", richSchema, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{text}}, nil
	})
}

// richSchema holds each keyword that must reach the client as it is (SEP-1613,
// SEP-2106).
const richSchema = `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",` +
	`"$defs":{"address":{"$anchor":"addressDef","type":"object","properties":{"street":{"type":"string"},"city":{"type":"string"}}}},` +
	`"properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"},"contactMethod":{"type":"string","enum":["phone","email"]},` +
	`"phone":{"type":"string"},"email":{"type":"string"}},` +
	`"allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],` +
	`"if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},"then":{"required":["phone"]},"else":{"required":["email"]},` +
	`"additionalProperties":false}`
