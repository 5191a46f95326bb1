package slackbot_test

import (
	"testing"
	"testing/synctest"

	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
)

// never wants nobody to have been told that, so far.
func (w *world) never(user, channel, text string) {
	w.Helper()
	synctest.Wait()
	for _, m := range w.as(user).Sees(channel) {
		if m.Shows(text) {
			w.Errorf("%s is told %q", user, m.AllText())
		}
	}
}

// cards are the messages for everybody in a channel.
func (w *world) cards(channel string) int {
	w.Helper()
	synctest.Wait()
	return len(w.slack.Messages(channel))
}

func TestWhoAsksAgainInTheChannelIsToldThatItIsOpen(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		w.never(ana, incidents, "open already")
		w.as(ana).Types(incidents, "/vps reboot "+web+" because it still hangs")
		again := w.as(ana).Awaits(incidents, "a private word", func(m fakeslack.Message) bool { return m.Ephemeral && m.To == ana && m.Shows("Open already") })
		if !again.Shows("here") || !again.Shows("<@"+ana+"> to confirm") || !again.Shows(w.requestOf(asked)) {
			t.Errorf("it says %q", again.AllText())
		}
		if n := w.cards(incidents); n != 1 {
			t.Errorf("%d cards stand in the channel", n)
		}
		w.never(ben, incidents, "Open already")

		w.as(ana).Presses(again, card.ActRequest)
		shown := w.as(ana).Awaits(incidents, "the request", func(m fakeslack.Message) bool { return m.Ephemeral && m.Has(card.ActApprove) })
		w.as(ana).Presses(shown, card.ActApprove)
		w.card(ben, incidents, "Rebooted "+web)
		w.sent("POST /servers/12345/reboot/")
	})
}

func TestWhoAsksAgainInAnotherChannelIsToldWhereTheCardStands(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps delete "+db+" because it is not used")
		w.card(ana, incidents, db)
		w.card(ben, approvals, db)
		for _, channel := range []string{auditRoom, w.as(ana).DirectMessage()} {
			w.as(ana).Types(channel, "/vps delete "+db)
			w.told(ana, channel, "<#"+incidents+">")
			w.told(ana, channel, "<#"+approvals+">")
			w.told(ana, channel, "2 of ")
			w.never(ana, channel, "not in this channel")
		}
		if n := w.cards(incidents) + w.cards(approvals); n != 2 {
			t.Errorf("%d cards stand", n)
		}
		w.sent()
	})
}

func TestWhoAskedWhereTheAppIsNotIsToldThatTheCardIsInTheirMessages(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Kick(incidents, w.slack.App().BotUser)
		w.as(ana).Types(incidents, "/vps reboot "+web)
		w.card(ana, w.as(ana).DirectMessage(), web)
		w.as(ana).Types(incidents, "/vps reboot "+web)
		w.told(ana, incidents, "in your messages with the app")
		w.told(ana, incidents, "Open already")
	})
}

func TestWhileSlackTakesNoCardWhoAsksAgainIsToldAllTheSame(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.ServerError})
		for range 2 {
			w.as(ana).Types(incidents, "/vps reboot "+web)
			synctest.Wait()
		}
		w.told(ana, incidents, "Open already")
		w.never(ana, incidents, "not in this channel")
		w.never(ana, incidents, "Its card")
		w.slack.Behave()
		w.as(ana).Awaits(incidents, "the card", func(m fakeslack.Message) bool { return !m.Ephemeral && m.Has(card.ActApprove) })
	})
}

func TestTheSameOfAnotherPersonFrontOrAccountIsNotOpenAlready(t *testing.T) {
	inWorld(t, func(w *world) {
		w.asksAsAssistant("ana", rebootOf(webID))
		w.as(ana).Types(incidents, "/vps reboot "+web+" account=main")
		w.as(ben).Types(incidents, "/vps reboot "+web+" account=main")
		w.as(ana).Types(incidents, "/vps reboot "+web+" account=staging")
		w.as(ana).Awaits(incidents, "the last card", func(m fakeslack.Message) bool { return m.Has(card.ActApprove) && m.Shows("staging") })
		if n := w.cards(incidents); n != 3 {
			t.Errorf("%d cards stand in the channel, not 3", n)
		}
		w.never(ana, incidents, "Open already")
		w.never(ben, incidents, "Open already")

		w.as(ana).Types(incidents, "/vps reboot "+web+" account=staging")
		w.as(ana).Awaits(incidents, "a private word", func(m fakeslack.Message) bool { return m.Ephemeral && m.Shows("Open already") && m.Shows("staging") })
	}, twoAccounts)
}
