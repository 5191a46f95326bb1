package card

import (
	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/slackbot/command"
	"vpsops/slackbot/command/runner"
)

func (w *Writer) who(r runner.Who) Message {
	id := inert.Text(r.Actor.Identity.String(), maxName)
	if r.Person == "" {
		return w.Note("You are " + id + ", whom the policy does not list: you may do nothing here. Whoever keeps the policy adds that account to a person.")
	}
	all := []md{"You are " + name(r.Person) + " (" + name(r.Actor.Identity.String()) + ")."}
	if r.ReadOnly {
		all = append(all, "🔒 vpsops runs *read-only*: nothing is changed, whoever asks.")
	}
	all = append(all, "You may, at the least:")
	for _, a := range policy.Actions() {
		if d, may := r.May[a]; may {
			all = append(all, "• "+bold(word(string(a)))+" "+ends(d.Effect))
		}
	}
	for _, line := range command.UnreadLines(r.Unread) {
		all = append(all, "⚠️ "+prose(line, maxReason))
	}
	if len(r.Accounts) > 1 {
		var names []md
		for _, a := range r.Accounts {
			names = append(names, name(a))
		}
		all = append(all, "Accounts: "+lines(maxText/4, join(", ", names...)))
	}
	all = append(all, w.holdLines(r.Holds)...)
	return message([]slack.Block{section(all...)}, "You are "+inert.Text(r.Person, maxName)+" ("+id+").")
}

func ends(e policy.Effect) md {
	switch e {
	case policy.Confirm:
		return "once you confirm"
	case policy.Approve:
		return "once others approve"
	case policy.Deny:
		return "not now"
	}
	return "at once"
}
