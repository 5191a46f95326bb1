package slackbot_test

import (
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
	"vpsops/slackbot/fakeslack"
)

func withOneOfOps(d *policy.Document) {
	d.Guards = append(d.Guards, policy.Guard{ID: "one", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: 1, From: "ops"}})
}

// heldBack is the card of a reboot that has its votes, while Slack tells nothing of
// its people: so it waits.
func (w *world) heldBack(kind fakeslack.FaultKind) fakeslack.Message {
	w.Helper()
	w.first.gate.Resume()
	asked := w.rebootCard()
	w.as(ben).Presses(asked, card.ActApprove)
	synctest.Wait()
	time.Sleep(knownFor + time.Second)
	w.slack.Misbehave(fakeslack.Fault{Method: "users.info", Kind: kind, RetryAfter: time.Minute})
	if err := w.votesOnPage("ana", asked, true); err != nil {
		w.Fatal(err)
	}
	return w.card(ana, incidents, "It has its votes and waits", "a no ends it")
}

func TestWhatIsHeldBackIsStoppedInSlack(t *testing.T) {
	for name, c := range map[string]struct {
		stop  func(w *world, held fakeslack.Message)
		says  string
		state ledger.State
	}{
		"by a denial": {func(w *world, held fakeslack.Message) {
			w.as(cy).Presses(held, card.ActDeny)
			w.as(cy).Submits(w.as(cy).AwaitsModal("Deny"), map[string]string{card.FieldReason: "not tonight"})
		}, "not tonight", ledger.Denied},
		"by its asker's press":   {func(w *world, held fakeslack.Message) { w.as(ana).Presses(held, card.ActCancel) }, "Taken back by ana", ledger.Cancelled},
		"by its asker's command": {func(w *world, held fakeslack.Message) { w.as(ana).Types(incidents, "/vps cancel "+w.requestOf(held)) }, "Taken back by ana", ledger.Cancelled},
	} {
		for _, kind := range []fakeslack.FaultKind{fakeslack.ServerError, fakeslack.Hang, fakeslack.TooMany} {
			t.Run(name+", "+string(kind), func(t *testing.T) {
				inWorld(t, func(w *world) {
					held := w.heldBack(kind)
					if held.Has(card.ActApprove) {
						t.Error("it can be approved once more")
					}
					c.stop(w, held)
					w.card(ana, incidents, c.says)
					if s := w.state(w.requestOf(held)); s != c.state {
						t.Errorf("the request is %s, want %s", s, c.state)
					}
					w.slack.Behave()
					time.Sleep(time.Minute)
					w.sent()
				}, withPolicy(withOneOfOps))
			})
		}
	}
}

// A no needs no answer of Slack's, but goes by the last one that there was.
func TestWhoWasAGuestDeniesNothingWhileSlackTellsNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		asked := w.rebootCard()
		time.Sleep(knownFor + time.Second)
		w.slack.EditUser(ana, func(u *fakeslack.User) { u.Guest = true })
		w.as(ana).Presses(asked, card.ActApprove)
		w.told(ana, incidents, "Guests can't")
		time.Sleep(knownFor + time.Second)
		w.slack.Misbehave(fakeslack.Fault{Method: "users.info", Kind: fakeslack.ServerError})
		before := w.guestsTold()
		w.as(ana).Presses(asked, card.ActCancel)
		w.as(ana).Presses(asked, card.ActDeny)
		synctest.Wait()
		if told := w.guestsTold() - before; told != 2 {
			t.Errorf("she is told %d times why not", told)
		}
		if s := w.state(w.requestOf(asked)); s != ledger.Pending {
			t.Errorf("the request is %s", s)
		}
	})
}
