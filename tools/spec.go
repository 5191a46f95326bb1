package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
	"vpsops/vpsapi"
)

// readTime bounds what a tool reads of the API, so that a client that waits a
// minute, as most do, still hears that the API hangs.
const readTime = 45 * time.Second

// spec is one tool: what a client is told of it, and what it does.
type spec struct {
	name, title, description string
	input, output            string // JSON Schema

	// What a client may make of a call. All tools reach the outside world.
	readOnly, destructive, idempotent bool

	changes bool          // left out of the list where changes are off
	reads   policy.Action // what it reads of servers by; "" where it reads none
	account bool          // takes an account, where several are configured
	oneRead bool          // reads the API once, where the server is given by its id
	quiet   bool          // sends its client nothing but its answer

	run func(*toolset, context.Context, call) *mcp.CallToolResult
}

// call is one call of a tool, its arguments checked.
type call struct {
	actor   policy.Actor
	args    args
	request mcp.CallToolRequest
}

func (t *toolset) add(s spec) {
	input, output := s.input, s.output
	if s.account && t.accounts != nil {
		input = withAccount(input, t.accounts)
		if s.readOnly {
			output = tellsAccount(output)
		}
	}
	tool := mcp.NewToolWithRawSchema(s.name, s.description, json.RawMessage(input))
	tool.RawOutputSchema = json.RawMessage(output)
	tool.Title = s.title
	open := true
	tool.Annotations = mcp.ToolAnnotation{
		ReadOnlyHint: &s.readOnly, DestructiveHint: &s.destructive, IdempotentHint: &s.idempotent, OpenWorldHint: &open,
	}
	// Read at the first call: most starts are followed by a list alone.
	schema := sync.OnceValue(func() *schema { return mustSchema(s.name, input) })
	t.mcp.AddTool(tool, func(ctx context.Context, r mcp.CallToolRequest) (result *mcp.CallToolResult, err error) {
		defer func() {
			if p := recover(); p != nil {
				t.Logger.Error("a tool panicked", "tool", s.name, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				result, err = failure(internalError), nil
			}
		}()
		parsed, fault := schema().parse(r.Params)
		if fault != nil {
			return s.refuse(fault), nil
		}
		c := call{args: parsed, request: r}
		if !s.readOnly || !s.account {
			c.actor = actorFrom(ctx)
			ctx, cancel := t.untilLate(ctx)
			defer cancel()
			return s.run(t, ctx, c), nil
		}
		c.actor = actorOfRead(ctx)
		if s.oneRead && parsed.server().IsID {
			// With no context of its own: a timer, or an end with the process, would cost
			// each of these calls some per cent.
			return s.run(t, vpsapi.BoundReads(ctx, readTime), c), nil
		}
		ctx, cancel := t.within(ctx, readTime)
		defer cancel()
		return s.run(t, ctx, c), nil
	})
}

// refuse answers arguments that cannot be meant, in the shape that the tool's
// other refusals have.
func (s spec) refuse(fault error) *mcp.CallToolResult {
	if s.output == outcomeSchema {
		return notDone(fault.Error())
	}
	return failure(fault.Error())
}
