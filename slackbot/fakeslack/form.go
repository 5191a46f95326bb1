package fakeslack

import (
	"maps"
	"slices"
	"strings"

	"vpsops/slackbot/fakeslack/blockkit"
)

// Submits enters values, by action id, and sends a modal. What Slack itself
// holds back (a required input that is empty, a text too long) is NotSent with
// the FieldErrors, and isn't delivered.
func (p *Person) Submits(v View, values map[string]string, hows ...How) Outcome {
	p.t.Helper()
	for _, action := range slices.Sorted(maps.Keys(values)) {
		e := p.part(v, action)
		p.enters(v, e, values[action], p.offered(v, e, values[action]))
	}
	now, a, refused := p.submission(v)
	if len(refused) > 0 {
		return Outcome{Error: NotSent, FieldErrors: refused}
	}
	a.shape(hows)
	answer, took := p.s.deliver(p.t.Context(), a)
	o := answer.outcome(took)
	if answer.ok() {
		p.s.settle(&o, answer, now)
	}
	return o
}

// submission is a form about to be sent, or why it isn't.
func (p *Person) submission(v View) (now *View, a *attempt, refused map[string]string) {
	p.t.Helper()
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	now = p.open(v)
	if now.Submit == "" && len(inputsOf(now)) == 0 {
		p.t.Fatalf("fakeslack: the modal %q has no button to send it", v.Title)
	}
	if refused = refusals(now); len(refused) > 0 {
		return now, nil, refused
	}
	u := s.state.users[p.user.ID]
	payload := s.interactionPayload("view_submission", u)
	s.inView(payload, u, now)
	delete(payload, "container")
	payload["response_urls"] = []any{}
	return now, s.attempt(interaction, payload), nil
}

// open is a modal as it is now; it fails the test where it isn't open any more.
// Callers hold s.mu.
func (p *Person) open(v View) *View {
	p.t.Helper()
	now := p.s.viewBy(v.ID, "")
	if now == nil {
		p.t.Fatalf("fakeslack: the modal %q isn't open any more", v.Title)
		panic("unreachable")
	}
	return now
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
	told, a := p.closing(v, all)
	if !told {
		return Outcome{Acknowledged: true}
	}
	a.shape(hows)
	answer, took := p.s.deliver(p.t.Context(), a)
	return answer.outcome(took)
}

// closing takes the modal away, and says whether and how the app is told.
func (p *Person) closing(v View, all bool) (told bool, a *attempt) {
	p.t.Helper()
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.change()
	now := p.open(v)
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
	return now.NotifyOnClose, s.attempt(interaction, payload)
}
