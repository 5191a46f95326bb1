package slackbot_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy"
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
