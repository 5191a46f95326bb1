package slackbot_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy"
	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
)

// withPacedGroups makes a reboot want the approval of somebody of any of so many Slack
// user groups, and Slack keep to its rates.
func withPacedGroups(n int) setting {
	return func(s *settings) {
		withSeniors(s)
		s.slack.Pace, s.slack.PaceBurst = true, 1000
		seniorsToo := s.policy
		s.policy = func(d *policy.Document) {
			seniorsToo(d)
			g := d.Groups["seniors"]
			for i := 1; i < n; i++ {
				g.SlackUsergroups = append(g.SlackUsergroups, fmt.Sprintf("%s/S0G%02d", team, i))
			}
			d.Groups["seniors"] = g
		}
	}
}

// addGroups are those groups; ben is in the last of them.
func (w *world) addGroups(n int) {
	w.Helper()
	w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors})
	for i := 1; i < n; i++ {
		g := fakeslack.UserGroup{ID: fmt.Sprintf("S0G%02d", i)}
		if i == n-1 {
			g.Users = []string{ben}
		}
		w.slack.AddUserGroup(g)
	}
}

// refusedReads is how often Slack refused a read of a group for its rate.
func (w *world) refusedReads() (n int) {
	for _, c := range w.slack.Calls("usergroups.users.list") {
		if c.Error == "ratelimited" {
			n++
		}
	}
	return n
}

func TestReadsOfManyGroupsStayWithinWhatSlackTakes(t *testing.T) {
	for n, tries := range map[int]int{4: 1, 9: 1, 25: 3} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.addGroups(n)
				time.Sleep(5 * time.Minute)
				asked := w.rebootForSeniors()
				for range 45 { // he is in none, but might have joined one
					w.as(cy).Presses(asked, card.ActApprove)
					synctest.Wait()
					time.Sleep(time.Second)
				}
				time.Sleep(10 * time.Second)
				w.as(ben).Presses(asked, card.ActApprove)
				w.told(ben, incidents, "can't be read now (Slack takes no more reads at the moment)")
				w.sent()
				for range tries {
					time.Sleep(time.Minute + time.Second) // as long as he is told at most
					w.as(ben).Presses(asked, card.ActApprove)
					synctest.Wait()
				}
				w.card(ana, incidents, "Rebooted "+web)
				if refused := w.refusedReads(); refused > 0 {
					t.Errorf("Slack refused %d reads", refused)
				}
			}, withPacedGroups(n))
		})
	}
}

// ana's asks wait for nobody but her, each, and are read for.
func TestWhoAsksAgainAndAgainKeepsNobodyFromVoting(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ana}})
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: "S0THIRD", Users: []string{cy}})
		time.Sleep(2 * time.Minute)
		w.as(ana).Types(incidents, "/vps stop "+db)
		asked := w.as(ana).Awaits(incidents, "a card", func(m fakeslack.Message) bool { return !m.Ephemeral && m.Has(card.ActApprove) })
		w.as(ana).Presses(asked, card.ActApprove)
		synctest.Wait()
		before := w.calls("usergroups.users.list")
		for range 30 {
			w.as(ana).Types(incidents, "/vps reboot "+web)
			synctest.Wait()
			time.Sleep(time.Second)
		}
		if reads := w.calls("usergroups.users.list") - before; reads < 5 || reads > 10 {
			t.Errorf("her asks had the group read %d times", reads)
		}
		w.told(ana, incidents, "nobody is in it but ana, who asks")
		w.as(cy).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Stopping "+db)
		if refused := w.refusedReads(); refused > 0 {
			t.Errorf("Slack refused %d reads", refused)
		}
	}, func(s *settings) {
		withPacedGroups(1)(s)
		seniorsToo := s.policy
		s.policy = func(d *policy.Document) {
			seniorsToo(d)
			d.Groups["third"] = policy.Group{SlackUsergroups: []string{team + "/S0THIRD"}}
			d.Guards = append(d.Guards, policy.Guard{ID: "third", Actions: []policy.Action{policy.Stop}, Require: &policy.Require{Approve: 1, From: "third"}})
		}
	})
}
