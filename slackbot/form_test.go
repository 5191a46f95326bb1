package slackbot_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
	"vpsops/vpsapi/sandbox"
)

func TestAServerIsOrderedByAForm(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps create because we grow")
		form := w.as(ana).AwaitsModal("Plan")
		w.as(ana).Enters(form, card.ActDraft+":"+card.FieldName, web)
		form = w.as(ana).AwaitsModal("name already")
		w.as(ana).Enters(form, card.ActDraft+":"+card.FieldName, "web-9")
		form = w.as(ana).AwaitsModal("is free")
		w.as(ana).Chooses(form, card.ActDraft+":"+card.FieldPlan, "1")
		form = w.as(ana).AwaitsModal("*Price*  *12.00 a month*")
		w.as(ana).Chooses(form, card.ActDraft+":"+card.FieldLocation, "us-west")
		synctest.Wait()
		form, _ = w.as(ana).Modal()
		w.as(ana).Chooses(form, card.ActDraft+":"+card.FieldSystem, "Ubuntu 22.04 LTS")
		synctest.Wait()
		form, _ = w.as(ana).Modal()
		o := w.as(ana).Submits(form, nil)
		if o.Error != "" || len(o.FieldErrors) > 0 {
			t.Fatalf("the form was not taken: %+v", o)
		}
		asked := w.card(ana, incidents, "web-9", "we grow", "a month")
		w.sent()
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "web-9", "after the call")
		w.sent("POST /servers/")
	})
}

func TestAFormThatSaysTooLittleSaysWhat(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps create name=web-9")
		form := w.as(ana).AwaitsModal("Plan")
		o := w.as(ana).Submits(form, map[string]string{card.ActDraft + ":" + card.FieldLocation: "us-west"})
		if o.FieldErrors[card.FieldPlan] == "" {
			t.Errorf("the form says nothing of the plan: %+v", o)
		}
		w.sent()
	})
}

// What a phone adds to a name is hard to see, so it is said.
func TestWhoTypedTheNameAlmostIsToldWhatDiffers(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps delete "+web)
		w.as(ana).Presses(w.card(ana, incidents, web), card.ActApprove)
		form := w.as(ana).AwaitsModal(web)
		for typed, differs := range map[string]string{
			web + " ":         "; what was typed has a blank before or behind it.",
			"Web-server-01":   "; what was typed has capital or small letters of its own.",
			"web–server–01":   "; what was typed has another dash in it.",
			"another-server ": ".",
		} {
			o := w.as(ana).Submits(form, map[string]string{card.FieldTypedName: typed})
			if got, want := o.FieldErrors[card.FieldTypedName], "Type the server's name, "+web+", exactly as it is written"+differs; got != want {
				t.Errorf("to %q it is said: %s", typed, got)
			}
		}
		w.sent()
	})
}

func TestAServerWhoseNameCannotBeTypedIsDeletedByItsID(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sandbox.EditServer(12345, func(sv *sandbox.Server) { sv.Name = strings.Repeat("web-", 21) + "1" })
		w.as(ana).Types(incidents, "/vps delete 12345")
		w.as(ana).Presses(w.card(ana, incidents, "12345"), card.ActApprove)
		form := w.as(ana).AwaitsModal("Type the server's id to show that you mean it, as its name can't be typed as it shows: 12345")
		o := w.as(ana).Submits(form, map[string]string{card.FieldTypedName: web})
		if got, want := o.FieldErrors[card.FieldTypedName], "Type the server's id, 12345: its name can't be typed as it shows."; got != want {
			t.Errorf("it is said: %s", got)
		}
		form, _ = w.as(ana).Modal()
		w.as(ana).Submits(form, map[string]string{card.FieldTypedName: "12345"})
		w.card(ana, incidents, "Deleted ")
		w.sent("DELETE /servers/12345/")
	})
}

func TestAServerIsChangedByAForm(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps update "+web)
		form := w.as(ana).AwaitsModal(web)
		o := w.as(ana).Submits(form, nil)
		if o.FieldErrors[card.FieldName] == "" {
			t.Errorf("nothing was changed, and the form says %+v", o)
		}
		w.as(ana).Submits(form, map[string]string{card.FieldHostname: "www.example.com"})
		asked := w.card(ana, incidents, web, "www.example.com")
		w.as(ana).Presses(asked, card.ActApprove)
		w.as(ana).Awaits(incidents, "its end", func(m fakeslack.Message) bool { return m.TS == asked.TS && !m.Has(card.ActApprove) })
		w.sent("PATCH /servers/12345/")
	})
}

func TestAWrongNameIsNeverAVoteWhoeverTypesIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps delete "+web)
		w.as(ana).Presses(w.card(ana, incidents, web), card.ActApprove)
		form := w.as(ana).AwaitsModal(web)
		w.slack.EditUser(ana, func(u *fakeslack.User) { u.Guest = true })
		o := w.as(ana).Submits(form, map[string]string{card.FieldTypedName: "no"})
		if o.FieldErrors[card.FieldTypedName] == "" {
			t.Errorf("the form says %+v", o)
		}
		trail := w.trail()
		if !strings.Contains(trail, "vote-refused") || strings.Contains(trail, "approve by factor") {
			t.Errorf("the trail says %s", trail)
		}
		time.Sleep(knownFor) // what Slack said of them is too old
		w.as(ana).Submits(form, map[string]string{card.FieldTypedName: web})
		w.told(ana, incidents, "guests")
		w.sent()
	})
}

// knownFor is more than what Slack said of somebody is taken for true.
const knownFor = 2 * time.Minute

func TestAFormThatWasMadeElsewhereIsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps delete "+web)
		w.as(ana).Presses(w.card(ana, incidents, web), card.ActApprove)
		form := w.as(ana).AwaitsModal(web)
		w.as(ana).Submits(form, map[string]string{card.FieldTypedName: web}, fakeslack.Edited(func(p map[string]any) {
			view, _ := p["view"].(map[string]any)
			view["private_metadata"] = "x." + view["private_metadata"].(string)
		}))
		w.as(ana).AwaitsModal("changed")
		w.sent()
	})
}

func TestAFormOfADecisionMadeElsewhereIsTooLate(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.asksAsAssistant("ana", deletion(webID, web, ""))
		shown := w.card(ana, approvals, web)
		w.as(ana).Presses(shown, card.ActApprove)
		form := w.as(ana).AwaitsModal(web)
		who := policy.Actor{Identity: policy.Identity{Kind: policy.LocalUser, ID: "ana"}, Front: policy.MCP}
		if _, err := w.first.gate.Desk().Cancel(w.Context(), who, v.ID); err != nil {
			t.Fatal(err)
		}
		w.as(ana).Submits(form, map[string]string{card.FieldTypedName: web})
		w.told(ana, approvals, "too late")
		w.sent()
	})
}

func TestAListIsPagedAndFilteredByButtons(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps list")
		first := w.as(ana).Awaits(incidents, "a list", func(m fakeslack.Message) bool { return m.Ephemeral && m.Shows(web) })
		var next string
		for _, a := range first.Actions() {
			if a == card.ActList+":page1" {
				next = a
			}
		}
		if next == "" {
			t.Fatalf("nothing leads on: %q", first.Actions())
		}
		w.as(ana).Presses(first, next)
		w.as(ana).Awaits(incidents, "the second page in its place", func(m fakeslack.Message) bool { return m.TS == first.TS && !m.Shows(web) })
		if n := len(w.slack.Sees(ana, incidents)); n != 1 {
			t.Errorf("%d lists are shown, not 1", n)
		}
	}, func(s *settings) { s.sandbox.Servers = 60 })
}

func TestAServersCardHasItsActions(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps show "+web)
		shown := w.as(ana).Awaits(incidents, "the server", func(m fakeslack.Message) bool { return m.Has(card.ActReboot) })
		w.as(ana).Presses(shown, card.ActReboot)
		asked := w.as(ana).Awaits(incidents, "the request's card", func(m fakeslack.Message) bool { return !m.Ephemeral && m.Has(card.ActApprove) })
		w.sent()
		w.as(ana).Presses(asked, card.ActApprove)
		w.card(ana, incidents, "Rebooted "+web)
	})
}

func TestTheHomeShowsWhatWaitsForMe(t *testing.T) {
	inWorld(t, func(w *world) {
		w.asksAsAssistant("ana", deletion(dbID, db, ""))
		w.as(ben).OpensHome()
		home := w.as(ben).AwaitsHome(db)
		var show string
		for _, a := range home.Actions() {
			if card.Action(a) == card.ActRequest {
				show = a
			}
		}
		w.as(ben).Presses(home, show)
		direct := w.as(ben).DirectMessage()
		private := w.as(ben).Awaits(direct, "the request", func(m fakeslack.Message) bool { return m.Has(card.ActApprove) })
		w.as(ben).Presses(private, card.ActApprove)
		w.card(ana, approvals, "approved by", ben)
		w.as(stranger).OpensHome()
		w.as(stranger).AwaitsHome("not listed")
	})
}

func TestHoldsAreSaidAndKept(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(ana).Types(incidents, "/vps lock "+web+" for 2h because disk is being copied")
		w.card(cy, incidents, "Locked", "`"+web+"`, id "+webID, "by `ana`", "disk is being copied")
		w.as(ben).Types(incidents, "/vps reboot "+web)
		w.told(ben, incidents, "disk is being copied")
		w.as(cy).Types(incidents, "/vps unlock "+web)
		w.card(ben, incidents, "Lifted by `cy`", "`"+web+"`, id "+webID, "by `ana`")
		w.as(ben).Types(incidents, "/vps reboot "+web)
		w.as(ben).Awaits(incidents, "a card", func(m fakeslack.Message) bool { return m.Has(card.ActApprove) })
	})
}

func TestADenialHasACoolDown(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		w.as(ana).Presses(asked, card.ActDeny)
		w.as(ana).Submits(w.as(ana).AwaitsModal(web), nil)
		w.card(ana, incidents, "Denied", web)
		w.as(ana).Types(incidents, "/vps reboot "+web)
		w.told(ana, incidents, "denied")
		if n := len(w.slack.Messages(incidents)); n != 1 {
			t.Errorf("%d cards stand in the channel, not 1", n)
		}
	})
}

func TestACheckpointIsPublished(t *testing.T) {
	inWorld(t, func(w *world) {
		w.first.bot.Checkpoint(ledger.Checkpoint{Seq: 17, Hash: "ab", At: time.Now()})
		w.card(ana, auditRoom, "17")
	})
}
