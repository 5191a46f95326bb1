package tools

import (
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// outcome is what every changing tool answers.
type outcome struct {
	Outcome   gate.Outcome `json:"outcome"`
	State     ledger.State `json:"state,omitempty"`
	RequestID string       `json:"request_id,omitempty"`
	Server    *serverRef   `json:"server,omitempty"`
	Message   string       `json:"message"`
	Needs     []string     `json:"needs,omitempty"`
	ExpiresAt string       `json:"expires_at,omitempty"` // RFC 3339, while it is open
}

// serverRef is the server that a request is about.
type serverRef struct {
	ID     *vpsapi.ID `json:"id,omitempty"` // none yet, for a create
	Name   string     `json:"name"`
	Status string     `json:"status,omitempty"`
}

const outcomeSchema = `{"type":"object","properties":{` +
	`"outcome":{"enum":["succeeded","pending","denied","failed","unknown","accepted"]},` +
	`"state":{"type":"string"},"request_id":{"type":"string"},` +
	`"server":{"type":"object","properties":{"id":{"type":["integer","string"]},"name":{"type":"string"},"status":{"type":"string"}}},` +
	`"message":{"type":"string"},"needs":{"type":"array","items":{"type":"string"}},"expires_at":{"type":"string","format":"date-time"}},` +
	`"required":["outcome","message"]}`

// describe is a request as the asker's tools answer it.
func (t *toolset) describe(v gate.View) outcome {
	o := outcome{Outcome: v.Outcome, State: v.State, RequestID: v.ID, Server: refOf(v), Message: t.message(v)}
	if v.State == ledger.Pending {
		o.Needs = v.NeedLines()
	}
	if v.State.Open() {
		o.ExpiresAt = v.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return o
}

// message is the view's own, with what the asker does next.
func (t *toolset) message(v gate.View) string {
	v.Several = v.Several || v.Elsewhere // it may be of an account that isn't among those here
	parts := []string{v.Message()}
	if v.Outcome == gate.OutcomePending && v.State == ledger.Pending {
		for _, warning := range v.Warnings() {
			parts = append(parts, "Mind: "+inert.Line(warning, 200)+".")
		}
		if why := v.ElsewhereWords(); why != "" {
			parts = append(parts, inert.Sentence(why, maxFault))
		}
		if v.Barred != "" {
			return strings.Join(append(parts, "Tell the user; cancel_request "+v.ID+" takes it back, and it is asked again once that holds no more."), " ")
		}
		if page := t.PageURL(v.ID); page != "" {
			parts = append(parts, "Where: "+page+" (the person signs in there).")
		}
		if v.Elsewhere {
			return strings.Join(append(parts, "Tell the user; cancel_request "+v.ID+" takes it back, and get_request "+v.ID+" tells how it stands."), " ")
		}
		parts = append(parts, "Tell the user; then get_request "+v.ID+" with wait_seconds 50 waits for it. Asking again changes nothing.")
	}
	return strings.Join(parts, " ")
}

func refOf(v gate.View) *serverRef {
	facts := v.Shown.Server
	if facts == nil {
		facts = v.Shown.After
	}
	if facts == nil {
		return nil
	}
	ref := &serverRef{Name: inert.Text(facts.Name, maxCell), Status: inert.Text(v.ServerStatus, maxCell)}
	id := facts.ID
	if made, known := v.Created(); known {
		id = made
	}
	if !id.IsZero() {
		ref.ID = &id
	}
	if ref.Status == "" && v.State.Open() {
		ref.Status = inert.Text(string(facts.Status), maxCell)
	}
	return ref
}

// result is a changing tool's answer: an error where nothing good came of it.
func (o outcome) result() *mcp.CallToolResult {
	r := o.found()
	switch o.Outcome {
	case gate.OutcomeDenied, gate.OutcomeFailed, gate.OutcomeUnknown:
		r.IsError = true
	}
	return r
}

// found is the answer to who looked for the request, and found it.
func (o outcome) found() *mcp.CallToolResult {
	text := o.Message
	if o.RequestID != "" && !strings.Contains(text, o.RequestID) {
		text += " (" + o.RequestID + ")"
	}
	r := mcp.NewToolResultText(text)
	r.StructuredContent = o
	return r
}

// notDone answers an ask of which nothing was recorded.
func notDone(message string) *mcp.CallToolResult {
	return outcome{Outcome: gate.OutcomeFailed, Message: message}.result()
}

// failure is a reading tool's error.
func failure(message string) *mcp.CallToolResult { return mcp.NewToolResultError(message) }
