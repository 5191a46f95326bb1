package tools

import (
	"context"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/policy/gate"
)

const (
	pageField = "page"
	// pageState begins the state of a call that is made again after its page was
	// opened, which the gate has sealed.
	pageState = "page "
)

// sendToPage has the client open the request's page for its person. The address
// is no credential: the page asks who opens it to sign in, and takes the vote
// of whom the policy asks. That the client says it was opened is no vote.
func (t *toolset) sendToPage(ctx context.Context, c call, op gate.Operation, v gate.View) *mcp.CallToolResult {
	if t.announce(ctx, v) || !t.mayOpenPage(ctx, v) {
		return t.finish(ctx, c, v)
	}
	open := mcp.ElicitationParams{
		Mode: mcp.ElicitationModeURL, ElicitationID: v.ID, URL: t.PageURL(v.ID),
		Message: t.dialogMessage(v) + "\nOnly you can decide it, on its page, signed in there.",
	}
	if server.IsModernRequest(ctx) {
		return server.NewInputRequestBuilder(pageState+t.Desk.Page(c.actor, op, v)).Elicit(pageField, open).ToolResult()
	}
	if _, err := t.elicit(ctx, c.actor, v.ID, open); err != nil {
		t.Logger.Info("a page was not opened", "client", c.actor.Client, "request", v.ID, "error", err)
	}
	// The call may be over, and is still answered: so nothing is read that has no end.
	now, err := t.Desk.Look(context.WithoutCancel(ctx), c.actor, v.ID)
	return t.followPage(ctx, c, now, err)
}

// mayOpenPage tells whether opening the page would bring the request on: once,
// where the asker is among those who must decide.
func (t *toolset) mayOpenPage(ctx context.Context, v gate.View) bool {
	if !canOpenPages(ctx) || t.PageURL(v.ID) == "" || !slices.ContainsFunc(v.Missing, func(m gate.Missing) bool { return m.ByAsker() }) {
		return false
	}
	_, first := t.opened.once(v.ID, func() bool { return true })
	return first
}

// pageAnswer is the state of a call that is made again after its page was opened.
func pageAnswer(r mcp.CallToolRequest) (state string, ok bool) {
	return strings.CutPrefix(r.Params.RequestState, pageState)
}

// followPage answers how a request stands whose page was opened, or was not:
// it is the same request, decided or not, and nothing is asked anew.
func (t *toolset) followPage(ctx context.Context, c call, v gate.View, err error) *mcp.CallToolResult {
	if err != nil {
		return notDone(t.explain(ctx, c.actor, c.args.text("account"), err))
	}
	return t.finish(ctx, c, v)
}
