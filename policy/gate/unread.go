package gate

import "vpsops/policy"

// Unread says of each action that the actor is not granted, but perhaps would be,
// why that isn't known: a Slack user group can't be read. It is told to them, such
// as "whether you are in sre isn't known: …".
func (d *Desk) Unread(actor policy.Actor) map[policy.Action]string {
	pol, unread := d.gate.Policy(), make(map[policy.Action]string)
	for _, action := range policy.Actions() {
		a := policy.Ask{Actor: actor, Action: action, At: d.gate.Now(), AnyServer: true}
		if groups := pol.Decide(a).Unread; len(groups) > 0 {
			unread[action] = pol.UnreadWords("you are", groups)
		}
	}
	return unread
}
