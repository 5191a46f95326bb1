package slackbot_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
)

// twoAccounts has a second account beside the default one, with servers of the
// same names.
func twoAccounts(s *settings) {
	s.accounts = func(w *world) []gate.Account {
		main, other := w.newAccount(), w.newAccount()
		other.Name, other.Fingerprint = "staging", "account-2"
		return []gate.Account{main, other}
	}
}

// requestOf is the id of the request that a card is of.
func (w *world) requestOf(m fakeslack.Message) string {
	w.Helper()
	_, rest, _ := strings.Cut(m.AllText(), "req_")
	id, _, _ := strings.Cut(rest, "`")
	return "req_" + id
}

// sends has a person's client send a line as Slack writes it: with mentions and
// links in brackets.
func (w *world) sends(user, line string) {
	w.Helper()
	w.as(user).Types(incidents, "/vps", fakeslack.Edited(func(p map[string]any) { p["text"] = line }))
}

func TestEveryCommandTakesAnAccount(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, line := range []string{"list", "show " + web, "audit", "requests", "whoami", "lock " + web + " because it is copied", "unlock " + web} {
			w.as(ana).Types(incidents, "/vps "+line+" account=staging")
			synctest.Wait()
		}
		w.told(ana, incidents, "staging")
		w.as(ana).Types(incidents, "/vps reboot "+web+" account=staging")
		asked := w.as(ana).Awaits(incidents, "a card", func(m fakeslack.Message) bool { return m.Has(card.ActApprove) && m.Shows("staging") })
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+web)
		w.as(ana).Types(incidents, "/vps list account=nowhere")
		w.told(ana, incidents, "main, staging")
	}, twoAccounts)
}

func TestEveryReadIsSharedOnWish(t *testing.T) {
	for _, line := range []string{"list", "show " + web, "requests", "whoami", "audit", "audit " + web, "help"} {
		t.Run(line, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.as(ana).Types(incidents, "/vps "+line+" share")
				w.as(ben).Awaits(incidents, "the answer", func(m fakeslack.Message) bool { return !m.Ephemeral })
			})
		})
	}
}

func TestARequestIsLookedAtAndTakenBackByItsID(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		id := w.requestOf(asked)
		w.as(ana).Types(incidents, "/vps request "+id)
		w.told(ana, incidents, id)
		w.as(stranger).Types(incidents, "/vps request "+id)
		w.told(stranger, incidents, "no such request")
		w.as(ben).Types(incidents, "/vps cancel "+id)
		w.told(ben, incidents, "no such request")
		w.as(ana).Types(incidents, "/vps cancel "+id)
		w.card(ana, incidents, "Cancelled")
		w.told(ana, incidents, "↩️ Cancelled · *Reboot*")
		w.sent()
	})
}

func TestFreezesOfEveryKindHold(t *testing.T) {
	for what, lifted := range map[string]string{
		"prod": "prod", "set:prod": "prod", "person:ana": "person:ana", "person:<@" + ana + ">": "person:ana",
		"<@" + ana + "|mallory>": "person:<@" + ana + ">", "account:main": "account:main", "account=main": "account=main", "all": "all", "": "",
	} {
		t.Run(what, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.sends(ben, "freeze "+what+" for 2h because of the move")
				w.card(cy, incidents, "Frozen", "by `ben`", "of the move") // for everybody to see
				w.as(ana).Types(incidents, "/vps reboot "+db)
				w.told(ana, incidents, "of the move")
				w.sends(ben, "unfreeze "+lifted)
				w.card(cy, incidents, "Lifted by `ben`")
				w.as(ana).Types(incidents, "/vps reboot "+db)
				w.as(ana).Awaits(incidents, "a card", func(m fakeslack.Message) bool { return m.Has(card.ActApprove) })
			})
		})
	}
}

func TestAFreezeWithAnAccountHoldsInThatAccountAlone(t *testing.T) {
	for what, says := range map[string]string{"prod": "the servers of prod in the account staging are frozen", "person:ana": "what ana asks for in the account staging is frozen", "all": "the account staging is frozen"} {
		t.Run(what, func(t *testing.T) {
			inWorld(t, func(w *world) {
				asksToReboot := func(account, told string) {
					w.Helper()
					w.as(ana).Types(incidents, "/vps reboot "+db+" account="+account)
					w.told(ana, incidents, told)
				}
				w.as(ben).Types(incidents, "/vps freeze "+what+" account=staging because of the move")
				w.card(cy, incidents, "Frozen", "staging")
				asksToReboot("staging", says)
				w.as(ana).Types(incidents, "/vps reboot "+db+" account=main")
				w.as(ana).Awaits(incidents, "a card", func(m fakeslack.Message) bool { return m.Has(card.ActApprove) && m.Shows("main") })
				if what != "all" {
					w.as(ben).Types(incidents, "/vps unfreeze "+what)
					w.told(ben, incidents, "nothing of that kind")
					w.as(ben).Types(incidents, "/vps unfreeze "+what+" account=nowhere")
					w.told(ben, incidents, "main, staging")
				}
				w.as(ben).Types(incidents, "/vps unfreeze "+what+" account=staging")
				w.card(cy, incidents, "Lifted by `ben`")
				w.as(ana).Types(incidents, "/vps reboot "+db+" account=staging")
				w.as(ana).Awaits(incidents, "a card", func(m fakeslack.Message) bool { return m.Has(card.ActApprove) && m.Shows("staging") })
			}, twoAccounts)
		})
	}
}

// In an emergency nobody looks up what a freeze is called.
func TestWhoWantsEverythingStoppedIsToldHow(t *testing.T) {
	for line, told := range map[string]string{
		"stop everything!":             "To stop all changes: freeze all because …",
		"stop all":                     "To stop all changes: freeze all because …",
		"lock all because x":           "To stop all changes: freeze all because …",
		"PANIC":                        "To stop all changes: freeze all because …",
		"freeze everything because x":  `no server set "everything"; did you mean freeze all because …?`,
		"freeze ana because x":         `no server set "ana"; did you mean freeze person:ana because …?`,
		"freeze prd because x":         `no server set "prd"; did you mean freeze prod because …?`,
		"freeze person:anna because x": `no person "anna"; did you mean freeze person:ana because …?`,
		"freeze " + web + " because x": `no server set "` + web + `"; there is all, prod, person:P, account:A; a single server is locked: lock SERVER because …`,
		"unfreeze everything":          "Nothing of that kind is in force; whoami shows what is; did you mean unfreeze all?",
		"unfreeze ben":                 "Nothing of that kind is in force; whoami shows what is; did you mean unfreeze person:ben?",
		"unfreeze prod":                "Nothing of that kind is in force; whoami shows what is.",
	} {
		t.Run(line, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.as(ana).Types(incidents, "/vps "+line)
				w.told(ana, incidents, told)
				if n := len(w.holds()); n > 0 {
					t.Errorf("%d freezes are in force", n)
				}
				w.sent()
			}, byHTTP)
		})
	}
}

func TestWhoMayFreezeNothingLearnsOfNoSet(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(stranger).Types(incidents, "/vps freeze pro because x")
		w.told(stranger, incidents, `no server set "pro".`)
	}, byHTTP)
}

// What is no key is looked for in names: who means a filter is told how it is written,
// where a screen reader says it, too.
func TestATextThatIsAFilterIsSaidToBeOne(t *testing.T) {
	inWorld(t, func(w *world) {
		for line, want := range map[string]string{
			"list stopped":               "Did you mean list status=stopped?\n0 servers. Nothing fits.",
			"list Active":                "Did you mean list status=active?\n0 servers. Nothing fits.",
			"list running servers":       "Did you mean list status=active?\n0 servers. Nothing fits.",
			"list US-West":               "Did you mean list location=us-west?\n0 servers. Nothing fits.",
			"list status=active us-east": "Did you mean list status=active location=us-east?\n0 servers. Nothing fits.",
			"list zzz":                   "0 servers. Nothing fits.",
			"list all zzz":               "0 servers. Nothing fits.",
			"list status=stopped active": "0 servers. Nothing fits.",
		} {
			if said := w.answers(line); said.Text != want {
				t.Errorf("%s: %q is said, want %q", line, said.Text, want)
			}
		}
		for _, line := range []string{"list all", "list all servers", "list everything"} {
			if said := w.answers(line); !strings.HasPrefix(said.Text, "6 servers.") || strings.Contains(said.AllText(), "with") {
				t.Errorf("%s: %s", line, said.AllText())
			}
		}
	}, byHTTP)
}

// answers is what ana alone is told to a line.
func (w *world) answers(line string) fakeslack.Message {
	w.Helper()
	before := len(w.as(ana).Sees(incidents))
	w.as(ana).Types(incidents, "/vps "+line)
	synctest.Wait()
	said := w.as(ana).Sees(incidents)[before:]
	if len(said) != 1 || !said[0].Ephemeral {
		w.Fatalf("%s is answered %v", line, said)
	}
	return said[0]
}

func TestAStrangersNameFreezesNobody(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sends(ben, "freeze <@"+stranger+"|ana> because of the move")
		w.told(ben, incidents, "lists nobody")
	})
}

func TestWhatSlackAndPhonesMakeOfALineIsUnderstood(t *testing.T) {
	for line, said := range map[string]string{
		"reboot “" + web + "” because it’s “stuck”":                        "it’s “stuck”",
		"reboot <http://web01.example.com|web01.example.com> because down": "down",
		"reboot " + web + " –because":                                      "",
		"REBOOT " + web + " BECAUSE <@" + ben + "> asks &amp; waits":       "asks & waits",
	} {
		t.Run(line, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.sends(ana, line)
				if said == "" {
					synctest.Wait()
					if n := len(w.slack.Messages(incidents)); n > 0 {
						t.Errorf("%d cards stand in the channel", n)
					}
					return
				}
				w.card(ana, incidents, web, said)
			})
		})
	}
}

func TestWhoWritesTheirNoIsSentToTheCard(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.requestOf(w.rebootCard())
		for _, line := range []string{"decline " + id, "reject " + id, "no"} {
			if said := w.answers(line); !said.Shows("card and the page have the buttons") {
				t.Errorf("%s is answered %s", line, said.AllText())
			}
		}
		w.as(ana).Types(incidents, "/vps please show "+web)
		w.told(ana, incidents, "id 12345")
		w.sent()
	})
}

func TestBreakGlassLiftsADeny(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps reboot "+db)
		w.told(ana, incidents, "change freeze")
		w.as(ana).Types(incidents, "/vps reboot "+db+" break-glass because it burns")
		asked := w.card(ana, incidents, db, "it burns")
		w.as(ana).Presses(asked, card.ActApprove)
		w.sent()
		shown := w.card(ben, approvals, db)
		w.as(ben).Presses(shown, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+db)
		w.sent("POST /servers/12346/reboot/")
	}, withPolicy(func(d *policy.Document) {
		d.Guards = append(d.Guards, policy.Guard{
			ID: "freeze", Actions: []policy.Action{policy.Reboot}, Servers: []string{"prod"}, Deny: "change freeze",
			BreakGlass: &policy.Require{Approve: 1, From: "ops"},
		})
	}))
}

func TestTheTrailOfAServerIsShown(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+web)
		w.as(ben).Types(incidents, "/vps audit "+web)
		w.told(ben, incidents, "reboot")
		w.told(ben, incidents, "ana")
	})
}

func TestWhatIsAskedInNoChannelGoesToItsAsker(t *testing.T) {
	inWorld(t, func(w *world) {
		direct := w.as(ana).DirectMessage()
		w.as(ana).Types(direct, "/vps reboot "+web)
		asked := w.card(ana, direct, web)
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ana, direct, "Rebooted "+web)
		if n := len(w.slack.Messages(incidents)) + len(w.slack.Messages(approvals)); n > 0 {
			t.Errorf("%d messages stand where nobody asked", n)
		}
	})
}

func TestWhatIsAskedInMessagesWithAColleagueGoesToItsAsker(t *testing.T) {
	inWorld(t, func(w *world) {
		const private = "D9ANABEN"
		w.slack.AddChannel(fakeslack.Channel{ID: private, Private: true, Members: []string{ana, ben}})
		w.as(ana).Types(private, "/vps reboot "+web)
		w.card(ana, w.as(ana).DirectMessage(), web)
		w.told(ana, private, "can't post in your messages with somebody else")
		for _, m := range w.as(ana).Sees(private) {
			if m.Shows("Invite the app") {
				t.Errorf("ana is told %q", m.AllText())
			}
		}
	})
}
