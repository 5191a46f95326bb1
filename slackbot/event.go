package slackbot

import (
	"context"
	"encoding/json"
	"fmt"

	"vpsops/slackbot/delivery"
)

// event is what is read of an Events API delivery
// (https://docs.slack.dev/reference/events).
type event struct {
	Team string `json:"team_id"`
	Of   struct {
		Type  string `json:"type"`
		User  string `json:"user"`
		Tab   string `json:"tab"`
		Group string `json:"subteam_id"`
	} `json:"event"`
}

// takeEvent takes an event. What is done of one may be done twice without harm,
// so none is remembered.
func (b *Bot) takeEvent(d delivery.Delivery) (delivery.Ack, error) {
	var e event
	if err := json.Unmarshal(d.Payload, &e); err != nil {
		return delivery.Ack{}, fmt.Errorf("slackbot: event: %w", err)
	}
	switch e.Of.Type {
	case "app_home_opened":
		if e.Of.Tab != "home" {
			return delivery.Ack{}, nil
		}
		by := caller{team: e.Team, user: e.Of.User}
		if !b.jobs.start(func(ctx context.Context) { b.publishHome(ctx, by) }) {
			return delivery.Ack{}, fmt.Errorf("slackbot: event: %s", busyWords)
		}
	case "subteam_members_changed":
		b.groupChanged(e.Of.Group)
	}
	return delivery.Ack{}, nil
}

func (b *Bot) groupChanged(group string) {
	if b.Usergroups == nil {
		return
	}
	b.Usergroups.Forget(group)
	b.jobs.start(func(ctx context.Context) { b.Usergroups.Refresh(ctx, groupEvery) })
}

// takeOptions answers a menu that asks what to offer. No menu of ours does.
func (b *Bot) takeOptions(delivery.Delivery) (delivery.Ack, error) {
	return ackOf(map[string]any{"options": []any{}})
}
