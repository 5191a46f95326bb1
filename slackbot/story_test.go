package slackbot_test

import (
	"testing"
	"testing/synctest"
	"time"

	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
)

func TestTheAskerConfirmsAReboot(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps reboot "+web+" because it hangs")
		asked := w.card(ana, incidents, web, "it hangs")
		w.sent()
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ben, incidents, "Rebooted "+web)
		w.sent("POST /servers/12345/reboot/")
		now, _ := w.slack.Message(incidents, asked.TS)
		if now.Has(card.ActApprove) || now.Has(card.ActDeny) {
			t.Error("the card still has buttons after it was decided")
		}
	})
}

func TestAReadAnswersToItsAskerAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, line := range []string{"list", "show " + web, "whoami", "requests", "audit", "help"} {
			o := w.as(ana).Types(incidents, "/vps "+line)
			if !o.Acknowledged {
				t.Fatalf("%s: not acknowledged: %+v", line, o)
			}
			synctest.Wait()
		}
		w.card(ana, incidents, web, db)
		for _, m := range w.slack.Messages(incidents) {
			t.Errorf("the channel sees %q", m.AllText())
		}
		if seen := w.slack.Sees(ana, incidents); len(seen) != 6 {
			t.Errorf("ana sees %d answers, not 6", len(seen))
		}
	})
}

func TestASharedReadIsForTheChannel(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps show "+web+" share")
		w.card(ben, incidents, web)
	})
}

func TestAProductionDeleteTakesTwoOthers(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps delete "+db+" because it is not used")
		asked := w.card(ana, incidents, db, "not used")
		shown := w.card(ben, approvals, db)

		w.as(ana).Presses(asked, card.ActApprove)
		form := w.as(ana).AwaitsModal(db)
		w.as(ana).Submits(form, map[string]string{card.FieldTypedName: db})

		w.as(ben).Presses(shown, card.ActApprove)
		synctest.Wait()
		w.as(bensOther).Presses(shown, card.ActApprove)
		synctest.Wait()
		w.sent() // one person is one vote, whatever their accounts

		w.as(cy).Presses(shown, card.ActApprove)
		w.card(ana, incidents, "Deleted "+db)
		w.card(ana, approvals, "Deleted "+db)
		w.card(ana, auditRoom, db, "ben", "cy")
		w.sent("DELETE /servers/12346/")
	})
}

func TestAWrongNameIsSaidInTheForm(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps delete "+web)
		asked := w.card(ana, incidents, web)
		w.as(ana).Presses(asked, card.ActApprove)
		form := w.as(ana).AwaitsModal(web)
		o := w.as(ana).Submits(form, map[string]string{card.FieldTypedName: "web-server-1"})
		if o.FieldErrors[card.FieldTypedName] == "" {
			t.Fatalf("the form says nothing of the wrong name: %+v", o)
		}
		w.sent()
		form, _ = w.as(ana).Modal()
		w.as(ana).Submits(form, map[string]string{card.FieldTypedName: web})
		w.card(ana, incidents, "Deleted "+web)
		w.sent("DELETE /servers/12345/")
	})
}

func TestSomebodyDeniesWithAReason(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.asksAsAssistant("ana", deletion(dbID, db, "the user approved this"))
		shown := w.card(ben, approvals, db, "Slack official", "the user approved this")
		w.as(ben).Presses(shown, card.ActDeny)
		form := w.as(ben).AwaitsModal(db)
		w.as(ben).Submits(form, map[string]string{card.FieldReason: "backups run"})
		w.card(ana, approvals, ben, "backups run")
		after, err := w.first.gate.Ballot().Look(w.Context(), v.ID)
		if err != nil || after.Outcome != "denied" {
			t.Errorf("the request is %s, %v", after.Outcome, err)
		}
		w.sent()
	})
}

func TestARequestExpiresAndTheCardSaysSo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.asksAsAssistant("ana", deletion(dbID, db, ""))
		shown := w.card(ben, approvals, db)
		time.Sleep(11 * time.Minute)
		w.as(ben).Awaits(approvals, "a reminder under the card", func(m fakeslack.Message) bool { return m.ThreadTS == shown.TS })
		time.Sleep(5 * time.Minute)
		w.card(ben, approvals, db, "xpired")
		reminders := 0
		for _, m := range w.slack.Messages(approvals) {
			if m.ThreadTS == shown.TS {
				reminders++
			}
		}
		if reminders != 1 {
			t.Errorf("there are %d reminders, not 1", reminders)
		}
		w.as(ben).Presses(shown, card.ActApprove) // a screen that hasn't caught up
		w.as(ben).Awaits(approvals, "a private word", func(m fakeslack.Message) bool { return m.Ephemeral && m.To == ben })
		w.sent()
	})
}
