package fakeslack

import (
	"encoding/json"

	"vpsops/slackbot/fakeslack/blockkit"
)

// checkedView is a call's view of a type, if Slack takes it. Callers hold s.mu.
func (s *Slack) checkedView(args Args, kind string, but *View) (json.RawMessage, *apiError) {
	raw := args.JSON("view")
	if len(raw) > blockkit.MaxViewBytes {
		return nil, fail("view_too_large")
	}
	if problems := blockkit.CheckView(raw); len(problems) > 0 {
		return nil, invalid("invalid_arguments", problems)
	}
	view := object(decode(raw))
	if str(view, "type") != kind {
		return nil, &apiError{code: "invalid_arguments", messages: []string{
			"[ERROR] must be " + kind + " [json-pointer:/view/type]",
		}}
	}
	if other := s.viewBy("", str(view, "external_id")); other != nil && other != but {
		return nil, fail("duplicate_external_id")
	}
	return raw, nil
}

func (s *Slack) viewAnswer(v *View) (map[string]any, *apiError) {
	s.change()
	return map[string]any{"view": s.viewJSON(v)}, nil
}

func (s *Slack) viewsOpen(args Args) (map[string]any, *apiError) {
	raw, failed := s.checkedView(args, "modal", nil)
	if failed != nil {
		return nil, failed
	}
	t, failed := s.takeTrigger(args.Get("trigger_id"))
	if failed != nil {
		return nil, failed
	}
	v := s.newView(t.user, raw)
	s.state.stacks[t.user] = []*View{v}
	return s.viewAnswer(v)
}

func (s *Slack) viewsPush(args Args) (map[string]any, *apiError) {
	raw, failed := s.checkedView(args, "modal", nil)
	if failed != nil {
		return nil, failed
	}
	t, failed := s.takeTrigger(args.Get("trigger_id"))
	switch {
	case failed != nil:
		return nil, failed
	case !t.inModal || len(s.state.stacks[t.user]) == 0:
		return nil, fail("not_found")
	}
	v, failed := s.push(t.user, raw)
	if failed != nil {
		return nil, failed
	}
	return s.viewAnswer(v)
}

// push puts a modal over those that are open. Callers hold s.mu.
func (s *Slack) push(user string, raw json.RawMessage) (*View, *apiError) {
	stack := s.state.stacks[user]
	if len(stack) >= MaxStack {
		return nil, fail("push_limit_reached")
	}
	v := s.newView(user, raw)
	if len(stack) > 0 {
		v.RootID, v.PreviousID = stack[0].ID, stack[len(stack)-1].ID
	}
	s.state.stacks[user] = append(stack, v)
	return v, nil
}

func (s *Slack) viewsUpdate(args Args) (map[string]any, *apiError) {
	v := s.viewBy(args.Get("view_id"), args.Get("external_id"))
	if v == nil {
		return nil, fail("not_found")
	}
	raw, failed := s.checkedView(args, v.Type, v)
	if failed != nil {
		return nil, failed
	}
	if hash := args.Get("hash"); hash != "" && hash != v.Hash {
		return nil, fail("hash_conflict")
	}
	s.fill(v, raw)
	return s.viewAnswer(v)
}

func (s *Slack) viewsPublish(args Args) (map[string]any, *apiError) {
	user := args.Get("user_id")
	if _, ok := s.state.users[user]; !ok {
		return nil, fail("user_not_found")
	}
	v := s.state.homes[user]
	raw, failed := s.checkedView(args, "home", v)
	if failed != nil {
		return nil, failed
	}
	hash := args.Get("hash")
	switch {
	case hash != "" && (v == nil || hash != v.Hash):
		return nil, fail("hash_conflict")
	case v == nil:
		v = s.newView(user, raw)
		s.state.homes[user] = v
	default:
		s.fill(v, raw)
	}
	return s.viewAnswer(v)
}
