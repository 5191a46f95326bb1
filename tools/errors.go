package tools

import (
	"context"
	"errors"

	"vpsops/internal/faults"
	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

const (
	internalError = "Internal error in vpsops; its log says more. Nothing was done by this call as far as is known."
	maxFault      = 600 // runes of an explanation
)

// explain says in a line what went wrong and what to do next. An error that it
// doesn't know goes to the log, not to the model.
func (t *toolset) explain(ctx context.Context, actor policy.Actor, account string, err error) string {
	var (
		unknown  *vpsapi.NotFoundError
		several  *vpsapi.AmbiguousError
		shared   *gate.SharedIDError
		denied   *gate.DeniedError
		argument *argumentError
	)
	all := func(text string) string { // by who may list
		if !t.Desk.Granted(actor, policy.List) {
			return ""
		}
		return " " + text
	}
	visible := func(s *vpsapi.Server) bool { return t.Desk.MayRead(actor, policy.List, account, s) == nil }
	switch {
	case errors.As(err, &unknown):
		return faults.Unknown(unknown, t.Desk.Accounts(), account, visible) + all("list_servers shows all.")
	case errors.As(err, &shared):
		return faults.Several(shared.Several, visible) + " Ask the user which one. The one with that id takes its hostname or address instead, the other its own id; or rename one first."
	case errors.As(err, &several):
		return faults.Several(several, visible) + " Ask the user which one, and name it by its id as a JSON integer."
	case faults.IsUnknownID(err):
		return faults.UnknownID(t.Desk.Accounts(), account) + all("list_servers shows the servers there are.")
	case errors.As(err, &argument):
		return inert.Sentence(err.Error(), maxFault)
	}
	if store := (*ledger.StoreError)(nil); errors.As(err, &store) {
		t.Logger.Error("the ledger failed", "error", err)
	}
	if text := faults.Words(err, "list_servers"); text != "" {
		if errors.As(err, &denied) {
			text += " Asking again won't change it."
		}
		return text
	}
	if errors.Is(context.Cause(ctx), gate.ErrClosing) {
		return faults.Words(gate.ErrClosing, "")
	}
	if ctx.Err() != nil {
		return "The call was cancelled."
	}
	t.Logger.Error("a tool failed", "error", err)
	return internalError
}
