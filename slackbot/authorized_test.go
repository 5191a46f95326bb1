package slackbot_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
	"vpsops/slackbot/delivery"
	"vpsops/slackbot/fakeslack"
)

const third = "T0THIRD" // a workspace that isn't served

func TestAGuestDoesNothingByAnyWay(t *testing.T) {
	inWorld(t, func(w *world) {
		reboot := w.rebootCard()
		w.as(ana).Types(incidents, "/vps delete "+db)
		deletes := w.card(ana, incidents, db)
		synctest.Wait()
		time.Sleep(knownFor)
		w.slack.EditUser(ana, func(u *fakeslack.User) { u.Guest = true })
		for _, try := range []func(){
			func() { w.as(ana).Types(incidents, "/vps lock "+web+" because mine") },
			func() { w.as(ana).Types(incidents, "/vps reboot id:12347") },
			func() { w.as(ana).Presses(reboot, card.ActCancel) },
			func() { w.as(ana).Presses(deletes, card.ActApprove) },
			func() { w.as(ana).Presses(reboot, card.ActDeny) },
		} {
			before := w.guestsTold()
			try()
			synctest.Wait()
			if w.guestsTold() != before+1 {
				t.Errorf("nobody was told why: %d", before)
			}
		}
		if _, open := w.as(ana).Modal(); open {
			t.Error("a form was opened")
		}
		if s := w.state(w.requestOf(reboot)); s != ledger.Pending {
			t.Errorf("the request is %s", s)
		}
		w.as(ben).Types(incidents, "/vps whoami")
		synctest.Wait()
		if strings.Contains(w.trail(), "hold") {
			t.Error("something is locked")
		}
		w.sent()
	})
}

// guestsTold is how often ana was told that guests can't do something.
func (w *world) guestsTold() (n int) {
	for _, m := range w.as(ana).Sees(incidents) {
		if m.Ephemeral && m.Shows("Guests can't") {
			n++
		}
	}
	return n
}

// alsoOfThird lists ana's user of a workspace that isn't served.
func alsoOfThird(d *policy.Document) {
	p := d.People["ana"]
	p.Slack = append(p.Slack, third+"/"+ana)
	d.People["ana"] = p
}

func TestWhoIsOfAWorkspaceThatIsNotServedIsNobody(t *testing.T) {
	for name, how := range map[string][]fakeslack.How{
		"and says so": nil,
		"and says another": {fakeslack.Edited(func(p map[string]any) {
			user, _ := p["user"].(map[string]any)
			user["team_id"] = team
		})},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.asksAsAssistant("ana", rebootOf(webID))
				shown := w.card(ana, approvals, web)
				w.slack.EditUser(ana, func(u *fakeslack.User) { u.Team = third })
				w.as(ana).Presses(shown, card.ActApprove, how...)
				w.told(ana, approvals, "another workspace")
				if s := w.state(v.ID); s != ledger.Pending {
					t.Errorf("the request is %s", s)
				}
			}, withPolicy(alsoOfThird))
		})
	}
}

func TestACommandOfAWorkspaceThatIsNotServedIsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		d, err := delivery.FromForm(url.Values{"team_id": {third}, "user_id": {ana}, "channel_id": {incidents}, "command": {"/vps"}, "text": {"list"}})
		if err != nil {
			t.Fatal(err)
		}
		ack, err := w.first.bot.Handle(w.Context(), d)
		if err != nil || !strings.Contains(string(ack.Body), "not one that vpsops serves") {
			t.Errorf("it is answered %s, %v", ack.Body, err)
		}
		event := `{"team_id": "` + third + `", "event": {"type": "app_home_opened", "tab": "home", "user": "` + ana + `"}}`
		home, err := delivery.New(delivery.Event, json.RawMessage(event))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.first.bot.Handle(w.Context(), home); err != nil {
			t.Fatal(err)
		}
		w.as(ana).AwaitsHome("not listed")
	}, withPolicy(alsoOfThird))
}

func TestAnAccountInASecondWorkspaceVotesAsItsPerson(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps reboot "+db)
		asked := w.card(ana, incidents, db)
		w.as(ana).Presses(asked, card.ActApprove)
		w.as(bensOther).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+db)
	}, withPolicy(func(d *policy.Document) {
		d.Guards = append(d.Guards, policy.Guard{ID: "two-eyes", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: 1, From: "ops"}})
	}))
}

func TestAYesToSomethingElseThanIsShownDoesNotCount(t *testing.T) {
	inWorld(t, func(w *world) {
		key := seal.NewKey([32]byte{1})
		for server, text := range map[string]string{web: "reboot", db: "delete"} {
			w.as(ana).Types(incidents, "/vps "+text+" "+server)
			asked := w.as(ana).Awaits(incidents, "a card", func(m fakeslack.Message) bool { return m.Shows(server) && m.Has(card.ActApprove) })
			id := w.requestOf(asked)
			old, err := json.Marshal(card.Press{Request: id, Digest: "of what was shown before"})
			if err != nil {
				t.Fatal(err)
			}
			w.as(ana).Presses(asked, card.ActApprove, fakeslack.WithValue(key.Seal("slack button", old)))
			w.told(ana, incidents, "not counted")
			if s := w.state(id); s != ledger.Pending {
				t.Errorf("%s: the request is %s", text, s)
			}
		}
		if _, open := w.as(ana).Modal(); open {
			t.Error("a form was opened")
		}
		w.sent()
	})
}

func TestAButtonsValueOpensNoForm(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps delete "+web)
		asked := w.card(ana, incidents, web)
		w.as(ana).Presses(asked, card.ActApprove)
		form := w.as(ana).AwaitsModal(web)
		w.as(ana).Submits(form, map[string]string{card.FieldTypedName: web}, fakeslack.Edited(func(p map[string]any) {
			view, _ := p["view"].(map[string]any)
			view["private_metadata"] = asked.Value(card.ActApprove)
		}))
		w.as(ana).AwaitsModal("changed")
		w.sent()
	})
}

func TestWhoseBusinessItIsNotGetsNoFormToDeny(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		w.as(stranger).Presses(asked, card.ActDeny)
		w.told(stranger, incidents, "lists nobody")
		if _, open := w.as(stranger).Modal(); open {
			t.Error("a form was opened")
		}
	})
}

func TestAnEditOfAGroupThatSlackDidNotTellCountsAtTheVote(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{ben, cy}})
		time.Sleep(time.Minute)
		asked := w.rebootForSeniors()
		time.Sleep(time.Minute)
		w.slack.AddUserGroup(fakeslack.UserGroup{ID: seniors, Users: []string{cy}})
		w.as(ben).Presses(asked, card.ActApprove)
		w.told(ben, incidents, "not counted")
		w.sent()
	}, withSeniors)
}

func TestAnAnswerGoesToSlackAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps list", fakeslack.Edited(func(p map[string]any) { p["response_url"] = "http://evil.example.com/hook" }))
		w.told(ana, incidents, web) // another way
		if host, called := w.first.life.elsewhere.Load().(string); called {
			t.Errorf("%s was called", host)
		}
	})
}

func TestAFormOutlivesTheProcess(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps delete "+web)
		w.as(ana).Presses(w.card(ana, incidents, web), card.ActApprove)
		form := w.as(ana).AwaitsModal(web)
		synctest.Wait()
		w.first.diesAfter(1)
		w.as(ana).Submits(form, map[string]string{card.FieldTypedName: web})
		synctest.Wait()
		w.sent()
		w.reborn()
		w.card(ana, incidents, "Deleted "+web)
	})
}

func TestAVoteThatCountedBeforeTheProcessDiedIsNotSaidToBeLate(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		synctest.Wait()
		w.slack.Misbehave(fakeslack.Fault{Method: "chat.update", Kind: fakeslack.Hang})
		w.as(ana).Presses(asked, card.ActApprove)
		time.Sleep(5 * time.Second)
		w.first.dies()
		w.slack.Behave()
		w.reborn()
		time.Sleep(3 * time.Minute)
		for _, m := range w.as(ana).Sees(incidents) {
			if m.Shows("not counted") {
				t.Errorf("ana is told %q", m.AllText())
			}
		}
		w.sent("POST /servers/12345/reboot/")
	})
}

// holds are the locks and freezes in force.
func (w *world) holds() []gate.HoldInForce {
	w.Helper()
	who := policy.Actor{Identity: policy.Identity{Kind: policy.LocalUser, ID: "ana"}, Front: policy.Console}
	holds, err := w.first.gate.Desk().Holds(w.Context(), who)
	if err != nil {
		w.Fatal(err)
	}
	return holds
}
