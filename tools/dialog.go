package tools

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const (
	dialogField = "confirm"
	dialogTime  = 10 * time.Minute // as long as its state is good for
)

// dialogSchema is the form: one required boolean, so that an accept alone,
// which a client may send by itself, says nothing yet.
var dialogSchema = json.RawMessage(`{"type":"object","properties":{"confirm":{"type":"boolean","title":"Yes, do this"}},"required":["confirm"]}`)

// answer is what a client's dialog said.
type answer struct {
	state  string // sealed by the gate
	accept bool
	odd    bool // sent back as accepted, and the form's field is neither true nor false
}

// dialogAnswer reads the answer of a call that is made again after a dialog. A
// response without a state was never asked for, and is not looked at.
func dialogAnswer(r mcp.CallToolRequest) (answer, bool) {
	state := r.Params.RequestState
	if state == "" {
		return answer{}, false
	}
	said := server.ElicitationResponse(r.Params.InputResponses, dialogField)
	if said == nil {
		return answer{}, false
	}
	if said.Action != mcp.ElicitationResponseActionAccept {
		return answer{state: state}, true
	}
	yes, plain := ticked(said.Content)
	return answer{state: state, accept: yes, odd: !plain}, true
}

// ticked tells whether the form's field is plainly true, and whether it is a
// plain answer at all.
func ticked(content any) (yes, plain bool) {
	text, err := json.Marshal(content)
	if err != nil {
		return false, false
	}
	var form map[string]any
	if json.Unmarshal(text, &form) != nil {
		return false, false
	}
	yes, plain = form[dialogField].(bool)
	return yes, plain
}

// ask puts the request to the person in the client's own dialog. A client of
// the newer revision makes the call again with the answer; for an older one
// the same is done here, once it has answered.
func (t *toolset) ask(ctx context.Context, c call, op gate.Operation, v gate.View, state string) *mcp.CallToolResult {
	form := mcp.ElicitationParams{Mode: mcp.ElicitationModeForm, Message: t.dialogMessage(v), RequestedSchema: dialogSchema}
	if server.IsModernRequest(ctx) {
		return server.NewInputRequestBuilder(state).Elicit(dialogField, form).ToolResult()
	}
	form.Mode = "" // unknown before there were two
	said, err := t.elicit(ctx, c.actor, v.ID, form)
	if err != nil {
		return t.dialogFailed(ctx, c, v, err)
	}
	c.request.Params.MultiRoundTripParams = mcp.MultiRoundTripParams{
		RequestState:   state,
		InputResponses: mcp.InputResponses{dialogField: mcp.NewElicitationInputResponse(*said)},
	}
	return t.change(ctx, c, op)
}

// elicit shows a form and waits for its answer, unless the request is decided
// and carried out elsewhere in the meantime, or the process is about to end.
func (t *toolset) elicit(ctx context.Context, actor policy.Actor, id string, form mcp.ElicitationParams) (*mcp.ElicitationResult, error) {
	ctx, served := t.untilEnding(ctx)
	defer served()
	ctx, cancel := context.WithTimeout(ctx, dialogTime)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	watching.Go(func() {
		defer cancel()
		_, _ = t.Desk.Wait(ctx, actor, id, dialogTime, func(v gate.View) {
			if !v.State.Open() && v.State != ledger.Executing {
				cancel()
			}
		})
	})
	said, err := t.mcp.RequestElicitation(ctx, mcp.ElicitationRequest{
		Request: mcp.Request{Method: string(mcp.MethodElicitationCreate)}, Params: form,
	})
	if err == nil && said == nil {
		err = server.ErrElicitationNotSupported
	}
	return said, err
}

// dialogFailed answers where the dialog brought none: the client can't do what
// it said, or the person was quicker elsewhere.
func (t *toolset) dialogFailed(ctx context.Context, c call, v gate.View, why error) *mcp.CallToolResult {
	t.Logger.Info("a dialog was not answered", "client", c.actor.Client, "request", v.ID, "error", why)
	if now, err := t.Desk.Look(context.WithoutCancel(ctx), c.actor, v.ID); err == nil { // nothing that has no end is read
		v = now
	}
	if v.Outcome == gate.OutcomePending {
		t.announce(ctx, v)
	}
	return t.finish(ctx, c, v)
}

// dialogMessage says what would happen to which server as it is now. Nothing
// in it is the model's word but the reason, which stands last.
func (t *toolset) dialogMessage(v gate.View) string {
	v.Several = false // said in a line of its own
	lines := []string{"vpsops: " + v.What() + "?"}
	if s := v.Shown.Server; s != nil {
		now := "It is " + inert.Name(string(s.Status), maxCell)
		if s.Address != "" {
			now += ", at " + addressWord(s.Address)
		}
		lines = append(lines, now+", in "+inert.Words(s.Location, maxCell)+", "+inert.Words(s.Plan, maxCell)+", "+inert.Words(s.OS, maxCell)+".")
	}
	for _, name := range v.Shown.FormerNames {
		lines = append(lines, "Formerly called "+inert.Name(name, maxCell)+".")
	}
	for _, warning := range v.Warnings() {
		lines = append(lines, "Mind: "+inert.Line(warning, 200)+".")
	}
	if len(t.Desk.Accounts()) > 1 {
		lines = append(lines, "Account: "+inert.Text(v.Account, maxCell)+".")
	}
	if v.Reason != "" {
		lines = append(lines, "The assistant's reason, unverified: "+quoteReason(v.Reason))
	}
	return strings.Join(lines, "\n")
}

func quoteReason(reason string) string { return "«" + inert.Line(reason, 500) + "»" }
