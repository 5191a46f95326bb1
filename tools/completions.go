package tools

import (
	"context"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
)

// completions suggests values while a person types a prompt's argument or a
// resource's address. It tells nobody what they could not list, and suggests
// nothing where a read fails: the call itself will say why.
type completions struct{ *toolset }

// completer offers values for what was typed, until there is no more room.
type completer func(completions, context.Context, policy.Actor, string, *suggestions) error

// CompletePromptArgument suggests values of a prompt's argument.
func (c completions) CompletePromptArgument(ctx context.Context, name string, a mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	for _, p := range prompts() {
		if p.name != name || !c.promptOffered(actorFrom(ctx), p) {
			continue
		}
		return c.complete(ctx, map[string]completer{
			"server": completions.serverNames, "location": completions.locations, "plan": completions.plans,
			"status": completions.statuses, "account": completions.accounts,
		}[a.Name], a, known), nil
	}
	return &mcp.Completion{}, nil
}

// CompleteResourceArgument suggests what stands for a template's variable.
func (c completions) CompleteResourceArgument(ctx context.Context, uri string, a mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	var by completer
	switch {
	case a.Name == "id" && uri == c.addressed(serverURI):
		by = completions.serverIDs
	case a.Name == "account" && strings.HasPrefix(uri, "vps://"):
		by = completions.accounts
	}
	return c.complete(ctx, by, a, known), nil
}

// completionTime bounds what is read for a suggestion: somebody is typing.
const completionTime = 10 * time.Second

func (c completions) complete(ctx context.Context, by completer, a mcp.CompleteArgument, known mcp.CompleteContext) *mcp.Completion {
	s := &suggestions{typed: strings.ToLower(strings.TrimSpace(a.Value)), seen: make(map[string]bool)}
	if by == nil || len(a.Value) > maxText {
		return &mcp.Completion{}
	}
	ctx, cancel := c.within(ctx, completionTime)
	defer cancel()
	if err := by(c, ctx, actorFrom(ctx), known.Arguments["account"], s); err != nil {
		c.Logger.DebugContext(ctx, "no completions", "argument", a.Name, "error", err)
		return &mcp.Completion{}
	}
	return &mcp.Completion{Values: s.values, HasMore: s.more}
}

// maxSuggested is the protocol's limit (completion/complete, 100 values).
const maxSuggested = 100

// suggestions collects the values that hold what was typed.
type suggestions struct {
	typed  string // lower case
	values []string
	seen   map[string]bool
	more   bool // than the protocol takes
}

// takes tells whether one of the texts holds what was typed.
func (s *suggestions) takes(texts ...string) bool {
	for _, text := range texts {
		if strings.Contains(strings.ToLower(text), s.typed) {
			return true
		}
	}
	return false
}

// add adds a value once. A value that would not show as itself is left out,
// since what a person picks must be what the tools then understand.
func (s *suggestions) add(value string) {
	switch {
	case value == "" || s.seen[value] || cell(value) != value:
	case len(s.values) == maxSuggested:
		s.more = true
	default:
		s.seen[value] = true
		s.values = append(s.values, value)
	}
}
