package slackbot_test

import (
	"testing"
	"testing/synctest"
	"time"

	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
	"vpsops/vpsapi/sandbox"
)

func TestTheCardFollowsTheServerUntilItIsThere(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+web, "after the call")
		now, _ := w.slack.Message(incidents, asked.TS)
		if now.Edits < 3 {
			t.Errorf("the card was edited %d times: it did not follow", now.Edits)
		}
		if n := len(w.slack.Messages(incidents)); n != 1 {
			t.Errorf("%d cards stand in the channel", n)
		}
	})
}

func TestARebootThatDoesNotComeBackIsLoud(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		w.as(ana).Presses(asked, card.ActApprove)
		synctest.Wait()
		w.misbehaves(sandbox.Fault{Kind: sandbox.KindStatus, Status: 503, Match: sandbox.Match{Method: "GET"}})
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		loud := w.as(ana).Awaits(incidents, "a loud card", func(m fakeslack.Message) bool {
			return m.Has(card.ActShow) && m.Has(card.ActStart) && m.Has(card.ActStop)
		})
		w.misbehaves()
		w.as(ben).Presses(loud, card.ActShow)
		w.told(ben, incidents, web)
	}, func(s *settings) { s.sandbox.Speed = 0.0001 })
}

func TestEveryChangeHasALineInTheAuditChannel(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ana, auditRoom, "Reboot", web, "ana")
		w.card(ana, incidents, "Rebooted "+web)
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(w.slack.Messages(auditRoom)); n != 1 {
			t.Errorf("%d lines stand in the audit channel, not 1", n)
		}
	})
}

func TestAStartNeedsNobodyAndShowsEverybody(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps stop "+web)
		w.as(ana).Presses(w.card(ana, incidents, web), card.ActApprove)
		w.card(ana, incidents, "Stopped "+web)
		w.as(ana).Types(incidents, "/vps start "+web)
		w.as(ben).Awaits(incidents, "the start's card", func(m fakeslack.Message) bool { return m.Shows("Started "+web) && !m.Has(card.ActApprove) })
		w.sent("POST /servers/12345/stop/", "POST /servers/12345/start/")
	})
}

func TestACardFollowsItsServerAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps stop "+web)
		w.as(ana).Presses(w.card(ana, incidents, web), card.ActApprove)
		w.card(ana, incidents, "Stopped "+web)
		began := time.Now()
		w.as(ana).Types(incidents, "/vps start "+web)
		w.card(ana, incidents, "Started "+web)
		if took := time.Since(began); took > 25*time.Second { // a start takes 20 s at the most
			t.Errorf("the card said so after %v", took)
		}
	})
}
