package main

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
)

// addChanging adds the tools that change what is listed, for clients that
// listen for it. What they add is taken away at once, so that every scenario
// finds the same lists.
func (f *fixtures) addChanging() {
	f.tool("test_trigger_tool_change", noArguments, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		f.tool("test_short_lived", noArguments, nil)
		f.mcp.DeleteTools("test_short_lived")
		return mcp.NewToolResultText("The tools have changed, and changed back."), nil
	})
	f.tool("test_trigger_prompt_change", noArguments, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		f.mcp.AddPrompt(mcp.NewPrompt("test_short_lived"), nil)
		f.mcp.DeletePrompts("test_short_lived")
		return mcp.NewToolResultText("The prompts have changed, and changed back."), nil
	})
}
