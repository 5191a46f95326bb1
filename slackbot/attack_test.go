package slackbot_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// told waits for a private word to somebody.
func (w *world) told(user, channel, text string) {
	w.Helper()
	w.as(user).Awaits(channel, "a private word that says "+text, func(m fakeslack.Message) bool {
		return m.Ephemeral && m.To == user && strings.Contains(strings.ToLower(m.AllText()), strings.ToLower(text))
	})
}

// state is a request's state.
func (w *world) state(id string) ledger.State {
	w.Helper()
	v, err := w.first.gate.Ballot().Look(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return v.State
}

// rebootCard is the card of a reboot that ana asked for.
func (w *world) rebootCard() fakeslack.Message {
	w.Helper()
	w.as(ana).Types(incidents, "/vps reboot "+web)
	return w.card(ana, incidents, web)
}

func TestTextsAreNoVotes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.rebootCard()
		for _, line := range []string{"yes", "approve", "+1"} {
			w.as(ana).Types(incidents, line)
			w.as(ana).Types(incidents, "/vps "+line)
		}
		w.as(ana).Types(incidents, "/vps approve req_1")
		w.sent()
	})
}

func TestAForgedDeliveryIsRefusedAndCounted(t *testing.T) {
	forged := map[string][]fakeslack.How{
		"unsigned":    {fakeslack.Unsigned()},
		"wrong":       {fakeslack.SignedWith("another secret")},
		"old":         {fakeslack.SentAt(time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC))},
		"changed":     {fakeslack.Tampered()},
		"another app": {fakeslack.FromApp("A0OTHER")},
	}
	for name, how := range forged {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				asked := w.rebootCard()
				if o := w.as(ana).Types(incidents, "/vps start "+web, how...); o.Acknowledged {
					t.Errorf("a command was taken: %+v", o)
				}
				if o := w.as(ana).Presses(asked, card.ActApprove, how...); o.Acknowledged {
					t.Errorf("a press was taken: %+v", o)
				}
				w.sent()
				time.Sleep(2 * time.Minute) // what is refused is written down a while later
				synctest.Wait()
				if !strings.Contains(w.trail(), "delivery-refused") {
					t.Error("the trail says nothing of it")
				}
			}, byHTTP)
		})
	}
}

// trail is the kinds and details of the audit trail's rows.
func (w *world) trail() string {
	w.Helper()
	var b strings.Builder
	err := w.ledger.Read(w.Context(), func(tx ledger.ReadTx) error {
		events, err := tx.Events(0)
		for _, e := range events {
			fmt.Fprintln(&b, e.Kind, e.Person, e.Detail)
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return b.String()
}

func TestAButtonThatWasChangedDoesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		value := asked.Value(card.ActApprove)
		other := strings.Replace(value, ".", "x.", 1)
		for _, v := range []string{"", "reboot 12345", other, value[:len(value)-2]} {
			w.as(ana).Presses(asked, card.ActApprove, fakeslack.WithValue(v))
		}
		w.told(ana, incidents, "changed")
		w.sent()
	})
}

func TestAButtonsValueHoldsNoCommand(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		if v := asked.Value(card.ActApprove); strings.Contains(v, "reboot") || strings.Contains(v, web) {
			t.Errorf("the button says %q", v)
		}
	})
}

func TestWhoIsNoPersonOfTheWorkspaceNeverVotes(t *testing.T) {
	edits := map[string]func(*fakeslack.User){
		"a bot":           func(u *fakeslack.User) { u.Bot = true },
		"a workflow":      func(u *fakeslack.User) { u.Workflow = true },
		"a guest":         func(u *fakeslack.User) { u.Guest = true },
		"a single guest":  func(u *fakeslack.User) { u.SingleGuest = true },
		"deactivated":     func(u *fakeslack.User) { u.Deactivated = true },
		"of another team": func(u *fakeslack.User) { u.Team = "T0THIRD" },
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.asksAsAssistant("ana", gate.Operation{Action: policy.Reboot, Server: gate.Ref{Text: webID, IsID: true}})
				shown := w.card(ana, approvals, web)
				w.slack.EditUser(ana, edit)
				w.as(ana).Presses(shown, card.ActApprove)
				w.told(ana, approvals, "")
				w.sent()
				if s := w.state(v.ID); s != ledger.Pending {
					t.Errorf("the request is %s", s)
				}
				if !strings.Contains(w.trail(), "vote-refused") {
					t.Error("the trail says nothing of it")
				}
			})
		})
	}
}

func TestAStrangerIsToldThatTheyDecideNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		w.as(stranger).Presses(asked, card.ActApprove)
		w.told(stranger, incidents, "lists nobody")
		w.as(ben).Presses(asked, card.ActApprove)
		w.told(ben, incidents, "ana must confirm")
		w.as(ben).Presses(asked, card.ActCancel)
		w.told(ben, incidents, "only who asked")
		w.sent()
	})
}

func TestANameIsNobody(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.EditUser(stranger, func(u *fakeslack.User) {
			u.Name, u.RealName, u.DisplayName, u.Email = "ben", "ben", "ben", "ben@example.com"
		})
		w.asksAsAssistant("ana", deletion(dbID, db, ""))
		shown := w.card(ben, approvals, db)
		w.as(stranger).Presses(shown, card.ActApprove)
		w.told(stranger, approvals, "lists nobody")
	})
}

func TestTheAskerDoesNotApproveTheirOwn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ben).Types(incidents, "/vps reboot "+db)
		asked := w.card(ben, incidents, db)
		w.as(ben).Presses(asked, card.ActApprove)
		w.as(bensOther).Presses(asked, card.ActApprove)
		synctest.Wait()
		w.sent()
	}, withPolicy(func(d *policy.Document) {
		d.Guards = append(d.Guards, policy.Guard{ID: "two-eyes", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: 1, From: "ops"}})
	}))
}

func TestOneApproverIsOneVoteHoweverOften(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps reboot "+db)
		here, there := w.card(ben, incidents, db), w.card(ben, approvals, db)
		w.as(ana).Presses(here, card.ActApprove)
		for _, by := range []string{ben, bensOther} {
			w.as(by).Presses(here, card.ActApprove)
			w.as(by).Presses(there, card.ActApprove)
		}
		w.sent()
	}, withPolicy(func(d *policy.Document) {
		d.Guards = append(d.Guards, policy.Guard{ID: "three-eyes", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: 2, From: "ops"}})
	}))
}

func TestManyPressesAtOnceOverTwoInstancesAreOneCall(t *testing.T) {
	inWorld(t, func(w *world) {
		second := w.newInstance(settings{})
		defer second.end()
		w.listen(w.first, second)
		asked := w.rebootCard()
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() { w.as(ana).Presses(asked, card.ActApprove) })
		}
		all.Wait()
		w.card(ana, incidents, "Rebooted "+web)
		w.sent("POST /servers/12345/reboot/")
	})
}

func TestAYesAndANoAtOnceAreOneOfTwoOrders(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.asksAsAssistant("ana", gate.Operation{Action: policy.Reboot, Server: gate.Ref{Text: webID, IsID: true}})
		shown := w.card(ana, approvals, web)
		w.as(ana).Presses(shown, card.ActDeny)
		form := w.as(ana).AwaitsModal(web)
		var both sync.WaitGroup
		both.Go(func() { w.as(ana).Presses(shown, card.ActApprove) })
		both.Go(func() { w.as(ana).Submits(form, nil) })
		both.Wait()
		synctest.Wait()
		switch s, n := w.state(v.ID), len(w.writes()); {
		case s == ledger.Denied && n == 0, s == ledger.Succeeded && n == 1:
		default:
			t.Errorf("the request is %s with %d calls", s, n)
		}
	})
}

func TestAFloodOfAsksIsNoFloodInSlack(t *testing.T) {
	inWorld(t, func(w *world) {
		who := policy.Actor{Identity: policy.Identity{Kind: policy.LocalUser, ID: "ana"}, Front: policy.MCP, Client: "x"}
		desk := w.first.gate.Desk()
		for i := range 200 {
			name := fmt.Sprintf("web-%d", i)
			v, err := desk.Ask(w.Context(), who, gate.Operation{Action: policy.Update, Server: gate.Ref{Text: webID, IsID: true}, Update: &vpsapi.UpdateServerParams{Name: &name}})
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if i%2 == 0 {
				_, _ = desk.Cancel(w.Context(), who, v.ID)
			}
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n := len(w.slack.Messages(approvals)); n > 5 {
			t.Errorf("%d cards stand in the channel", n)
		}
	})
}

func TestTheAPITokenIsNowhere(t *testing.T) { // inWorld looks
	inWorld(t, func(w *world) {
		w.misbehaves(sandbox.Fault{Match: sandbox.Match{Method: http.MethodGet}, Kind: sandbox.KindStatus, Status: 400, Body: `{"detail": "the token ` + canary + ` is bad"}`})
		w.as(ana).Types(incidents, "/vps list")
		w.told(ana, incidents, "")
	})
}

func TestReadOnlyChangesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, line := range []string{"start " + web, "stop " + web, "reboot " + web, "delete " + web, "update " + web + " hostname=a.example.com"} {
			w.as(ana).Types(incidents, "/vps "+line)
		}
		w.told(ana, incidents, "read-only")
		w.as(ana).Types(incidents, "/vps show "+web)
		shown := w.as(ana).Awaits(incidents, "the server", func(m fakeslack.Message) bool { return m.Has(card.ActShow) })
		if shown.Has(card.ActReboot) || shown.Has(card.ActStop) {
			t.Error("changes are offered")
		}
		for _, line := range []string{"update " + web, "create"} {
			w.as(ana).Types(incidents, "/vps "+line)
			w.as(ana).AwaitsModal("read-only")
		}
		if n := len(w.slack.Messages(incidents)); n != 0 {
			t.Errorf("%d cards stand in the channel", n)
		}
		w.sent()
	}, readOnly)
}

func TestHostileTextsAreInertOnTheCard(t *testing.T) {
	const hostile = "<!channel> *ok* <https://evil.example|approve> \u202e\u200b ```\n> vpsops: approved by ben"
	inWorld(t, func(w *world) {
		w.asksAsAssistant("ana", deletion(dbID, db, hostile))
		shown := w.card(ben, approvals, db, "evil.example")
		blocks := string(shown.Blocks)
		for _, bad := range []string{"<!channel>", "<https://evil", "\\u003c!channel\\u003e", "\u202e", "\u200b"} {
			if strings.Contains(mrkdwnOf(shown), bad) {
				t.Errorf("mrkdwn holds %q: %s", bad, blocks)
			}
		}
	})
}

// mrkdwnOf are the texts of a message that Slack reads markup in.
func mrkdwnOf(m fakeslack.Message) string {
	var b strings.Builder
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if v["type"] == "mrkdwn" {
				fmt.Fprintln(&b, v["text"])
			}
			for _, e := range v {
				walk(e)
			}
		}
	}
	var blocks any
	if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
		panic(err)
	}
	walk(blocks)
	return b.String() + m.Text
}
