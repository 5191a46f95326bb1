package fakeslack

import (
	"cmp"
	"strings"
)

// Surface is what a person acts on: a Message, or a View. It is taken as it was
// when the test got it, so that an old card can be pressed: a screen that hasn't
// caught up.
type Surface interface{ surface() }

func (Message) surface() {}
func (View) surface()    {}

// Presses presses the button with an action id.
func (p *Person) Presses(on Surface, action string, hows ...How) Outcome {
	p.t.Helper()
	button := p.part(on, action)
	return p.acts(on, button, func(a *attempt) map[string]any {
		did := map[string]any{"text": button.element["text"]}
		if v, ok := button.element["value"]; ok {
			did["value"] = v
		}
		if a.value != nil {
			did["value"] = *a.value
		}
		if style, ok := button.element["style"]; ok {
			did["style"] = style
		}
		return did
	}, hows)
}

// Chooses picks in the menu with an action id: an option by its value or its
// label, a person, a channel, a date; several are separated by commas. Of a menu
// that the app fills (external_select) the options are asked for first.
func (p *Person) Chooses(on Surface, action, choice string, hows ...How) Outcome {
	p.t.Helper()
	menu := p.part(on, action)
	held := p.enters(on, menu, choice, p.offered(on, menu, choice))
	if menu.input() && menu.block["dispatch_action"] != true {
		return Outcome{Acknowledged: true} // nothing is told to the app yet
	}
	return p.acts(on, menu, func(*attempt) map[string]any { return held }, hows)
}

// Enters types into the input with an action id. The app hears of it where the
// block has dispatch_action.
func (p *Person) Enters(on Surface, action, text string, hows ...How) Outcome {
	p.t.Helper()
	return p.Chooses(on, action, text, hows...)
}

// enters keeps in the view what was entered, and returns it.
func (p *Person) enters(on Surface, e part, text string, offered []any) map[string]any {
	p.t.Helper()
	if e.kind() == "overflow" {
		one, ok := pick(e.offered(), text)
		if !ok {
			p.t.Fatalf("fakeslack: %s offers no %q", e.action(), text)
		}
		return map[string]any{"selected_option": one}
	}
	held, err := e.enter(text, offered)
	if err != nil {
		p.t.Fatalf("fakeslack: %v", err)
	}
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	switch on := on.(type) {
	case Message:
		p.s.enteredIn(p.user.ID, on).set(e, held)
	case View:
		if now := p.s.viewBy(on.ID, ""); now != nil {
			now.values.set(e, held)
		}
	}
	return held
}

// acts delivers that the person did something with an element.
func (p *Person) acts(on Surface, e part, did func(*attempt) map[string]any, hows []How) Outcome {
	p.t.Helper()
	s := p.s
	s.mu.Lock()
	u := s.state.users[p.user.ID]
	payload := s.interactionPayload("block_actions", u)
	s.locate(payload, u, on)
	a := s.attempt(interaction, payload)
	s.mu.Unlock()
	a.take(hows) // a button's value goes into the payload before that is edited
	done := map[string]any{
		"type": e.kind(), "action_id": e.action(), "block_id": e.blockID(), "action_ts": actionTime(s.opts.Now()),
	}
	for name, v := range did(a) {
		done[name] = v
	}
	payload["actions"] = []any{done}
	if a.declined && e.element["confirm"] != nil {
		return Outcome{}
	}
	a.edit()
	answer, took := s.deliver(p.t.Context(), a)
	return answer.outcome(took)
}

// locate adds to a payload where the person acted. Callers hold s.mu.
func (s *Slack) locate(payload map[string]any, u User, on Surface) {
	switch on := on.(type) {
	case Message:
		s.inMessage(payload, u, on)
	case View:
		if now := s.viewBy(on.ID, ""); now != nil && now.Hash == on.Hash {
			s.inView(payload, u, now)
			return
		}
		s.inView(payload, u, &on)
	}
}

// part is the element with an action id on what the person acts on.
func (p *Person) part(on Surface, action string) part {
	p.t.Helper()
	blocks, whose := contentOf(on)
	if whose != "" && whose != p.user.ID {
		p.t.Fatalf("fakeslack: %s acts on what only %s sees", p.user.ID, whose)
	}
	p.reads(on)
	for _, e := range partsIn(blocks) {
		if e.action() == action {
			return e
		}
	}
	p.t.Fatalf("fakeslack: there is no %s; there are: %s\n%s",
		action, cmp.Or(strings.Join(actionsOf(blocks), ", "), "none"), textOf(blocks))
	return part{}
}

// reads fails the test where the person can't see the channel.
func (p *Person) reads(on Surface) {
	p.t.Helper()
	m, ok := on.(Message)
	if !ok {
		return
	}
	p.s.mu.Lock()
	c := p.s.state.channels[m.Channel]
	p.s.mu.Unlock()
	if (c.Private || c.With != "") && !c.has(p.user.ID) {
		p.t.Fatalf("fakeslack: %s isn't in the private %s", p.user.ID, m.Channel)
	}
}

// contentOf are the blocks of a surface, and who alone sees it.
func contentOf(on Surface) (blocks []byte, whose string) {
	switch on := on.(type) {
	case Message:
		if on.Ephemeral {
			whose = on.To
		}
		return on.Blocks, whose
	case View:
		return on.Blocks, on.User
	}
	return nil, ""
}
