package main

import (
	"context"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func (f *fixtures) addPrompts() {
	f.prompt("test_simple_prompt", nil, func(map[string]string) []mcp.Content {
		return []mcp.Content{mcp.NewTextContent("This is a simple prompt for testing.")}
	})
	f.prompt("test_prompt_with_arguments", []string{"arg1", "arg2"}, func(a map[string]string) []mcp.Content {
		return []mcp.Content{mcp.NewTextContent(fmt.Sprintf("Prompt with arguments: arg1='%s', arg2='%s'", a["arg1"], a["arg2"]))}
	})
	f.prompt("test_prompt_with_embedded_resource", []string{"resourceUri"}, func(a map[string]string) []mcp.Content {
		return []mcp.Content{
			mcp.NewEmbeddedResource(mcp.TextResourceContents{URI: a["resourceUri"], MIMEType: "text/plain", Text: "Embedded resource content for testing."}),
			mcp.NewTextContent("Please process the embedded resource above."),
		}
	})
	f.prompt("test_prompt_with_image", nil, func(map[string]string) []mcp.Content {
		return []mcp.Content{mcp.NewImageContent(pixel, "image/png"), mcp.NewTextContent("Please analyze the image above.")}
	})
	f.mcp.AddPrompt(mcp.NewPrompt("test_input_required_result_prompt", mcp.WithPromptDescription("The suite's prompt that asks.")), askForContext)
}

// prompt adds a prompt of the user's messages.
func (f *fixtures) prompt(name string, arguments []string, contents func(map[string]string) []mcp.Content) {
	options := []mcp.PromptOption{mcp.WithPromptDescription("The suite's " + name + ".")}
	for _, a := range arguments {
		options = append(options, mcp.WithArgument(a, mcp.ArgumentDescription("The suite's."), mcp.RequiredArgument()))
	}
	f.mcp.AddPrompt(mcp.NewPrompt(name, options...), func(_ context.Context, r mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		var messages []mcp.PromptMessage
		for _, c := range contents(r.Params.Arguments) {
			messages = append(messages, mcp.NewPromptMessage(mcp.RoleUser, c))
		}
		return mcp.NewGetPromptResult(name, messages), nil
	})
}

func askForContext(_ context.Context, r mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
	said := round{MultiRoundTripParams: r.Params.MultiRoundTripParams}
	if text := said.field("user_context", "context"); text != "" {
		return mcp.NewGetPromptResult("in context", []mcp.PromptMessage{mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent("In context: "+text))}), nil
	}
	return server.NewInputRequestBuilder("").Elicit("user_context", form("What context should the prompt use?", contextForm, "context")).PromptResult(), nil
}
