package tools

import (
	"context"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
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
		Message: t.dialogMessage(v) + "\n" + onItsPage(v),
	}
	if server.IsModernRequest(ctx) {
		return server.NewInputRequestBuilder(pageState+t.Desk.Page(c.actor, op, v)).Elicit(pageField, open).ToolResult()
	}
	said, err := t.elicit(ctx, c.actor, v.ID, open)
	if err != nil {
		t.Logger.Info("a page was not opened", "client", c.actor.Client, "request", v.ID, "error", err)
	}
	// The call may be over, and is still answered: so nothing is read that has no end.
	now, err := t.Desk.Look(context.WithoutCancel(ctx), c.actor, v.ID)
	return t.followPage(ctx, c, now, said, err)
}

// onItsPage says where the person decides, and who must besides.
func onItsPage(v gate.View) string {
	var others []string
	for i, line := range v.NeedLines() {
		if !v.Missing[i].ByAsker() {
			others = append(others, line)
		}
	}
	if len(others) == 0 {
		return "Only you can decide it, on its page, signed in there."
	}
	return "You decide it on its page, signed in there; besides, " + inert.Line(strings.Join(others, " and "), maxFault) + "."
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
func pageAnswer(r mcp.CallToolRequest) (state string, said *mcp.ElicitationResult, ok bool) {
	state, ok = strings.CutPrefix(r.Params.RequestState, pageState)
	if ok {
		said = server.ElicitationResponse(r.Params.InputResponses, pageField)
	}
	return state, said, ok
}

// followPage answers how a request stands whose page was opened, or was not:
// it is the same request, decided or not, and nothing is asked anew. said is nil
// where the client gave no answer.
func (t *toolset) followPage(ctx context.Context, c call, v gate.View, said *mcp.ElicitationResult, err error) *mcp.CallToolResult {
	if err != nil {
		return notDone(t.explain(ctx, c.actor, c.args.text("account"), err))
	}
	o := t.end(ctx, c, v)
	if o.State == ledger.Pending {
		o.Message += notOpened(said)
	}
	return o.result()
}

// notOpened tells a request that waits for its person from one whose page nobody
// has been shown. A client declines by itself, too.
func notOpened(said *mcp.ElicitationResult) string {
	switch {
	case said == nil:
		return " The client has not said that it opened the page: give the user the address."
	case said.Action == mcp.ElicitationResponseActionAccept:
		return ""
	case said.Action == mcp.ElicitationResponseActionDecline:
		return " The page was not opened: the client declined, which is no vote. Give the user the address."
	}
	return " The page was not opened: the client's dialog was closed, which is no vote. Give the user the address."
}
