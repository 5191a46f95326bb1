package tools

import (
	"context"
	"errors"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// change asks the gate for a change, or hands in what the client's dialog said
// about it, and answers how it stands.
func (t *toolset) change(ctx context.Context, c call, op gate.Operation) *mcp.CallToolResult {
	op.Account = c.args.text("account")
	op.Reason = c.args.text("reason")
	if state, said, opened := pageAnswer(c.request); opened {
		v, err := t.Desk.AtPage(ctx, c.actor, op, state)
		return t.followPage(ctx, c, v, said, err)
	}
	if answer, given := dialogAnswer(c.request); given {
		return t.settleDialog(ctx, c, op, answer)
	}
	v, err := t.Desk.Ask(ctx, c.actor, op)
	if err != nil {
		return notDone(t.explain(ctx, c.actor, op.Account, err))
	}
	if v.State == ledger.Pending {
		if state := t.Desk.Dialog(c.actor, op, v); state != "" && canElicit(ctx) {
			return t.ask(ctx, c, op, v, state)
		}
		return t.sendToPage(ctx, c, op, v)
	}
	return t.finish(ctx, c, v)
}

// settleDialog hands the dialog's answer to the gate, which knows whether it
// counts.
func (t *toolset) settleDialog(ctx context.Context, c call, op gate.Operation, a answer) *mcp.CallToolResult {
	v, err := t.Desk.Answer(ctx, c.actor, op, a.state, a.accept)
	if errors.Is(err, gate.ErrDialog) {
		t.Logger.Warn("a dialog's answer was refused", "tool", c.request.Params.Name, "identity", c.actor.Identity.String())
		return notDone(t.explain(ctx, c.actor, op.Account, err) + " Nothing was changed by it.")
	}
	if err != nil {
		return notDone("This confirmation did not count: " + t.explain(ctx, c.actor, op.Account, err) + " Nothing was changed by it.")
	}
	if v.State == ledger.Pending {
		t.announce(ctx, v) // the need has grown past what a dialog can give
	}
	if a.odd && v.State == ledger.Denied {
		o := t.describe(v)
		o.Message += " " + oddAnswer
		return o.result()
	}
	return t.finish(ctx, c, v)
}

// oddAnswer tells a fault of the client from a person's no.
const oddAnswer = "The client sent its dialog back as accepted, but " + dialogField + " was neither true nor false in it, which is no yes; nobody need have declined."

// finish waits as long as the call wants, and answers.
func (t *toolset) finish(ctx context.Context, c call, v gate.View) *mcp.CallToolResult {
	return t.end(ctx, c, v).result()
}

func (t *toolset) end(ctx context.Context, c call, v gate.View) outcome {
	if wait := c.args.wait(); wait > 0 && !v.Settled() {
		later, err := t.wait(ctx, c, v.ID, wait)
		if err == nil {
			v = later
		} else {
			t.Logger.Error("a request could not be followed", "request", v.ID, "error", err)
		}
	}
	return t.describe(v)
}
