package slackbot_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
)

const seniors = "S0SENIORS"

// withSeniors makes a reboot want the approval of somebody of a Slack user group.
func withSeniors(s *settings) {
	s.groups = true
	s.policy = func(d *policy.Document) {
		d.Groups["seniors"] = policy.Group{SlackUsergroups: []string{team + "/" + seniors}}
		d.Guards = append(d.Guards, policy.Guard{ID: "senior", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: 1, From: "seniors"}})
	}
}

// rebootForSeniors is the card of a reboot that wants ana's yes and a senior's.
func (w *world) rebootForSeniors() fakeslack.Message {
	w.Helper()
	w.as(ana).Types(incidents, "/vps reboot "+web)
	asked := w.as(ana).Awaits(incidents, "a card", func(m fakeslack.Message) bool { return !m.Ephemeral && m.Has(card.ActApprove) })
	w.as(ana).Presses(asked, card.ActApprove)
	synctest.Wait()
	return asked
}

// grantedToSeniors lets nobody but a Slack user group stop a server.
func grantedToSeniors(s *settings) {
	s.groups = true
	s.policy = func(d *policy.Document) {
		d.Groups["seniors"] = policy.Group{SlackUsergroups: []string{team + "/" + seniors}}
		d.Grants = []policy.Grant{
			{ID: "read", Who: []string{policy.Everyone}, Actions: []policy.Action{policy.List, policy.Get}},
			{ID: "seniors", Who: []string{"seniors"}, Actions: []policy.Action{policy.Stop, policy.Freeze}},
		}
	}
}

// restarts has the instance end and begin anew, with nothing known of any group.
func (w *world) restarts(with setting) {
	w.Helper()
	var s settings
	with(&s)
	w.first.end()
	w.first = w.newInstance(settings{groups: s.groups})
	w.first.listens()
}

func TestAGroupThatCouldNotBeReadIsReadSoon(t *testing.T) {
	for name, fault := range map[string]fakeslack.Fault{
		"broken":       {Kind: fakeslack.ServerError, Times: 1},
		"rate-limited": {Kind: fakeslack.TooMany, RetryAfter: 12 * time.Second, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben}})
				fault.Method = "usergroups.users.list"
				w.slack.Misbehave(fault)
				w.restarts(grantedToSeniors)
				time.Sleep(20 * time.Second)
				w.as(ben).Types(incidents, "/vps stop "+web)
				w.as(ben).Awaits(incidents, "a card", func(m fakeslack.Message) bool { return m.Has(card.ActApprove) })
				if n := w.calls("usergroups.users.list"); n > 4 {
					t.Errorf("the group was read %d times", n)
				}
			}, grantedToSeniors)
		})
	}
}

func TestWhoIsRefusedBecauseTheirGroupCantBeReadIsToldSo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben}})
		w.slack.Misbehave(fakeslack.Fault{Method: "usergroups.users.list", Kind: fakeslack.NotOK, Error: "internal_error"})
		w.restarts(grantedToSeniors)
		synctest.Wait()
		for line, says := range map[string]string{
			"stop " + web:                "whether ben is in seniors isn't known: its Slack user group can't be read",
			"freeze all because of this": "whether ben is in seniors isn't known: its Slack user group can't be read",
			"whoami":                     "You may perhaps stop, freeze; whether you are in seniors isn't known: its Slack user group can't be read",
			"help":                       "You may perhaps stop, freeze; whether you are in seniors isn't known: its Slack user group can't be read",
			"help stop":                  "whether you are in seniors isn't known: its Slack user group can't be read, and no other grant gives you stop",
		} {
			w.as(ben).Types(incidents, "/vps "+line)
			w.told(ben, incidents, says)
		}
		w.never(ben, incidents, "no grant covers this")
		w.never(ben, incidents, "an administrator can add one")
	}, grantedToSeniors)
}

func TestAGroupThatTheNextPolicyNamesIsReadAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben}})
		time.Sleep(10 * time.Second)
		var s settings
		grantedToSeniors(&s)
		w.setPolicy(s.policy)
		w.as(ben).Types(incidents, "/vps whoami") // whoever comes first has it looked at
		time.Sleep(5 * time.Second)
		w.as(ben).Types(incidents, "/vps stop "+web)
		w.as(ben).Awaits(incidents, "a card", func(m fakeslack.Message) bool { return m.Has(card.ActApprove) })
	}, func(s *settings) { s.groups = true })
}

func TestWhatIsWrongWithAGroupIsNotHiddenByAnother(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben}})
		synctest.Wait()
		time.Sleep(time.Minute)
		problem := w.first.groups.Problem()
		for _, want := range []string{team + "/S0NOPE can't be read: there is no such group", otherTeam + "/S0OWN is of another workspace"} {
			if !strings.Contains(problem, want) {
				t.Errorf("it says %q and not %q", problem, want)
			}
		}
		if strings.Contains(problem, seniors) {
			t.Errorf("it says %q", problem)
		}
		if n := strings.Count(w.logged.String(), "S0OWN is of another workspace"); n != 1 {
			t.Errorf("the log says so %d times", n)
		}
		if n := strings.Count(w.logged.String(), `nobody is known to be in it" group=`+team+"/S0NOPE"); n != 1 {
			t.Errorf("the log says so %d times", n)
		}
	}, func(s *settings) {
		s.groups = true
		s.policy = func(d *policy.Document) {
			d.Groups["many"] = policy.Group{SlackUsergroups: []string{team + "/S0NOPE", team + "/" + seniors, otherTeam + "/S0OWN"}}
		}
	})
}

func TestMembersOfAUserGroupApprove(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben}})
		time.Sleep(20 * time.Second) // a read that failed is tried again then
		asked := w.rebootForSeniors()
		w.as(cy).Presses(asked, card.ActApprove)
		w.told(cy, incidents, "not counted")
		w.sent()
		w.as(ben).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+web)
	}, withSeniors)
}

func TestManyVotesDoNotQueueBehindAGroupThatHangs(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben}})
		time.Sleep(time.Minute)
		asked := w.rebootForSeniors()
		w.slack.Misbehave(fakeslack.Fault{Method: "usergroups.users.list", Kind: fakeslack.Hang})
		time.Sleep(time.Minute)
		began := time.Now()
		for range 20 {
			w.as(cy).Presses(asked, card.ActApprove)
		}
		w.as(ben).Presses(asked, card.ActApprove)
		w.told(ben, incidents, "can't be read now")
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("the vote was answered after %v", took)
		}
		w.sent()
		w.slack.Behave()
		time.Sleep(10 * time.Second)
		w.as(ben).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooting "+web)
	}, withSeniors)
}

// Slack takes 20 reads a minute.
func TestPressesThatCountNothingKeepNobodyFromApproving(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben}})
		time.Sleep(time.Minute)
		asked := w.rebootForSeniors()
		before := w.calls("usergroups.users.list")
		for range 40 {
			w.as(cy).Presses(asked, card.ActApprove)
			synctest.Wait()
			time.Sleep(time.Second)
		}
		if reads := w.calls("usergroups.users.list") - before; reads > 5 {
			t.Errorf("the group was read %d times in 40 s", reads)
		}
		w.as(ben).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooting "+web)
	}, withSeniors)
}

func TestUntilSlackTakesReadsAgainNoneIsSent(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben}})
		time.Sleep(time.Minute)
		asked := w.rebootForSeniors()
		time.Sleep(20 * time.Second)
		w.slack.Misbehave(fakeslack.Fault{Method: "usergroups.users.list", Kind: fakeslack.TooMany, RetryAfter: time.Minute, Times: 1})
		before := w.calls("usergroups.users.list")
		for range 3 {
			w.as(ben).Presses(asked, card.ActApprove)
			synctest.Wait()
			time.Sleep(15 * time.Second)
		}
		w.told(ben, incidents, "can't be read now (Slack takes no more reads at the moment); try again in 1 minute")
		w.told(ben, incidents, "try again in 30 seconds")
		if reads := w.calls("usergroups.users.list") - before; reads != 1 {
			t.Errorf("the group was read %d times", reads)
		}
		w.sent()
		time.Sleep(15 * time.Second)
		w.as(ben).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooting "+web)
	}, withSeniors)
}

// What Slack told ten seconds before it took no more reads is new enough.
func TestWhatWasReadJustBeforeSlackTookNoMoreCounts(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben}})
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: "S0THIRD", Users: []string{ben, cy}})
		time.Sleep(time.Minute)
		var first atomic.Value // the group that is read first, whichever that is; of the other nothing is told
		w.slack.Misbehave(fakeslack.Fault{
			Method: "usergroups.users.list", Kind: fakeslack.TooMany, RetryAfter: time.Minute,
			When: func(a fakeslack.Args) bool {
				first.CompareAndSwap(nil, a.Get("usergroup"))
				return a.Get("usergroup") != first.Load()
			},
		})
		asked := w.rebootForSeniors()
		time.Sleep(5 * time.Second)
		w.as(ben).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooting "+web)
	}, func(s *settings) {
		withSeniors(s)
		seniorsToo := s.policy
		s.policy = func(d *policy.Document) {
			seniorsToo(d)
			d.Groups["either"] = policy.Group{Groups: []string{"seniors"}, SlackUsergroups: []string{team + "/S0THIRD"}}
			d.Guards[len(d.Guards)-1].Require.From = "either"
		}
	})
}

func TestWhoLeftTheGroupDoesNotApprove(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben, cy}})
		time.Sleep(time.Minute)
		asked := w.rebootForSeniors()
		w.slack.SetGroupMembers(w.Context(), seniors, cy)
		w.as(ben).Presses(asked, card.ActApprove)
		w.told(ben, incidents, "not counted")
		w.sent()
	}, withSeniors)
}

func TestAGroupThatCantBeReadCountsNobody(t *testing.T) {
	for name, fault := range map[string]fakeslack.Fault{
		"refused":      {Kind: fakeslack.NotOK, Error: "plan_upgrade_required"},
		"broken":       {Kind: fakeslack.ServerError},
		"rate-limited": {Kind: fakeslack.TooMany},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben}})
				fault.Method = "usergroups.users.list"
				w.slack.Misbehave(fault)
				time.Sleep(11 * time.Minute) // what was read before is too old
				synctest.Wait()
				asked := w.rebootForSeniors()
				w.as(ben).Presses(asked, card.ActApprove)
				synctest.Wait()
				w.sent()
			}, withSeniors)
		})
	}
}

// Between a senior's yes and the asker's Slack tells nothing of the group.
func TestAYesIsCountedOnceItsGroupCanBeReadAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.first.gate.Resume()
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben}})
		time.Sleep(time.Minute)
		w.as(ana).Types(incidents, "/vps reboot "+web)
		asked := w.as(ana).Awaits(incidents, "a card", func(m fakeslack.Message) bool { return !m.Ephemeral && m.Has(card.ActApprove) })
		w.as(ben).Presses(asked, card.ActApprove)
		synctest.Wait()
		w.slack.Misbehave(fakeslack.Fault{Method: "usergroups.users.list", Kind: fakeslack.ServerError})
		time.Sleep(11 * time.Minute) // what was read before is too old
		w.as(ana).Presses(asked, card.ActApprove)
		synctest.Wait()
		w.sent()
		w.slack.Behave()
		time.Sleep(3 * time.Minute) // until it is read the next time
		w.card(ana, incidents, "Rebooted "+web)
		w.sent("POST /servers/12345/reboot/")
	}, withSeniors)
}

// pageVoter is somebody who votes on the page, by an account that is none of Slack's.
func pageVoter(person string) gate.Voter {
	return gate.Voter{Identity: policy.Identity{Kind: policy.LocalUser, ID: person}, Front: policy.Page, Factor: policy.PersonFactor}
}

func (w *world) votesOnPage(person string, asked fakeslack.Message, approve bool) error {
	w.Helper()
	v, err := w.first.gate.Ballot().Look(w.Context(), w.requestOf(asked))
	if err != nil {
		w.Fatal(err)
	}
	_, err = w.first.gate.Ballot().Vote(w.Context(), pageVoter(person), gate.Verdict{RequestID: v.ID, Digest: v.Digest, Approve: approve})
	return err
}

// Slack tells nothing of the edit, and somebody else's vote came shortly before.
func TestWhoLeftTheGroupApprovesBySlackNorOnThePage(t *testing.T) {
	for name, vote := range map[string]func(w *world, asked fakeslack.Message){
		"in Slack": func(w *world, asked fakeslack.Message) {
			w.as(ben).Presses(asked, card.ActApprove)
			w.told(ben, incidents, "not counted")
		},
		"on the page": func(w *world, asked fakeslack.Message) {
			if err := w.votesOnPage("ben", asked, true); err == nil {
				w.Error("it counted")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben, cy}})
				time.Sleep(time.Minute)
				asked := w.rebootForSeniors() // ana's own vote had the group read
				w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{cy}})
				time.Sleep(11 * time.Second)
				vote(w, asked)
				w.sent()
				if err := w.votesOnPage("cy", asked, true); err != nil {
					t.Errorf("who is in the group still is refused: %v", err)
				}
				w.card(ana, incidents, "Rebooted "+web)
			}, withSeniors)
		})
	}
}

func TestVotesAtTheSameMomentShareARead(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben}})
		time.Sleep(time.Minute)
		asked := w.rebootForSeniors()
		w.slack.Misbehave(fakeslack.Fault{Method: "usergroups.users.list", Delay: 2 * time.Second})
		before := len(w.slack.Calls("usergroups.users.list"))
		for range 20 {
			w.as(cy).Presses(asked, card.ActApprove)
		}
		w.as(ben).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooting "+web)
		if reads := len(w.slack.Calls("usergroups.users.list")) - before; reads > 3 {
			t.Errorf("the group was read %d times", reads)
		}
	}, withSeniors)
}

func TestADenialWaitsForNoGroup(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben}})
		time.Sleep(time.Minute)
		asked := w.rebootForSeniors()
		w.slack.Misbehave(fakeslack.Fault{Method: "usergroups.users.list", Kind: fakeslack.Hang})
		began := time.Now()
		if err := w.votesOnPage("ben", asked, false); err != nil || time.Since(began) > 0 {
			t.Errorf("it took %v: %v", time.Since(began), err)
		}
	}, withSeniors)
}

// Whoever is deactivated after they asked and confirmed, or voted, counts no more,
// though Slack was asked about them a moment ago.
func TestWhoIsDeactivatedAfterTheirWordCountsNoMore(t *testing.T) {
	for name, c := range map[string]struct{ who, says string }{
		"who asked":    {ana, "by which ana asked doesn't count any more"},
		"who approved": {ben, "by which ben said yes doesn't count any more"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.as(ana).Types(incidents, "/vps reboot "+web)
				asked := w.as(ana).Awaits(incidents, "a card", func(m fakeslack.Message) bool { return !m.Ephemeral && m.Has(card.ActApprove) })
				w.as(ana).Presses(asked, card.ActApprove)
				w.as(ben).Presses(asked, card.ActApprove)
				synctest.Wait()
				w.slack.EditUser(c.who, func(u *fakeslack.User) { u.Deactivated = true })
				time.Sleep(20 * time.Second)
				w.as(cy).Presses(asked, card.ActApprove)
				w.card(cy, incidents, c.says)
				w.sent()
			}, withPolicy(func(d *policy.Document) {
				d.Guards = append(d.Guards, policy.Guard{ID: "two", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: 2, From: "ops"}})
			}))
		})
	}
}

func TestWhoWasDeactivatedAMomentAgoDoesNotVote(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		w.as(ana).Types(incidents, "/vps list") // Slack is asked about her
		synctest.Wait()
		w.slack.EditUser(ana, func(u *fakeslack.User) { u.Deactivated = true })
		time.Sleep(11 * time.Second)
		w.as(ana).Presses(asked, card.ActApprove)
		w.told(ana, incidents, "deactivated")
		w.sent()
	})
}

func TestWhileSlackTellsNothingOfItsPeopleARequestWaits(t *testing.T) {
	inWorld(t, func(w *world) {
		w.first.gate.Resume()
		asked := w.rebootCard()
		w.as(ben).Presses(asked, card.ActApprove)
		synctest.Wait()
		time.Sleep(time.Minute)
		w.slack.Misbehave(fakeslack.Fault{Method: "users.info", Kind: fakeslack.ServerError})
		if err := w.votesOnPage("ana", asked, true); err != nil {
			t.Fatal(err)
		}
		w.card(ana, incidents, "It has its votes and waits: the Slack account by which ana asked can't be told to count still")
		w.sent()
		w.slack.Behave()
		w.card(ana, incidents, "Rebooted "+web)
	}, withPolicy(func(d *policy.Document) {
		d.Guards = append(d.Guards, policy.Guard{ID: "one", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: 1, From: "ops"}})
	}))
}

func TestWhoIsAloneInTheGroupIsToldThatNobodyCanApprove(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ana}})
		time.Sleep(time.Minute)
		w.as(ana).Types(incidents, "/vps reboot "+web)
		w.told(ana, incidents, "nobody is in it but ana, who asks")
		// Slack tells nothing of it, and yet ben counts at once.
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ana, ben}})
		time.Sleep(20 * time.Second)
		asked := w.rebootForSeniors()
		w.as(ben).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+web)
	}, withSeniors)
}

func TestACardSaysWhyNobodyIsNamed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{Method: "usergroups.users.list", Kind: fakeslack.ServerError})
		time.Sleep(11 * time.Minute)
		w.as(ana).Types(incidents, "/vps reboot "+web)
		w.card(ana, incidents, "nobody could (who is in seniors isn't known: its Slack user group can't be read)")
	}, withSeniors)
}
