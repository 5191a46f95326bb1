package slackbot_test

import (
	"testing"
	"testing/synctest"
	"time"

	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
	"vpsops/vpsapi/sandbox"
)

// reborn is the process that takes the place of one that died.
func (w *world) reborn() {
	w.Helper()
	w.first.end()
	w.first = w.newInstance(settings{})
	w.first.listens()
}

// stopped has somebody stop the server.
func (w *world) stopped() {
	w.Helper()
	w.as(ana).Types(incidents, "/vps stop "+web)
	w.as(ana).Presses(w.card(ana, incidents, web), card.ActApprove)
	w.card(ana, incidents, "Stopped "+web)
}

func TestACommandThatWasAcknowledgedOutlivesTheProcess(t *testing.T) {
	inWorld(t, func(w *world) {
		w.first.diesAfter(1) // the delivery is kept, and nothing else
		if o := w.as(ana).Types(incidents, "/vps reboot "+web); !o.Acknowledged {
			t.Fatalf("it was not acknowledged: %+v", o)
		}
		synctest.Wait()
		w.reborn()
		asked := w.as(ana).Awaits(incidents, "the card", func(m fakeslack.Message) bool { return m.Has(card.ActApprove) })
		synctest.Wait()
		w.first.diesAfter(1)
		w.as(ana).Presses(asked, card.ActApprove)
		synctest.Wait()
		w.sent()
		w.reborn()
		w.card(ana, incidents, "Rebooted "+web)
		w.sent("POST /servers/12345/reboot/")
	})
}

func TestWhatWasAskedBeforeTheProcessDiedIsNotAskedAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.stopped()
		w.slack.Misbehave(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.Hang})
		w.as(ana).Types(incidents, "/vps start "+web)
		time.Sleep(5 * time.Second) // the API has answered, Slack has not
		w.first.dies()
		w.slack.Behave()
		w.reborn()
		time.Sleep(30 * time.Second)
		w.as(ben).Types(incidents, "/vps stop "+web)
		w.as(ben).Presses(w.as(ben).Awaits(incidents, "a card", func(m fakeslack.Message) bool { return m.Has(card.ActApprove) }), card.ActApprove)
		time.Sleep(3 * time.Minute)
		w.sent("POST /servers/12345/stop/", "POST /servers/12345/start/", "POST /servers/12345/stop/")
	})
}

func TestWhatWaitsLongForItsTurnIsDoneOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.stopped()
		w.misbehaves(sandbox.Fault{Kind: sandbox.KindDelay, Delay: 20 * time.Second, Match: sandbox.Match{Method: "GET", Path: "/api/v1/servers/"}})
		for range 520 { // more than are dealt with at once
			w.as(ben).Types(incidents, "/vps list nothing-like-it")
		}
		w.as(ana).Types(incidents, "/vps start id:"+webID)
		w.as(ana).Types(incidents, "/vps lock id:"+dbID+" because it is copied")
		time.Sleep(10 * time.Minute)
		if n := len(w.holds()); n != 1 {
			t.Errorf("there are %d locks, not 1", n)
		}
		w.sent("POST /servers/12345/stop/", "POST /servers/12345/start/")
	})
}

func TestWhoWasNotAnsweredInTimeIsToldThatNothingWasDone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.first.diesAfter(1)
		w.as(ana).Types(incidents, "/vps reboot "+web)
		synctest.Wait()
		time.Sleep(10 * time.Minute)
		w.reborn()
		w.told(ana, incidents, "too long ago")
		if n := len(w.slack.Messages(incidents)); n != 0 {
			t.Errorf("%d cards stand in the channel", n)
		}
	})
}
