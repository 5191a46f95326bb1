package slackbot_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy"
	"vpsops/slackbot"
	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
)

func withoutApprovals(c *slackbot.Config) { c.Approvals = "" }

// unseen are places where what somebody asks is seen by nobody else.
var unseen = map[string]func(w *world) (channel string){
	"in their messages with the app": func(w *world) string { return w.as(ana).DirectMessage() },
	"where the app is not": func(w *world) string {
		w.slack.Kick(incidents, w.slack.App().BotUser)
		return incidents
	},
	"in a colleague's messages": func(w *world) string {
		w.slack.AddChannel(fakeslack.Channel{ID: "D9ANABEN", Private: true, Members: []string{ana, ben}})
		return "D9ANABEN"
	},
}

func TestWhatNobodyElseSeesIsAskedOfTheVotersThemselves(t *testing.T) {
	for name, place := range unseen {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				channel := place(w)
				w.as(ana).Types(channel, "/vps delete "+db+" because it is old")
				w.card(ana, w.as(ana).DirectMessage(), db)
				for _, voter := range []string{ben, cy} {
					w.as(voter).Presses(w.card(voter, w.as(voter).DirectMessage(), db, "to approve"), card.ActApprove)
				}
				w.card(ana, w.as(ana).DirectMessage(), "approved by <@"+ben+">", "approved by <@"+cy+">")
				time.Sleep(11 * time.Minute)
				synctest.Wait()
				if n := w.cards(w.as(ana).DirectMessage()); n != 2 { // and her reminder
					t.Errorf("%d messages are the asker's", n)
				}
			}, byHTTP, withBot(withoutApprovals))
		})
	}
}

func TestWhoIsMissingIsRemindedWhereTheyWereAskedThemselves(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(w.as(ana).DirectMessage(), "/vps delete "+db+" because it is old")
		time.Sleep(12 * time.Minute)
		for _, voter := range []string{ben, cy} {
			w.as(voter).Awaits(w.as(voter).DirectMessage(), "a reminder", func(m fakeslack.Message) bool { return m.ThreadTS != "" })
		}
	}, byHTTP, withBot(withoutApprovals))
}

func TestWhoAsksAgainIsNotToldOfCardsInOthersMessages(t *testing.T) {
	inWorld(t, func(w *world) {
		direct := w.as(ana).DirectMessage()
		for range 2 {
			w.as(ana).Types(direct, "/vps delete "+db+" because it is old")
			w.card(ben, w.as(ben).DirectMessage(), db)
		}
		w.told(ana, direct, "Open already")
		w.never(ana, direct, "in your messages with the app")
	}, byHTTP, withBot(withoutApprovals))
}

func TestWhatStandsInAChannelIsNotAskedOfTheVotersThemselvesToo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps delete "+db+" because it is old")
		w.card(ben, incidents, db)
		if n := w.cards(w.as(ben).DirectMessage()); n != 0 {
			t.Errorf("%d cards are in the voter's messages, too", n)
		}
	}, byHTTP, withBot(withoutApprovals))
}

// crowd are so many more people of ops.
func crowd(n int) setting {
	return withPolicy(func(d *policy.Document) {
		ops := []string{"ana"}
		for i := range n {
			person := fmt.Sprintf("p%d", i)
			d.People[person] = policy.Person{Slack: []string{team + "/U0P" + fmt.Sprint(i)}}
			ops = append(ops, person)
		}
		d.Groups["ops"] = policy.Group{People: ops}
	})
}

func TestOfManyVotersFiveAreAskedAndTheOthersNamed(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 10 {
			w.slack.AddUser(fakeslack.User{ID: fmt.Sprintf("U0P%d", i), Deactivated: i < 2, Guest: i == 2})
		}
		v := w.asksAsAssistant("ana", deletion(dbID, db, ""))
		time.Sleep(time.Minute)
		synctest.Wait()
		var asked []string
		for _, m := range w.slack.AllMessages() {
			if m.Channel != auditRoom {
				asked = append(asked, m.Channel)
			}
		}
		slices.Sort(asked)
		if want := []string{"D0ANA", "D0P3", "D0P4", "D0P5", "D0P6", "D0P7"}; !slices.Equal(asked, want) {
			t.Errorf("asked in %q", asked)
		}
		w.card(ana, "D0ANA", db, "*They could not be told*: p8, p9: without an approvals channel 5 people")
		w.as("U0P3").Presses(w.card("U0P3", "D0P3", db), card.ActApprove)
		w.card("U0P8", "D0P8", db, "*They could not be told*: p9: without")
		if own, err := w.first.gate.Ballot().Look(w.Context(), v.ID); err != nil || len(own.Problems) != 1 {
			t.Errorf("it says %q, %v", own.Problems, err)
		}
	}, byHTTP, withBot(withoutApprovals), crowd(10))
}
