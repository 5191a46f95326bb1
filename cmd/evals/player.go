package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// play takes the reference's steps, and returns all that it was told. An error
// says which step did not go as written.
func (w *world) play(ctx context.Context) (told string, err error) {
	c, err := w.connect(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }() // what it was told counts
	var all strings.Builder
	request := ""
	for n, s := range w.task.Reference {
		text, o, err := call(ctx, c, s, request)
		if err != nil {
			return all.String(), fmt.Errorf("step %d, %s: %w", n+1, s.Tool, err)
		}
		all.WriteString(text + "\n")
		if o.RequestID != "" {
			request = o.RequestID
		}
		if s.Outcome != "" && o.Outcome != s.Outcome {
			return all.String(), fmt.Errorf("step %d, %s: %s, and not %s: %s", n+1, s.Tool, o.Outcome, s.Outcome, text)
		}
		for _, pattern := range s.Holds {
			if !matches(pattern, text) {
				return all.String(), fmt.Errorf("step %d, %s: the answer does not hold %s: %s", n+1, s.Tool, pattern, text)
			}
		}
	}
	return all.String(), nil
}

func (w *world) connect(ctx context.Context) (*client.Client, error) {
	t, err := transport.NewStreamableHTTP(w.mcp)
	if err != nil {
		return nil, err
	}
	options := []client.ClientOption{client.WithDiscoverTimeout(-1)} // however busy the machine is, the era is the same
	if w.task.Dialog != "" {
		options = append(options, client.WithElicitationHandler(dialog(w.task.Dialog)))
	}
	c := client.NewClient(t, options...)
	if err := c.Start(ctx); err != nil {
		return nil, err
	}
	var hello mcp.InitializeRequest
	hello.Params.ClientInfo = mcp.Implementation{Name: "reference", Version: "1"}
	_, err = c.Initialize(ctx, hello)
	return c, err
}

// dialog answers every dialog in the same way.
type dialog mcp.ElicitationResponseAction

func (d dialog) Elicit(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	var r mcp.ElicitationResult
	if r.Action = mcp.ElicitationResponseAction(d); r.Action == mcp.ElicitationResponseActionAccept {
		r.Content = map[string]any{"confirm": true}
	}
	return &r, nil
}

// outcome is what a changing tool's answer says of its request.
type outcome struct {
	Outcome   string `json:"outcome"`
	RequestID string `json:"request_id"`
}

func call(ctx context.Context, c *client.Client, s step, request string) (text string, o outcome, err error) {
	arguments := make(map[string]any, len(s.Args))
	for name, value := range s.Args {
		if value == "$request" {
			value = request
		}
		if f, ok := value.(float64); ok { // 12345.0 stays what it is
			value = json.RawMessage(fmt.Sprintf("%.1f", f))
		}
		arguments[name] = value
	}
	var r mcp.CallToolRequest
	r.Params.Name, r.Params.Arguments = s.Tool, arguments
	result, err := c.CallTool(ctx, r)
	if err != nil {
		return "", o, err
	}
	for _, part := range result.Content {
		if t, ok := part.(mcp.TextContent); ok {
			text += t.Text
		}
	}
	if len(result.RawStructuredContent) > 0 {
		err = json.Unmarshal(result.RawStructuredContent, &o)
	}
	return text, o, err
}
