package slackbot_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy"
	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
)

// remindedIn are the channels in which reminders stand.
func (w *world) remindedIn() (channels []string) {
	synctest.Wait()
	for _, m := range w.slack.AllMessages() {
		if m.ThreadTS != "" {
			channels = append(channels, m.Channel)
		}
	}
	return channels
}

func TestTheReminderIsWhereThoseWhoAreMissingAreAsked(t *testing.T) {
	const room = "C0AAA" // whose id comes before the approvals channel's
	askedInRoom := func(d *policy.Document) { d.Guards[2].AskIn = auditRoom }
	for name, c := range map[string]struct {
		policy func(*policy.Document)
		before func(w *world) // it is asked
		votes  func(w *world)
		want   string
	}{
		"others":                       {want: approvals},
		"others, in a guard's channel": {policy: askedInRoom, want: auditRoom},
		"the asker alone": {votes: func(w *world) {
			for _, voter := range []string{ben, cy} {
				w.as(voter).Presses(w.card(voter, approvals, db), card.ActApprove)
			}
		}, want: room},
		"others, where the app is not in their channel": {before: func(w *world) { w.slack.Kick(approvals, w.slack.App().BotUser) }, want: room},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.slack.AddChannel(fakeslack.Channel{ID: room, Members: []string{ana, w.slack.App().BotUser}})
				if c.before != nil {
					c.before(w)
				}
				w.as(ana).Types(room, "/vps delete "+db+" because it is old")
				w.card(ana, room, db)
				if c.votes != nil {
					c.votes(w)
				}
				time.Sleep(14 * time.Minute)
				if got := w.remindedIn(); !slices.Equal(got, []string{c.want}) {
					t.Errorf("it reminds in %q", got)
				}
			}, byHTTP, withPolicy(c.policy))
		})
	}
}

func TestWhoHasVotedIsNotReminded(t *testing.T) {
	inWorld(t, func(w *world) {
		w.asksAsAssistant("ana", deletion(dbID, db, ""))
		direct := w.as(ben).DirectMessage()
		w.as(ben).Presses(w.card(ben, direct, db), card.ActApprove)
		time.Sleep(14 * time.Minute)
		if got := w.remindedIn(); slices.Contains(got, direct) || !slices.Contains(got, w.as(cy).DirectMessage()) {
			t.Errorf("it reminds in %q", got)
		}
	}, byHTTP, withBot(withoutApprovals))
}
