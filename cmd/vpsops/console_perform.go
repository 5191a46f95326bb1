package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/command"
	"vpsops/slackbot/command/runner"
)

// perform runs a command and shows what came of it. It tells whether what was
// wanted is so.
func (t *console) perform(ctx context.Context, c command.Command) bool {
	ctx, ended := t.core.traces.Front(ctx, "console "+string(c.Verb))
	defer ended()
	r, err := runner.Run(ctx, t.desk, t.actor, c)
	if err != nil {
		return t.failed(c, err)
	}
	t.show(r)
	switch {
	case r.Form != nil:
		if !t.stays {
			fmt.Fprintf(t.err, "Nothing was asked for: %s lacks %s.\n", c.Verb, lacking(r.Form))
		}
		return false
	case r.Hold != nil && len(r.Hold.Kept) > 0:
		return false
	case r.Request == nil || c.Reads():
		return true
	case c.Verb == command.VerbCancel:
		return r.Request.View.State == ledger.Cancelled
	}
	return t.settle(ctx, r.Request)
}

func lacking(f *runner.Form) string {
	if len(f.Missing) == 0 {
		return "what to change"
	}
	return strings.Join(f.Missing, ", ")
}

func (t *console) show(r runner.Result) {
	fmt.Fprint(t.out, runner.Plain(r, time.Now()))
}

func (t *console) failed(c command.Command, err error) bool {
	text := runner.Explain(t.desk, t.actor, c, err)
	if text == "" {
		t.core.logger.Error("a command failed", "command", string(c.Verb), "error", err)
		text = "Internal error in vpsops; its log says more."
	}
	fmt.Fprintln(t.err, text)
	return false
}

// settle sees a request to its end: the person at the terminal is asked where
// that is enough, else shown to the page, and the server is followed.
func (t *console) settle(ctx context.Context, r *runner.Request) bool {
	v := r.View
	if v.State == ledger.Pending {
		if t.answer == nil {
			fmt.Fprintln(t.err, t.unreachable(v))
			return false
		}
		var err error
		if v, err = t.decide(ctx, r); err != nil {
			return t.failed(command.Command{Account: v.Account}, err)
		}
		if v.ID == "" {
			fmt.Fprintln(t.err, t.left(r.View))
			return false
		}
	}
	gaveUp := false
	if !v.Settled() {
		v, gaveUp = t.follow(ctx, v)
	}
	if v.Version != r.View.Version {
		t.show(runner.Result{Request: &runner.Request{View: v}})
	}
	if gaveUp && v.Followed() {
		t.sayStuck(v)
	}
	return done(v)
}

// left says what becomes of a request that the person here has not decided.
func (t *console) left(v gate.View) string {
	if t.core.sandbox && !t.stays {
		return "Not decided: " + v.ID + " ends with this console, whose ledger is in memory."
	}
	return "Left pending: cancel " + v.ID + " takes it back."
}

// unreachable says where somebody can decide a request that nobody at this
// console can.
func (t *console) unreachable(v gate.View) string {
	if t.core.sandbox {
		return "Nobody sits at this console to decide it, and it ends with this console, whose ledger is in memory. At a terminal you are asked."
	}
	where := "the page of a vpsops that serves this ledger (\"vpsops login\" prints its sign-in link)"
	if u := t.core.cfg.PublicURL; u != nil {
		where = strings.TrimSuffix(u.String(), "/") + requestPath(v.ID)
	}
	return fmt.Sprintf("It stays pending, since nobody sits at this console. Decide it on %s.", where)
}

// decide asks for the yes that is missing: here, where the policy takes a
// console's prompt for it, else on the page. Where the prompt gets no answer, the
// view is empty.
func (t *console) decide(ctx context.Context, r *runner.Request) (gate.View, error) {
	state := t.desk.Dialog(t.actor, r.Operation, r.View)
	if state == "" {
		t.reach(ctx, r.View)
		return r.View, nil
	}
	yes, said := t.confirm(ctx)
	if !said {
		return gate.View{}, nil
	}
	v, err := t.desk.Answer(ctx, t.actor, r.Operation, state, yes)
	if err == nil && v.State == ledger.Pending {
		t.reach(ctx, v) // the need has grown past what a prompt can give
	}
	return v, err
}

// confirm asks until it is told yes or no, or nobody answers.
func (t *console) confirm(ctx context.Context) (yes, said bool) {
	for range 3 {
		line, err := t.answer(ctx, "Type yes to do this, or no: ")
		if err != nil {
			fmt.Fprintln(t.err)
			return false, false
		}
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "yes":
			return true, true
		case "no", "n":
			return false, true
		}
	}
	return false, false
}
