package fakeslack

import (
	"fmt"
	"time"
)

// TriggerLife is how long a trigger_id opens a view.
// https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses
const TriggerLife = 3 * time.Second

// trigger is what lets a view be opened: a person's action, once.
type trigger struct {
	user    string
	made    time.Time
	used    bool
	inModal bool // the action was in a modal, so a view can be pushed
}

// newTrigger makes a trigger id. Callers hold s.mu.
func (s *Slack) newTrigger(user string, inModal bool) string {
	id := fmt.Sprintf("%d.%d.%s", 7_000_000_000+s.next(), 1_000_000_000, s.secret("trigger"))
	s.state.triggers[id] = &trigger{user: user, made: s.now(), inModal: inModal}
	return id
}

// takeTrigger uses a trigger up. Callers hold s.mu.
func (s *Slack) takeTrigger(id string) (*trigger, *apiError) {
	t, ok := s.state.triggers[id]
	switch {
	case !ok:
		return nil, fail("invalid_trigger_id")
	case t.used:
		return nil, fail("exchanged_trigger_id")
	case s.now().Sub(t.made) > TriggerLife:
		return nil, fail("expired_trigger_id")
	}
	t.used = true
	return t, nil
}
