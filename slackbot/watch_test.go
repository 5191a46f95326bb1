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

// A card is no success of a server that vanished, and its server is asked for no
// longer; one 404 alone changes nothing.
func TestAServerThatVanishedIsNotShownAsRebooted(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		w.as(ana).Presses(asked, card.ActApprove)
		synctest.Wait()
		lost := sandbox.Fault{Kind: sandbox.KindStatus, Status: 404, Times: 1, Match: sandbox.Match{Method: "GET", Path: "/api/v1/servers/12345/"}}
		w.misbehaves(lost)
		time.Sleep(time.Minute)
		synctest.Wait()
		if now, _ := w.slack.Message(incidents, asked.TS); !now.Shows("Rebooting "+web) || now.Shows("it is gone") {
			t.Error("one 404 was believed")
		}
		lost.Times = 0
		w.misbehaves(lost)
		w.card(ana, incidents, "Rebooting "+web+": it is gone", "who or what deleted it is not known")
		time.Sleep(time.Minute)
		synctest.Wait()
		w.sandbox.ClearRequests()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		for _, r := range w.sandbox.Requests() {
			if r.Path == lost.Match.Path {
				t.Fatal("the server is still asked for")
			}
		}
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
