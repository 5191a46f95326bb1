package fakeslack

import (
	"strings"

	"vpsops/slackbot/fakeslack/blockkit"
)

// Submits enters values, by action id, and sends a modal. What Slack itself
// holds back (a required input that is empty, a text too long) is NotSent with
// the FieldErrors, and isn't delivered.
func (p *Person) Submits(v View, values map[string]string, hows ...How) Outcome {
	p.t.Helper()
	for action, text := range values {
		e := p.part(v, action)
		var offered []any
		if strings.HasSuffix(e.kind(), "external_select") {
			offered = p.asks(v, e, text, nil).list
		}
		p.enters(v, e, text, offered)
	}
	s := p.s
	s.mu.Lock()
	now := s.viewBy(v.ID, "")
	if now == nil {
		s.mu.Unlock()
		p.t.Fatalf("fakeslack: the modal %q isn't open any more", v.Title)
		return Outcome{}
	}
	if now.Submit == "" && len(inputsOf(now)) == 0 {
		s.mu.Unlock()
		p.t.Fatalf("fakeslack: the modal %q has no button to send it", v.Title)
		return Outcome{}
	}
	if refused := refusals(now); len(refused) > 0 {
		s.mu.Unlock()
		return Outcome{Error: NotSent, FieldErrors: refused}
	}
	u := s.state.users[p.user.ID]
	payload := s.interactionPayload("view_submission", u)
	s.inView(payload, u, now)
	delete(payload, "container")
	payload["response_urls"] = []any{}
	a := s.attempt(interaction, payload)
	s.mu.Unlock()
	a.shape(hows)
	answer, took := s.deliver(p.t.Context(), a)
	o := answer.outcome(took)
	if answer.ok() {
		s.settle(&o, answer, now)
	}
	return o
}

func inputsOf(v *View) []part {
	var inputs []part
	for _, e := range partsIn(v.Blocks) {
		if e.input() {
			inputs = append(inputs, e)
		}
	}
	return inputs
}

// refusals are why Slack holds a form back, by block id.
func refusals(v *View) map[string]string {
	refused := map[string]string{}
	for _, e := range inputsOf(v) {
		held := object(v.values[e.blockID()][e.action()])
		if why := e.refusal(held); why != "" {
			refused[e.blockID()] = why
		}
	}
	return refused
}

// settle carries out what a form was acknowledged with.
// https://docs.slack.dev/surfaces/modals#updating_response
func (s *Slack) settle(o *Outcome, answer ack, v *View) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.change()
	if len(strings.TrimSpace(string(answer.body))) == 0 {
		s.closeView(v)
		return
	}
	said, ok := decode(answer.body).(map[string]any)
	if !ok || !answer.json {
		o.Error, o.Detail = Trouble, "a form is acknowledged with nothing or a JSON object"
		return
	}
	switch action := str(said, "response_action"); action {
	case "":
		s.closeView(v)
	case "clear":
		s.closeAll(v.User)
	case "errors":
		s.fieldErrors(o, v, object(said["errors"]))
	case "update", "push":
		s.nextView(o, action, v, said["view"])
	default:
		o.Error, o.Detail = Trouble, "there is no response_action "+action
	}
}

func (s *Slack) fieldErrors(o *Outcome, v *View, errors map[string]any) {
	inputs := map[string]bool{}
	for _, e := range inputsOf(v) {
		inputs[e.blockID()] = true
	}
	o.FieldErrors = map[string]string{}
	for block, text := range errors {
		said, _ := text.(string)
		if !inputs[block] || said == "" {
			o.Error, o.Detail = Trouble, "errors name "+block+", which is no input block"
		}
		o.FieldErrors[block] = said
	}
	if len(errors) == 0 {
		o.Error, o.Detail = Trouble, "response_action errors needs errors"
	}
}

func (s *Slack) nextView(o *Outcome, action string, v *View, next any) {
	raw := encode(next)
	if problems := blockkit.CheckView(raw); len(problems) > 0 {
		o.Error, o.Detail = Trouble, problems.Error()
		return
	}
	if action == "update" {
		s.fill(v, raw)
		return
	}
	if _, failed := s.push(v.User, raw); failed != nil {
		o.Error, o.Detail = Trouble, failed.code
	}
}

// closeView takes a modal, and what is over it, off the stack.
func (s *Slack) closeView(v *View) {
	stack := s.state.stacks[v.User]
	for i, open := range stack {
		if open == v {
			s.state.stacks[v.User] = stack[:i]
		}
	}
}

func (s *Slack) closeAll(user string) { delete(s.state.stacks, user) }

// Closes closes a modal by its button: the one beneath shows again, or none
// where it has clear_on_close. The app hears of it where the modal has
// notify_on_close.
func (p *Person) Closes(v View, hows ...How) Outcome { return p.closes(v, false, hows) }

// ClosesAll closes all modals by the cross of the one on top.
func (p *Person) ClosesAll(v View, hows ...How) Outcome { return p.closes(v, true, hows) }

func (p *Person) closes(v View, all bool, hows []How) Outcome {
	p.t.Helper()
	s := p.s
	s.mu.Lock()
	now := s.viewBy(v.ID, "")
	if now == nil {
		s.mu.Unlock()
		p.t.Fatalf("fakeslack: the modal %q isn't open any more", v.Title)
		return Outcome{}
	}
	if all = all || now.ClearOnClose; all {
		s.closeAll(p.user.ID)
	} else {
		s.closeView(now)
	}
	u := s.state.users[p.user.ID]
	payload := s.interactionPayload("view_closed", u)
	s.inView(payload, u, now)
	delete(payload, "trigger_id") // a closed modal opens nothing
	delete(payload, "container")
	payload["is_cleared"] = all
	a := s.attempt(interaction, payload)
	s.change()
	s.mu.Unlock()
	if !now.NotifyOnClose {
		return Outcome{Acknowledged: true}
	}
	a.shape(hows)
	answer, took := s.deliver(p.t.Context(), a)
	return answer.outcome(took)
}
