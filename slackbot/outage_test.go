package slackbot_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot"
	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
	"vpsops/vpsapi/sandbox"
)

func rebootOf(id string) gate.Operation {
	return gate.Operation{Action: policy.Reboot, Server: gate.Ref{Text: id, IsID: true}}
}

func TestARestartBetweenAskAndPressLosesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		w.first.end()
		w.first = w.newInstance(settings{})
		w.first.listens()
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+web)
		w.sent("POST /servers/12345/reboot/")
	})
}

func TestAPressOnAnotherInstanceCounts(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		second := w.newInstance(settings{})
		defer second.end()
		second.listens()
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+web)
		w.sent("POST /servers/12345/reboot/")
		if n := len(w.slack.Messages(incidents)); n != 1 {
			t.Errorf("%d cards stand in the channel, not 1", n)
		}
	})
}

func TestTwoInstancesShowARequestOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		second := w.newInstance(settings{})
		defer second.end()
		w.asksAsAssistant("ana", deletion(dbID, db, ""))
		w.card(ben, approvals, db)
		synctest.Wait()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if n := len(w.slack.Messages(approvals)); n != 1 {
			t.Errorf("%d cards stand in the channel, not 1", n)
		}
	})
}

func TestADeliveryThatComesTwiceIsDoneOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps start "+web, fakeslack.Twice())
		w.as(ana).Types(incidents, "/vps reboot "+web, fakeslack.Twice())
		w.card(ana, incidents, web)
		synctest.Wait()
		seen := 0
		for _, m := range w.slack.Messages(incidents) {
			if m.Has(card.ActApprove) {
				seen++
			}
		}
		if seen != 1 {
			t.Errorf("%d cards ask, not 1", seen)
		}
	})
}

func TestWhatSlackDoesNotTakeIsSaidByTheRequest(t *testing.T) {
	faults := map[string]fakeslack.Fault{
		"down":         {Kind: fakeslack.CutBefore},
		"broken":       {Kind: fakeslack.ServerError},
		"rate-limited": {Kind: fakeslack.TooMany, RetryAfter: 30 * time.Second},
		"a bare no":    {Kind: fakeslack.NotOK},
		"a no":         {Kind: fakeslack.NotOK, Error: "not_in_channel"},
		"hanging":      {Kind: fakeslack.Hang},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				fault.Method = "chat.postMessage"
				w.slack.Misbehave(fault)
				v := w.asksAsAssistant("ana", deletion(dbID, db, ""))
				time.Sleep(time.Minute)
				synctest.Wait()
				v, err := w.first.gate.Ballot().Look(w.Context(), v.ID)
				if err != nil || v.State != ledger.Pending || len(v.Problems) == 0 || !strings.Contains(v.Message(), "could not be told") {
					t.Fatalf("the request is %s and says %q, %v", v.State, v.Message(), err)
				}
				w.sent()
				w.slack.Behave()
				w.card(ben, approvals, db) // and is shown once Slack is back
				synctest.Wait()
				if v, _ = w.first.gate.Ballot().Look(w.Context(), v.ID); len(v.Problems) > 0 {
					t.Errorf("it still says %q", v.Problems)
				}
			})
		})
	}
}

// What waits behind a channel that is wrong says what is to be mended.
func TestEveryRequestSaysThatAChannelIsWrong(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.NotOK, Error: "channel_not_found"})
		w.asksAsAssistant("ana", deletion(dbID, db, ""))
		time.Sleep(time.Second)
		synctest.Wait()
		second := w.asksAsAssistant("ana", deletion(webID, web, ""))
		time.Sleep(time.Second)
		synctest.Wait()
		v, err := w.first.gate.Ballot().Look(w.Context(), second.ID)
		if err != nil || !strings.Contains(v.Message(), "there is no such channel, or the app is not in it: invite it") {
			t.Errorf("it says %q, %v", v.Message(), err)
		}
	})
}

func TestACardThatSlackTookWithoutAnAnswerCanBePressed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.CutAfter, Times: 1})
		w.as(ana).Types(incidents, "/vps reboot "+web)
		first := w.card(ana, incidents, web)
		w.as(ana).Presses(first, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+web)
		synctest.Wait()
		for _, m := range w.slack.Messages(incidents) {
			if m.Has(card.ActApprove) {
				t.Errorf("a card still asks: %s", m.AllText())
			}
		}
		w.sent("POST /servers/12345/reboot/")
	})
}

func TestSlowSlackHoldsUpNoAcknowledgement(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{Kind: fakeslack.Slow, Delay: 2 * time.Second})
		w.misbehaves(sandbox.Fault{Kind: sandbox.KindDelay, Delay: 20 * time.Second})
		for _, line := range []string{"list", "show " + web, "reboot " + web, "create"} {
			if o := w.as(ana).Types(incidents, "/vps "+line); !o.Acknowledged || o.Took > 100*time.Millisecond {
				t.Errorf("%s: acknowledged %v after %v", line, o.Acknowledged, o.Took)
			}
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
	})
}

func TestWithoutTheLedgerNothingIsChanged(t *testing.T) {
	inWorld(t, func(w *world) {
		w.ledger.broken.Store(true)
		o := w.as(ana).Types(incidents, "/vps reboot "+web)
		if o.Notice == nil || !o.Notice.Shows("ledger") {
			t.Errorf("it says %+v", o)
		}
		w.as(ana).Types(incidents, "/vps list")
		w.told(ana, incidents, web)
		w.sent()
	})
}

func TestAnAppThatIsNotInTheChannelSaysWhereTheCardIs(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Kick(incidents, w.slack.App().BotUser)
		w.as(ana).Types(incidents, "/vps reboot "+web)
		w.told(ana, incidents, "not in this channel")
		direct := w.as(ana).DirectMessage()
		asked := w.card(ana, direct, web)
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ana, direct, "Rebooted "+web)
		w.sent("POST /servers/12345/reboot/")
	})
}

func TestACardThatSlackDoesNotTakeIsNotBlamedOnTheChannel(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{
			Method: "chat.postMessage", Kind: fakeslack.NotOK, Error: "fatal_error",
			When: func(a fakeslack.Args) bool { return a.Get("channel") == incidents },
		})
		w.as(ana).Types(incidents, "/vps delete "+db+" because it is not used")
		w.card(ben, approvals, db)
		w.told(ana, incidents, "could not be shown here yet: Slack refused the message (fatal_error)")
		w.never(ana, incidents, "not in this channel")
		w.slack.Behave()
		w.as(ana).Awaits(incidents, "the card", func(m fakeslack.Message) bool { return m.Has(card.ActDeny) && !m.Ephemeral })
	})
}

func TestACardSaysInWhichChannelItCouldNotBeTold(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.TooMany, RetryAfter: time.Hour})
		w.as(ana).Types(incidents, "/vps delete "+db+" because it is not used")
		time.Sleep(time.Minute)
		synctest.Wait()
		own, err := w.first.gate.Ballot().Own(w.Context(), localAt(policy.Console, "ana"), 1)
		if err != nil || len(own) != 1 {
			t.Fatalf("%d requests, %v", len(own), err)
		}
		for _, room := range []string{incidents, approvals} {
			if says := own[0].Message(); strings.Count(says, "could not be told: in "+room+": Slack takes no more messages") != 1 {
				t.Errorf("it says %q", says)
			}
		}
		w.as(ana).Types(approvals, "/vps request "+own[0].ID)
		w.told(ana, approvals, "*They could not be told* in <#"+incidents+">: Slack takes no more messages")
	})
}

func TestACardThatSomebodyRemovedIsPostedAnew(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{Method: "chat.update", Kind: fakeslack.NotOK, Error: "message_not_found", Times: 1})
		v := w.asksAsAssistant("ana", deletion(dbID, db, ""))
		shown := w.card(ben, approvals, db)
		w.as(ben).Presses(shown, card.ActApprove) // the card is to say so
		w.as(ben).Awaits(approvals, "a second card", func(m fakeslack.Message) bool { return m.Shows(db) && m.TS != shown.TS && !m.Ephemeral })
		if s := w.state(v.ID); s != ledger.Pending {
			t.Errorf("the request is %s", s)
		}
	})
}

func TestAssistantsToolCallWaitsForSlack(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.asksAsAssistant("ana", rebootOf(webID))
		waited := make(chan gate.View, 1)
		go func() {
			who := policy.Actor{Identity: policy.Identity{Kind: policy.LocalUser, ID: "ana"}, Front: policy.MCP}
			after, _ := w.first.gate.Desk().Wait(w.Context(), who, v.ID, 10*time.Minute, nil)
			waited <- after
		}()
		shown := w.card(ana, approvals, "assistant", ana, web)
		w.as(ana).Presses(shown, card.ActApprove)
		if after := <-waited; after.Outcome != gate.OutcomeSucceeded {
			t.Errorf("the tool call ends with %s", after.Outcome)
		}
	})
}

func TestWhereNoChannelIsSetTheVotersAreAskedThemselves(t *testing.T) {
	inWorld(t, func(w *world) {
		w.asksAsAssistant("ana", deletion(dbID, db, ""))
		direct := w.as(ben).DirectMessage()
		shown := w.card(ben, direct, db)
		w.as(ben).Presses(shown, card.ActApprove)
		w.card(cy, w.as(cy).DirectMessage(), "approved by", ben)
	}, withBot(func(c *slackbot.Config) { c.Approvals = "" }))
}
