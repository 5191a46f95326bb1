package slackbot_test

import (
	"testing"
	"testing/synctest"
	"time"

	"vpsops/slackbot"
	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
)

func withoutApprovals(c *slackbot.Config) { c.Approvals = "" }

// unseen are places where what somebody asks is seen by nobody else.
var unseen = map[string]func(w *world) (channel string){
	"in their messages with the app": func(w *world) string { return w.as(ana).DirectMessage() },
	"where the app is not": func(w *world) string {
		w.slack.Kick(incidents, w.slack.App().BotUser)
		return incidents
	},
	"in a colleague's messages": func(w *world) string {
		w.slack.AddChannel(fakeslack.Channel{ID: "D9ANABEN", Private: true, Members: []string{ana, ben}})
		return "D9ANABEN"
	},
}

func TestWhatNobodyElseSeesIsAskedOfTheVotersThemselves(t *testing.T) {
	for name, place := range unseen {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				channel := place(w)
				w.as(ana).Types(channel, "/vps delete "+db+" because it is old")
				w.card(ana, w.as(ana).DirectMessage(), db)
				for _, voter := range []string{ben, cy} {
					w.as(voter).Presses(w.card(voter, w.as(voter).DirectMessage(), db, "to approve"), card.ActApprove)
				}
				w.card(ana, w.as(ana).DirectMessage(), "approved by <@"+ben+">", "approved by <@"+cy+">")
				time.Sleep(11 * time.Minute)
				synctest.Wait()
				if n := w.cards(w.as(ana).DirectMessage()); n != 2 { // and her reminder
					t.Errorf("%d messages are the asker's", n)
				}
			}, byHTTP, withBot(withoutApprovals))
		})
	}
}

func TestWhoIsMissingIsRemindedWhereTheyWereAskedThemselves(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(w.as(ana).DirectMessage(), "/vps delete "+db+" because it is old")
		time.Sleep(12 * time.Minute)
		for _, voter := range []string{ben, cy} {
			w.as(voter).Awaits(w.as(voter).DirectMessage(), "a reminder", func(m fakeslack.Message) bool { return m.ThreadTS != "" })
		}
	}, byHTTP, withBot(withoutApprovals))
}

func TestWhoAsksAgainIsNotToldOfCardsInOthersMessages(t *testing.T) {
	inWorld(t, func(w *world) {
		direct := w.as(ana).DirectMessage()
		for range 2 {
			w.as(ana).Types(direct, "/vps delete "+db+" because it is old")
			w.card(ben, w.as(ben).DirectMessage(), db)
		}
		w.told(ana, direct, "Open already")
		w.never(ana, direct, "in your messages with the app")
	}, byHTTP, withBot(withoutApprovals))
}

func TestWhatStandsInAChannelIsNotAskedOfTheVotersThemselvesToo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps delete "+db+" because it is old")
		w.card(ben, incidents, db)
		if n := w.cards(w.as(ben).DirectMessage()); n != 0 {
			t.Errorf("%d cards are in the voter's messages, too", n)
		}
	}, byHTTP, withBot(withoutApprovals))
}
