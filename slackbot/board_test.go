package slackbot_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot/card"
)

// A policy that is reloaded tells no feed.
func TestACardNamesThoseWhoMayDecideByTheNewPolicy(t *testing.T) {
	inWorld(t, func(w *world) {
		w.asksAsAssistant("ana", deletion(dbID, db, ""))
		shown := w.card(ben, approvals, db)
		w.setPolicy(func(d *policy.Document) {
			d.People["dee"] = policy.Person{Slack: []string{team + "/U0DEE"}}
			d.Groups["ops"] = policy.Group{People: []string{"ana", "ben", "cy", "dee"}}
		})
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if now, _ := w.slack.Message(approvals, shown.TS); !now.Shows("U0DEE") {
			t.Errorf("the card does not name who may decide now: %s", now.AllText())
		}
	})
}

func TestADenialByALockTellsTheTimeByTheReadersClock(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ben).Types(incidents, "/vps lock "+web+" for 2h because it is copied")
		synctest.Wait()
		w.as(ana).Types(incidents, "/vps reboot "+web)
		w.told(ana, incidents, "locked by ben until")
		for _, m := range w.slack.AllMessages() {
			if text := m.Text + string(m.Blocks); strings.Contains(text, "2000-01-01T") {
				t.Errorf("a moment stands there as a machine writes it: %s", text)
			}
		}
	})
}

func TestADecisionOnThePageTakesTheButtonsAway(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		v := w.waiting("ana")
		by := gate.Voter{Identity: policy.Identity{Kind: policy.LocalUser, ID: "ana"}, Front: policy.Page, Factor: policy.PersonFactor}
		w.withoutBot(func(g *gate.Gate) {
			if _, err := g.Ballot().Vote(w.Context(), by, gate.Verdict{RequestID: v.ID, Digest: v.Digest, Approve: true}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Second)
		})
		now, _ := w.slack.Message(incidents, asked.TS)
		if now.Has(card.ActApprove) || now.Has(card.ActDeny) || now.Has(card.ActCancel) {
			t.Errorf("the card can still be pressed: %s", now.AllText())
		}
		w.as(ana).Presses(asked, card.ActApprove) // on a phone that shows it as it was
		w.told(ana, incidents, "not counted")
		w.card(ana, incidents, "Rebooted "+web)
		w.sent("POST /servers/12345/reboot/")
	})
}

func TestWhatExpiredWhileNothingRanSaysSoOnceSomethingDoes(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		w.first.end()
		time.Sleep(time.Hour)
		w.first = w.newInstance(settings{})
		w.first.listens()
		w.card(ana, incidents, "xpired", web)
		w.as(ana).Presses(asked, card.ActApprove)
		w.told(ana, incidents, "not counted")
		now, _ := w.slack.Message(incidents, asked.TS)
		if now.Has(card.ActApprove) {
			t.Errorf("the card can still be pressed: %s", now.AllText())
		}
		w.sent()
	})
}

// waiting is the one request that a person may decide.
func (w *world) waiting(person string) gate.View {
	w.Helper()
	views, err := w.first.gate.Desk().Open(w.Context(), localAt(policy.Page, person))
	if err != nil || len(views) != 1 {
		w.Fatalf("%d requests are open, %v", len(views), err)
	}
	return views[0]
}
