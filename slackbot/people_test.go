package slackbot_test

import (
	"testing"
	"testing/synctest"
	"time"

	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
)

func TestUntilSlackTakesQuestionsAboutPeopleNoneIsAsked(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		time.Sleep(knownFor + time.Second)
		w.slack.Misbehave(fakeslack.Fault{Method: "users.info", Kind: fakeslack.TooMany, RetryAfter: time.Minute, Times: 1})
		before := w.calls("users.info")
		for range 3 {
			w.as(ana).Presses(asked, card.ActApprove)
			synctest.Wait()
			w.as(ben).Types(incidents, "/vps reboot "+db)
			synctest.Wait()
			time.Sleep(15 * time.Second)
		}
		w.told(ana, incidents, "Slack takes no more questions about who people are at the moment, so it doesn't count; nothing was done. Try again in 1m0s.")
		w.told(ana, incidents, "Try again in 30s.")
		w.told(ben, incidents, "Try again in 45s.")
		if asked := w.calls("users.info") - before; asked != 1 {
			t.Errorf("Slack was asked %d times", asked)
		}
		w.sent()
		time.Sleep(15 * time.Second)
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+web)
	})
}

// Who voted a moment ago is known, and their next yes wants a newer word of Slack's.
func TestAVoteThatSlackTakesNoQuestionAboutSaysWhenToPressAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		time.Sleep(30 * time.Second)
		w.slack.Misbehave(fakeslack.Fault{Method: "users.info", Kind: fakeslack.TooMany, RetryAfter: 42 * time.Second, Times: 1})
		w.as(ana).Presses(asked, card.ActApprove)
		w.told(ana, incidents, "It was not counted: it can't be told that your Slack account counts still (Slack takes no more questions about people at the moment); try again in 42s.")
		w.sent()
		time.Sleep(42 * time.Second)
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+web)
	})
}
