package main

import (
	"context"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

const step = 50 * time.Millisecond // between notifications, as the suite has it

// addNotifying adds the tools that log or tell of progress.
func (f *fixtures) addNotifying() {
	for _, name := range []string{"test_tool_with_logging", "test_logging_tool"} {
		f.tool(name, noArguments, f.log)
	}
	f.tool("test_tool_with_progress", noArguments, f.progress)
}

func (f *fixtures) log(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	for _, text := range []string{"Tool execution started", "Tool processing data", "Tool execution completed"} {
		note := mcp.NewLoggingMessageNotification(mcp.LoggingLevelInfo, "fixtures", text)
		if err := f.mcp.SendLogMessageToClient(ctx, note); err != nil {
			return nil, err
		}
		pause(ctx, step)
	}
	return mcp.NewToolResultText("Logged."), nil
}

func (f *fixtures) progress(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	for _, done := range []int{0, 50, 100} {
		if meta := r.Params.Meta; meta != nil && meta.ProgressToken != nil {
			err := f.mcp.SendNotificationToClient(ctx, string(mcp.MethodNotificationProgress), map[string]any{
				"progressToken": meta.ProgressToken, "progress": done, "total": 100,
			})
			if err != nil {
				return nil, err
			}
		}
		pause(ctx, step)
	}
	return mcp.NewToolResultText("Done."), nil
}
