package slackbot

import (
	"context"
	"strings"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot/command"
)

// askedBefore is the request that a process made of a command before it died,
// where the command was left half done.
func (b *Bot) askedBefore(ctx context.Context, by caller, c command.Command) (gate.View, bool) {
	if by.left.IsZero() {
		return gate.View{}, false
	}
	const lately = 50
	own, err := b.Ballot.Own(ctx, by.actor(), lately)
	if err != nil {
		b.Logger.Error("slack: whether something was asked before can't be told", "error", err)
		return gate.View{}, false
	}
	for _, v := range own {
		if !v.CreatedAt.Before(by.left) && v.Front == policy.Slack && v.Channel == by.channel && isOf(v, c) {
			return v, true
		}
	}
	return gate.View{}, false
}

// isOf tells whether a request says what a command does.
func isOf(v gate.View, c command.Command) bool {
	if v.Action != policy.Action(c.Verb) || c.Account != "" && v.Account != c.Account {
		return false
	}
	if v.Operation.Create != nil {
		return v.Operation.Create.Name == c.Name
	}
	named := strings.TrimPrefix(c.Server, "id:")
	if named == v.ServerID || named == v.Operation.Server.Text || named == v.Shown.Name() {
		return true
	}
	s := v.Shown.Server
	return s != nil && (named == s.Hostname || named == s.Address)
}

// votedBefore tells whether a vote that is refused now had counted before the
// process that took it died.
func votedBefore(by caller, v gate.View, approve bool) bool {
	for _, vote := range v.Votes {
		if !by.left.IsZero() && vote.Identity == by.identity() && vote.Approve == approve && !vote.At.Before(by.left) {
			return true
		}
	}
	return false
}
