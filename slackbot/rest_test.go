package slackbot_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot"
	"vpsops/slackbot/fakeslack"
	"vpsops/vpsapi"
)

func manyAllowed(d *policy.Document) {
	d.Limits = policy.Limits{OpenRequestsPerPerson: 100, RequestTTL: 2 * time.Hour}
}

// calls is how often a method of Slack's was called.
func (w *world) calls(method string) int {
	return len(w.slack.Calls(method))
}

func TestAnHourWithoutSlackEndsInOneCardForWhatIsOpen(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{Method: "chat.*", Kind: fakeslack.ServerError, Status: 503})
		var over []gate.View
		for range 3 {
			over = append(over, w.asksAsAssistant("ana", deletion(webID, web, "")))
			time.Sleep(16 * time.Minute)
		}
		open := w.asksAsAssistant("ana", deletion(dbID, db, ""))
		before, writes := w.calls("chat.postMessage"), w.ledger.writes.Load()
		time.Sleep(12 * time.Minute)
		if n := w.calls("chat.postMessage") - before; n > 20 {
			t.Errorf("Slack was tried %d times in 12 minutes", n)
		}
		if n := w.ledger.writes.Load() - writes; n > 60 {
			t.Errorf("the ledger was written %d times in 12 minutes", n)
		}
		w.slack.Behave()
		w.card(ben, approvals, open.ID)
		time.Sleep(time.Minute)
		for _, m := range w.slack.Messages(approvals) {
			for _, v := range over {
				if strings.Contains(m.AllText(), v.ID) {
					t.Errorf("what expired is shown: %s", m.AllText())
				}
			}
		}
	})
}

func TestWhileSlackIsAwayManyRequestsAreNoStorm(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{Method: "chat.*", Kind: fakeslack.CutBefore})
		for i := range 50 {
			w.as(ana).Types(incidents, fmt.Sprintf("/vps create name=web-%d plan=1 os=1 location=us-west", i))
			synctest.Wait()
		}
		time.Sleep(2 * time.Minute)
		before, writes := w.calls("chat.postMessage"), w.ledger.writes.Load()
		time.Sleep(10 * time.Minute)
		if n := w.calls("chat.postMessage") - before; n > 200 {
			t.Errorf("Slack was tried %d times in 10 minutes", n)
		}
		if n := w.ledger.writes.Load() - writes; n > 500 {
			t.Errorf("the ledger was written %d times in 10 minutes", n)
		}
		w.slack.Behave()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if n := len(w.slack.Messages(incidents)); n != 50 {
			t.Errorf("%d cards stand in the channel, not 50", n)
		}
	}, withPolicy(manyAllowed))
}

func TestAtRestNothingIsWritten(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 50 {
			w.as(ana).Types(incidents, fmt.Sprintf("/vps create name=web-%d plan=1 os=1 location=us-west", i))
			synctest.Wait()
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		looks := func() int { return w.calls("auth.test") } // that the token is good still
		writes, calls := w.ledger.writes.Load(), len(w.slack.Calls())-looks()
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		if n := w.ledger.writes.Load() - writes; n > 5 {
			t.Errorf("the ledger was written %d times in half an hour in which nothing happened", n)
		}
		if n := len(w.slack.Calls()) - looks() - calls; n > 0 {
			t.Errorf("Slack was called %d times", n)
		}
	}, withPolicy(manyAllowed))
}

func TestSlacksRetryAfterIsKeptTo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.TooMany, RetryAfter: 4 * time.Minute, Times: 1})
		w.asksAsAssistant("ana", deletion(dbID, db, ""))
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if n := w.calls("chat.postMessage"); n != 1 {
			t.Errorf("Slack was called %d times, not once", n)
		}
		w.card(ben, approvals, db)
	})
}

func TestWhatWasTakenBackCostsNobodyTheirTurn(t *testing.T) {
	inWorld(t, func(w *world) {
		who := policy.Actor{Identity: policy.Identity{Kind: policy.LocalUser, ID: "ana"}, Front: policy.MCP}
		desk := w.first.gate.Desk()
		for i := range 60 {
			name := fmt.Sprintf("web-%d", i)
			v, err := desk.Ask(w.Context(), who, gate.Operation{Action: policy.Update, Server: gate.Ref{Text: webID, IsID: true}, Update: &vpsapi.UpdateServerParams{Name: &name}})
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if _, err := desk.Cancel(w.Context(), who, v.ID); err != nil {
				t.Fatal(err)
			}
		}
		w.asksAsAssistant("ana", deletion(dbID, db, "this one counts"))
		time.Sleep(time.Minute)
		synctest.Wait()
		w.shows(approvals, "this one counts")
	})
}

// shows wants a message in a channel to show a text now.
func (w *world) shows(channel, text string) {
	w.Helper()
	for _, m := range w.slack.Messages(channel) {
		if m.Shows(text) {
			return
		}
	}
	w.Errorf("nothing in %s shows %q", channel, text)
}

func TestEverybodyWhoIsAskedAloneIsReminded(t *testing.T) {
	inWorld(t, func(w *world) {
		w.asksAsAssistant("ana", deletion(dbID, db, ""))
		time.Sleep(12 * time.Minute)
		for _, voter := range []string{ben, cy} {
			w.as(voter).Awaits(w.as(voter).DirectMessage(), "a reminder", func(m fakeslack.Message) bool { return m.ThreadTS != "" })
		}
	}, withBot(func(c *slackbot.Config) { c.Approvals = "" }))
}

func TestAReminderThatSlackRefusesComesLater(t *testing.T) {
	inWorld(t, func(w *world) {
		second := w.newInstance(settings{})
		defer second.end()
		w.asksAsAssistant("ana", deletion(dbID, db, ""))
		shown := w.card(ben, approvals, db)
		w.slack.Misbehave(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.TooMany, RetryAfter: 30 * time.Second, Times: 1})
		time.Sleep(14 * time.Minute)
		reminders := 0
		for _, m := range w.slack.Messages(approvals) {
			if m.ThreadTS == shown.TS {
				reminders++
			}
		}
		if reminders != 1 {
			t.Errorf("there are %d reminders, not 1", reminders)
		}
	})
}

func TestAfterARestartNobodyIsRemindedAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.asksAsAssistant("ana", deletion(dbID, db, ""))
		shown := w.card(ben, approvals, db)
		time.Sleep(11 * time.Minute)
		w.as(ben).Awaits(approvals, "a reminder", func(m fakeslack.Message) bool { return m.ThreadTS == shown.TS })
		w.reborn()
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if n := len(w.slack.Messages(approvals)); n != 2 {
			t.Errorf("%d messages stand in the channel, not a card and a reminder", n)
		}
	})
}
