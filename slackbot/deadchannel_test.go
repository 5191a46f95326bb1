package slackbot_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
)

// deadChannels are ways in which a card gets out of reach.
var deadChannels = map[string]func(w *world){
	"the app is removed": func(w *world) { w.slack.Kick(incidents, w.slack.App().BotUser) },
	"archived": func(w *world) {
		w.slack.EditChannel(incidents, func(c *fakeslack.Channel) { c.Archived = true })
	},
	"no more changes": func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{
			Method: "chat.update", Kind: fakeslack.NotOK, Error: "is_inactive",
			When: func(a fakeslack.Args) bool { return a.Get("channel") == incidents },
		})
	},
}

func (w *world) refusedChanges() (n int) {
	for _, call := range w.slack.Calls("chat.update") {
		if call.Error != "" {
			n++
		}
	}
	return n
}

func TestACardThatCannotBeChangedHoldsUpNoOtherChannel(t *testing.T) {
	for name, dies := range deadChannels {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				dead := w.rebootCard()
				dies(w)
				w.as(ana).Presses(dead, card.ActCancel)
				synctest.Wait()
				for range 3 {
					time.Sleep(7*time.Minute + 13*time.Second)
					w.as(ben).Types(approvals, "/vps reboot "+db)
					asked := w.as(ben).Awaits(approvals, "a card", func(m fakeslack.Message) bool { return m.Has(card.ActApprove) && m.Shows(db) })
					began := time.Now()
					w.as(ben).Presses(asked, card.ActApprove)
					w.as(ben).Awaits(approvals, "no buttons", func(m fakeslack.Message) bool { return m.TS == asked.TS && !m.Has(card.ActApprove) })
					if took := time.Since(began); took > 2*time.Second {
						t.Errorf("the card has its buttons for %v", took)
					}
				}
			}, byHTTP)
		})
	}
}

func TestACardThatCannotBeChangedIsGivenUp(t *testing.T) {
	for name, dies := range deadChannels {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				dead := w.rebootCard()
				dies(w)
				w.as(ana).Presses(dead, card.ActCancel)
				time.Sleep(2 * time.Hour)
				before := w.refusedChanges()
				time.Sleep(24 * time.Hour)
				if n := w.refusedChanges() - before; n > 0 {
					t.Errorf("%d more calls were refused", n)
				}
				if !strings.Contains(w.logged.String(), "is given up") {
					t.Error("nothing in the log says so")
				}
			}, byHTTP)
		})
	}
}

func TestACardInReachAgainIsBroughtInStep(t *testing.T) {
	for name, away := range map[string]time.Duration{"soon": 10 * time.Minute, "when it was given up, by a press": 3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				asked := w.rebootCard()
				w.slack.Kick(incidents, w.slack.App().BotUser)
				w.as(ana).Presses(asked, card.ActCancel)
				time.Sleep(away)
				w.slack.Invite(incidents, w.slack.App().BotUser)
				if away > time.Hour {
					w.as(ana).Presses(asked, card.ActApprove)
				}
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				if now, _ := w.slack.Message(incidents, asked.TS); now.Has(card.ActApprove) || !now.Shows("Taken back") {
					t.Errorf("it says %s", now.AllText())
				}
				w.sent()
			}, byHTTP)
		})
	}
}
