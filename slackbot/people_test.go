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
		w.told(ana, incidents, "Slack takes no more questions about who people are at the moment, so it doesn't count; nothing was done. Try again in 1 minute, or now on the page or in vpsops console.")
		w.told(ana, incidents, "Try again in 30 seconds,")
		w.told(ben, incidents, "Try again in 45 seconds,")
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
		w.told(ana, incidents, "It was not counted: it can't be told that your Slack account counts still (Slack takes no more questions about people at the moment); try again in 42 seconds.")
		w.sent()
		time.Sleep(42 * time.Second)
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+web)
	})
}

// What only tightens is taken of whom the policy lists while Slack tells nothing of
// anybody, as a denial is; what loosens is not.
func TestALockAndAFreezeWaitForNoWordOfSlacks(t *testing.T) {
	for name, c := range map[string]struct {
		fault fakeslack.Fault
		says  string
	}{
		"an error":      {fakeslack.Fault{Method: "users.info", Kind: fakeslack.ServerError}, "Slack doesn't tell who you are at the moment"},
		"no answer":     {fakeslack.Fault{Method: "users.info", Kind: fakeslack.Hang}, "Slack doesn't tell who you are at the moment"},
		"too many asks": {fakeslack.Fault{Method: "users.info", Kind: fakeslack.TooMany, RetryAfter: 10 * time.Minute}, "Slack takes no more questions about who people are"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.slack.Misbehave(c.fault)
				w.as(ana).Types(incidents, "/vps freeze all because an assistant runs wild")
				w.card(ben, incidents, "Frozen", "by `ana`", "runs wild")
				w.as(ana).Types(incidents, "/vps lock "+web+" because an assistant runs wild")
				w.card(ben, incidents, "Locked", web)
				if n := len(w.holds()); n != 2 {
					t.Errorf("%d locks and freezes are in force", n)
				}
				w.as(ben).Types(incidents, "/vps unfreeze all")
				w.told(ben, incidents, c.says)
				w.told(ben, incidents, "on the page or in vpsops console")
				w.as(ben).Types(incidents, "/vps unlock "+web)
				w.as(stranger).Types(incidents, "/vps freeze all because of me")
				w.told(stranger, incidents, "nobody in the policy has this account")
				time.Sleep(time.Minute)
				if n := len(w.holds()); n != 2 {
					t.Errorf("%d locks and freezes are in force in the end", n)
				}
			})
		})
	}
}

func TestWhomSlackCalledAGuestFreezesNothingWhileItTellsNoMore(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.EditUser(ana, func(u *fakeslack.User) { u.Guest = true })
		w.as(ana).Types(incidents, "/vps reboot "+web)
		w.told(ana, incidents, "Guests can't")
		time.Sleep(knownFor + time.Second)
		w.slack.Misbehave(fakeslack.Fault{Method: "users.info", Kind: fakeslack.ServerError})
		before := w.guestsTold()
		w.as(ana).Types(incidents, "/vps freeze all because of me")
		time.Sleep(time.Minute)
		if w.guestsTold() != before+1 || len(w.holds()) > 0 {
			t.Error("a guest froze everything, or was not told that they can't")
		}
	})
}
