package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

const (
	nameForm    = `{"name":{"type":"string"}}`
	colourForm  = `{"color":{"type":"string"}}`
	contextForm = `{"context":{"type":"string"}}`
	okForm      = `{"ok":{"type":"boolean"}}`
)

// round is one call of a tool that takes several: what came back from the
// client, and whether the state is the one that was sent.
type round struct {
	mcp.MultiRoundTripParams
	stage string // "" on the first call
}

var errState = errors.New("the requestState is not the one that was sent")

// open reads a state that seal made.
func (f *fixtures) open(tool string, p mcp.MultiRoundTripParams) (round, error) {
	if p.RequestState == "" {
		return round{MultiRoundTripParams: p}, nil
	}
	stage, err := f.key.Open(tool, p.RequestState)
	if err != nil {
		return round{}, errState
	}
	return round{p, string(stage)}, nil
}

// rounds adds a tool that may need several calls. A state that isn't its own
// is an error of the protocol.
func (f *fixtures) rounds(name string, run func(context.Context, round) *mcp.CallToolResult) {
	f.tool(name, noArguments, func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		p, err := f.open(name, r.Params.MultiRoundTripParams)
		if err != nil {
			return nil, err
		}
		return run(ctx, p), nil
	})
}

// asks begins what the client is asked, with the stage sealed.
func (f *fixtures) asks(tool, stage string) *server.InputRequestBuilder {
	return server.NewInputRequestBuilder(f.key.Seal(tool, []byte(stage)))
}

// field is what a form was filled in with, or "".
func (r round) field(id, name string) string {
	said := server.ElicitationResponse(r.InputResponses, id)
	if said == nil || said.Action != mcp.ElicitationResponseActionAccept {
		return ""
	}
	filled, _ := said.Content.(map[string]any)
	value, ok := filled[name]
	if !ok {
		return ""
	}
	return fmt.Sprint(value)
}

// addRounds adds the tools of the newer era that ask by answering (SEP-2322).
func (f *fixtures) addRounds() {
	for _, name := range []string{"test_input_required_result_elicitation", "test_streaming_elicitation"} {
		f.rounds(name, greet)
	}
	f.rounds("test_input_required_result_sampling", sampleByAnswer)
	f.rounds("test_input_required_result_list_roots", listRoots)
	for _, name := range []string{"test_input_required_result_request_state", "test_input_required_result_tampered_state"} {
		f.rounds(name, func(_ context.Context, r round) *mcp.CallToolResult {
			if r.stage != "" && r.field("confirm", "ok") != "" {
				return mcp.NewToolResultText("state-ok")
			}
			return f.asks(name, "confirm").Elicit("confirm", form("Please confirm", okForm, "ok")).ToolResult()
		})
	}
	f.rounds("test_input_required_result_multiple_inputs", f.askAll)
	f.rounds("test_input_required_result_multi_round", f.askTwice)
	f.rounds("test_input_required_result_capabilities", askWhatIsSupported)
}

func greet(_ context.Context, r round) *mcp.CallToolResult {
	if name := r.field("user_name", "name"); name != "" {
		return mcp.NewToolResultText("Hello, " + name + "!")
	}
	return server.NewInputRequestBuilder("").Elicit("user_name", form("What is your name?", nameForm, "name")).ToolResult()
}

func sampleByAnswer(_ context.Context, r round) *mcp.CallToolResult {
	if said := server.SamplingResponse(r.InputResponses, "capital_question"); said != nil {
		return mcp.NewToolResultText(fmt.Sprint(said.Content))
	}
	return server.NewInputRequestBuilder("").Sample("capital_question", question("What is the capital of France?", 100)).ToolResult()
}

func listRoots(_ context.Context, r round) *mcp.CallToolResult {
	if said := server.RootsResponse(r.InputResponses, "client_roots"); said != nil {
		return mcp.NewToolResultText(fmt.Sprint(said.Roots))
	}
	return server.NewInputRequestBuilder("").Roots("client_roots").ToolResult()
}

func (f *fixtures) askAll(_ context.Context, r round) *mcp.CallToolResult {
	name, roots := r.field("user_name", "name"), server.RootsResponse(r.InputResponses, "client_roots")
	greeting := server.SamplingResponse(r.InputResponses, "greeting")
	if r.stage != "" && name != "" && roots != nil && greeting != nil {
		return mcp.NewToolResultText(fmt.Sprintf("%v %s, of %v", greeting.Content, name, roots.Roots))
	}
	return f.asks("test_input_required_result_multiple_inputs", "asked").
		Elicit("user_name", form("What is your name?", nameForm, "name")).
		Sample("greeting", question("Generate a greeting", 50)).
		Roots("client_roots").ToolResult()
}

// askTwice keeps the first answer in the sealed state.
func (f *fixtures) askTwice(_ context.Context, r round) *mcp.CallToolResult {
	const tool = "test_input_required_result_multi_round"
	name, colour := r.field("step1", "name"), r.field("step2", "color")
	switch {
	case r.stage == "step1" && name != "":
		return f.asks(tool, "named "+name).Elicit("step2", form("Step 2: What is your favorite color?", colourForm, "color")).ToolResult()
	case r.stage != "" && colour != "":
		return mcp.NewToolResultText(r.stage + ", likes " + colour)
	}
	return f.asks(tool, "step1").Elicit("step1", form("Step 1: What is your name?", nameForm, "name")).ToolResult()
}

// askWhatIsSupported asks only what the client says it can answer.
func askWhatIsSupported(ctx context.Context, _ round) *mcp.CallToolResult {
	b := server.NewInputRequestBuilder("")
	p := server.RequestProtocolInfoFromContext(ctx)
	if p == nil || p.ClientCapabilities == nil {
		return mcp.NewToolResultText("Nothing can be asked.")
	}
	if p.ClientCapabilities.Sampling != nil {
		b.Sample("greeting", question("Generate a greeting", 50))
	}
	if p.ClientCapabilities.Elicitation != nil {
		b.Elicit("user_name", form("What is your name?", nameForm, "name"))
	}
	return b.ToolResult()
}
