package slackbot_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/slackbot"
	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
	"vpsops/vpsapi/sandbox"
)

func TestWhoeverAsksWhileTheAPIHangsIsToldSo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.misbehaves(sandbox.Fault{Kind: sandbox.KindDelay, Delay: time.Hour})
		for _, line := range []string{"list", "show " + web, "reboot " + web} {
			w.as(ana).Types(incidents, "/vps "+line)
			before := len(w.as(ana).Sees(incidents))
			time.Sleep(2 * time.Minute)
			synctest.Wait()
			if len(w.as(ana).Sees(incidents)) == before {
				t.Errorf("%s: nothing was said", line)
			}
		}
		w.told(ana, incidents, "out of reach")
	})
}

func TestHelpIsSharedAsWell(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps help reboot share")
		w.card(ben, incidents, "reboot SERVER")
	})
}

func TestWhatCannotBeSharedIsAnsweredAllTheSame(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{Method: "response_url", Kind: fakeslack.CutBefore})
		w.as(ana).Types(incidents, "/vps show "+web+" share")
		w.told(ana, incidents, web)
		if strings.Contains(w.logged.String(), "/commands/"+team) {
			t.Error("the log holds a response address")
		}
	})
}

func TestALockThatCannotBeSharedIsAnsweredAllTheSame(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{Method: "response_url", Kind: fakeslack.CutBefore})
		w.as(ana).Types(incidents, "/vps lock "+web+" because it is copied")
		w.told(ana, incidents, "it is copied")
	})
}

func TestAPressThatTheLedgerDoesNotTakeIsAnswered(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		synctest.Wait()
		w.ledger.broken.Store(true)
		w.as(ana).Presses(asked, card.ActApprove)
		w.told(ana, incidents, "ledger")
		w.sent()
	})
}

func TestWhileSlackDoesNotTellWhoTheAppIsItIsAcknowledged(t *testing.T) {
	inWorld(t, func(w *world) {
		w.first.end()
		w.slack.Misbehave(fakeslack.Fault{Method: "bots.info", Kind: fakeslack.Hang})
		w.first = w.newInstance(settings{bot: func(c *slackbot.Config) { c.Teams = nil }})
		w.first.listens()
		synctest.Wait()
		if o := w.as(ana).Types(incidents, "/vps list"); !o.Acknowledged || o.Took > 100*time.Millisecond {
			t.Errorf("acknowledged %v after %v", o.Acknowledged, o.Took)
		}
		w.told(ana, incidents, web)
	})
}

func TestARequestThatMakesTheProgramPanicEndsNobodyElses(t *testing.T) {
	var odd atomic.Bool
	inWorld(t, func(w *world) {
		odd.Store(true)
		w.asksAsAssistant("ana", deletion(dbID, db, ""))
		synctest.Wait()
		odd.Store(false)
		w.rebootCard()
		w.card(ben, approvals, db) // the next look at all that is open
	}, withBot(func(c *slackbot.Config) {
		c.PageURL = func(string) string {
			if odd.Load() {
				panic("odd")
			}
			return "https://vpsops.example.com/requests/x"
		}
	}))
}
