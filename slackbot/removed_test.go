package slackbot_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
)

// removes takes a message away, as a moderator does.
func (w *world) removes(m fakeslack.Message) {
	w.Helper()
	api := slack.New(w.slack.App().BotToken, slack.OptionAPIURL(w.slack.URL()), slack.OptionHTTPClient(w.first.http))
	if _, _, err := api.DeleteMessage(m.Channel, m.TS); err != nil {
		w.Fatal(err)
	}
}

func (w *world) anotherCard(user, channel string, than fakeslack.Message) fakeslack.Message {
	w.Helper()
	return w.as(user).Awaits(channel, "another card", func(m fakeslack.Message) bool {
		return m.Has(card.ActApprove) && !m.Ephemeral && m.TS != than.TS
	})
}

func TestACardThatWasRemovedIsThereAgainForWhoAsksAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		synctest.Wait()
		w.removes(asked)
		w.as(ana).Types(incidents, "/vps reboot "+web)
		w.told(ana, incidents, "Open already")
		began := time.Now()
		w.as(ana).Presses(w.anotherCard(ana, incidents, asked), card.ActApprove)
		if took := time.Since(began); took > time.Second {
			t.Errorf("it came after %v", took)
		}
		w.card(ana, incidents, "Rebooted "+web)
		w.sent("POST /servers/12345/reboot/")
	})
}

// Slack may take a reminder under a card that isn't there, or refuse it; and it may not
// tell of the card just when it is asked.
func TestACardThatWasRemovedIsThereAgainForTheReminder(t *testing.T) {
	for _, refused := range []bool{false, true} {
		inWorld(t, func(w *world) {
			w.asksAsAssistant("ana", deletion(dbID, db, ""))
			asked := w.card(ben, approvals, db)
			synctest.Wait()
			w.removes(asked)
			if refused {
				w.slack.Misbehave(fakeslack.Fault{
					Method: "chat.postMessage", Kind: fakeslack.NotOK, Error: "thread_not_found",
					When: func(a fakeslack.Args) bool { return a.Get("thread_ts") == asked.TS },
				}, fakeslack.Fault{Method: "chat.update", Kind: fakeslack.ServerError, Times: 1})
			}
			time.Sleep(11 * time.Minute)
			now := w.anotherCard(ben, approvals, asked)
			w.as(ben).Awaits(approvals, "a reminder", func(m fakeslack.Message) bool { return m.ThreadTS == now.TS })
			if n := w.cards(approvals); n != 2 {
				t.Errorf("%d messages stand in the channel, not a card and a reminder", n)
			}
		})
	}
}
