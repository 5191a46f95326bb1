package runner

import (
	"context"
	"errors"

	"vpsops/internal/faults"
	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot/command"
	"vpsops/vpsapi"
)

// Explain says to the asker what an error of Run means and what to do next. It
// is empty for an error that says nothing to them: log that one.
func Explain(desk *gate.Desk, actor policy.Actor, c command.Command, err error) string {
	var (
		unknown *vpsapi.NotFoundError
		several *vpsapi.AmbiguousError
		shared  *gate.SharedIDError
	)
	visible := func(s *vpsapi.Server) bool { return desk.MayRead(actor, policy.List, c.Account, s) == nil }
	switch {
	case errors.As(err, &unknown):
		text := faults.Unknown(unknown, desk.Accounts(), c.Account, visible)
		if c.Verb == command.VerbAudit {
			text += " What was done to one that is gone is found by its id."
		}
		if c.StopsAll() {
			text += " " + inert.Sentence(command.HowToStopAll, maxLine)
		}
		return text
	case errors.As(err, &shared):
		return faults.Several(shared.Several, visible) + " Name the one with that id by its hostname or address, the other by its own id; or rename one first."
	case errors.As(err, &several):
		return faults.Several(several, visible) + " Name the one that is meant by id:ID."
	}
	if text := faults.Words(err, "list"); text != "" {
		return text + withoutAPI(c, err)
	}
	if errors.Is(err, context.Canceled) {
		return "It was interrupted."
	}
	return ""
}

// withoutAPI says how a lock is ended while nobody can tell whether its server's id is
// another's name.
func withoutAPI(c command.Command, err error) string {
	if c.Verb == command.VerbUnlock && looksLikeID(c.Server) && (errors.Is(err, vpsapi.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded)) {
		return " By the id alone it goes without the API: unlock id:" + c.Server + "."
	}
	return ""
}
