package gate_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

func TestAnAcceptedDialogIsTheAskersVote(t *testing.T) {
	inWorld(t, func(w *world) {
		op := power(policy.Reboot, web)
		v := w.ask(op)
		state := w.desk.Dialog(actor("ana"), op, v)
		got, err := w.desk.Answer(w.soon(), actor("ana"), op, state, true)
		if err != nil {
			t.Fatal(err)
		}
		w.is(got, ledger.Succeeded, gate.OutcomeAccepted)
		if len(got.Votes) != 1 || got.Votes[0].Factor != policy.Client || !got.Votes[0].OwnOnly {
			t.Errorf("the votes are %+v", got.Votes)
		}
		w.sent("POST /servers/12345/reboot/")
	})
}

func TestADeclinedDialogIsADenialWithoutACoolDown(t *testing.T) {
	for front, says := range map[policy.Front]string{
		policy.MCP: "not confirmed in the client's dialog", policy.Console: "declined at the console's prompt",
	} {
		t.Run(string(front), func(t *testing.T) {
			inWorld(t, func(w *world) {
				op, ana := power(policy.Reboot, web), actor("ana")
				ana.Front = front
				v := w.askAs(ana, op)
				got, err := w.desk.Answer(w.soon(), ana, op, w.desk.Dialog(ana, op, v), false)
				if err != nil {
					t.Fatal(err)
				}
				w.is(got, ledger.Denied, gate.OutcomeDenied)
				if !strings.Contains(got.Message(), says) {
					t.Errorf("it is told as %q", got.Message())
				}
				w.is(w.askAs(ana, op), ledger.Pending, gate.OutcomePending)
				w.sent()
			})
		})
	}
}

func TestThereIsNoDialogWhereItsAnswerWouldNotDo(t *testing.T) {
	for _, tt := range []struct {
		name   string
		op     gate.Operation
		policy func(*policy.Document)
	}{
		{"a delete", deletion(web, "web-server-01"), nil},
		{"a rename", rename(web, "other"), nil},
		{"an approval besides", power(policy.Reboot, web), approvals(1)},
		{"a reason is wanted", power(policy.Reboot, web), wantsReason},
		{"a surer factor is wanted", power(policy.Reboot, web), func(d *policy.Document) { d.Guards[0].Require.Factor = policy.PersonFactor }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				if state := w.desk.Dialog(actor("ana"), tt.op, w.ask(tt.op)); state != "" {
					t.Error("there is one")
				}
			}, withPolicy(tt.policy))
		})
	}
}

// refused holds a dialog's state to being refused, recorded, and without
// effect.
func (w *world) refused(what string, who policy.Actor, op gate.Operation, state string) {
	w.Helper()
	rows := len(w.events())
	if _, err := w.desk.Answer(w.soon(), who, op, state, true); !errors.Is(err, gate.ErrDialog) {
		w.Errorf("%s: %v", what, err)
	}
	events := w.events()
	if len(events) != rows+1 || events[rows].Kind != "dialog-refused" || events[rows].Identity != who.Identity {
		w.Errorf("%s is recorded as %+v", what, events[rows:])
	}
}

func TestADialogsStateIsForThatVeryCall(t *testing.T) {
	inWorld(t, func(w *world) {
		op := power(policy.Reboot, web)
		v := w.ask(op)
		state := w.desk.Dialog(actor("ana"), op, v)
		reason := op
		reason.Reason = "because"
		byName := op
		byName.Server.Text = "web-server-01"
		otherAccount := op
		otherAccount.Account = "main"
		slackAna := policy.Actor{Identity: policy.Identity{Kind: policy.SlackUser, ID: "T1/ANA"}, Front: policy.Slack}
		for what, call := range map[string]struct {
			who policy.Actor
			op  gate.Operation
		}{
			"another action":              {actor("ana"), power(policy.Stop, web)},
			"another server":              {actor("ana"), power(policy.Reboot, db)},
			"another reason":              {actor("ana"), reason},
			"another word for the server": {actor("ana"), byName},
			"another account":             {actor("ana"), otherAccount},
			"another person":              {actor("ben"), op},
			"a stranger":                  {actor("eve"), op},
			"another account of hers":     {slackAna, op},
		} {
			w.refused(what, call.who, call.op, state)
		}
		for what, forged := range map[string]string{
			"nothing": "", "a dot": ".", "no MAC": strings.Split(state, ".")[0], "an empty MAC": strings.Split(state, ".")[0] + ".",
			"twice": state + state, "a byte more": state + "A", "a byte less": state[:len(state)-1],
			"another key's":     seal.NewKey([32]byte{2}).Seal("dialog", payload(t, state)),
			"another purpose's": seal.NewKey([32]byte{1}).Seal("login", payload(t, state)),
			"no JSON":           seal.NewKey([32]byte{1}).Seal("dialog", []byte("yes")),
			"empty JSON":        seal.NewKey([32]byte{1}).Seal("dialog", []byte("{}")),
		} {
			w.refused(what, actor("ana"), op, forged)
		}
		w.is(w.request(v.ID), ledger.Pending, gate.OutcomePending)
		w.sent()
		if _, err := w.desk.Answer(w.soon(), actor("ana"), op, state, true); err != nil {
			t.Errorf("after all of that the right one: %v", err)
		}
	})
}

func payload(t testing.TB, state string) []byte {
	t.Helper()
	body, _, _ := strings.Cut(state, ".")
	b, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestADialogsStateWithAnyBitFlipped(t *testing.T) {
	inWorld(t, func(w *world) {
		op := power(policy.Reboot, web)
		v := w.ask(op)
		state := w.desk.Dialog(actor("ana"), op, v)
		for i := range state {
			for bit := range 8 {
				flipped := []byte(state)
				flipped[i] ^= 1 << bit
				if _, err := w.desk.Answer(w.soon(), actor("ana"), op, string(flipped), true); !errors.Is(err, gate.ErrDialog) {
					t.Fatalf("bit %d of byte %d: %v", bit, i, err)
				}
			}
		}
		w.is(w.request(v.ID), ledger.Pending, gate.OutcomePending)
		w.sent()
	})
}

func TestADialogsStateGetsTooOld(t *testing.T) {
	inWorld(t, func(w *world) {
		op := power(policy.Reboot, web)
		v := w.ask(op)
		state := w.desk.Dialog(actor("ana"), op, v)
		time.Sleep(10 * time.Minute)
		w.refused("after ten minutes", actor("ana"), op, state)
		w.is(w.request(v.ID), ledger.Pending, gate.OutcomePending)
	})
}

func TestADialogsStateIsUsedOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		op := power(policy.Reboot, web)
		v := w.ask(op)
		state := w.desk.Dialog(actor("ana"), op, v)
		errs := make([]error, 16)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() {
				got, err := w.desk.Answer(w.soon(), actor("ana"), op, state, true)
				if errs[i] = err; err == nil && got.ID != v.ID {
					t.Errorf("one is told of %s", got.ID)
				}
			})
		}
		all.Wait()
		for _, err := range errs {
			if err != nil && !errors.Is(err, gate.ErrDialog) { // the request was still pending
				t.Error(err)
			}
		}
		if used := 16 - len(w.refusedDialogs()); used != 1 {
			t.Errorf("it was used %d times", used)
		}
		if votes := w.request(v.ID).Votes; len(votes) != 1 {
			t.Errorf("the votes are %+v", votes)
		}
		w.sent("POST /servers/12345/reboot/")
	})
}

// Who repeats a call, since its answer was lost, is told what became of it. That is no
// second vote, and nobody else is told of it.
func TestADialogsStateThatWasUsedTellsHowItsRequestStands(t *testing.T) {
	inWorld(t, func(w *world) {
		op := power(policy.Reboot, web)
		v := w.ask(op)
		state := w.desk.Dialog(actor("ana"), op, v)
		if _, err := w.desk.Answer(w.soon(), actor("ana"), op, state, true); err != nil {
			t.Fatal(err)
		}
		for _, pause := range []time.Duration{0, 11 * time.Minute} { // also of one that is too old by now
			time.Sleep(pause)
			for _, accept := range []bool{true, false} {
				got, err := w.desk.Answer(w.soon(), actor("ana"), op, state, accept)
				if err != nil || got.ID != v.ID || got.State != ledger.Succeeded || len(got.Votes) != 1 {
					t.Errorf("%t after %s: %s %s with %d votes, %v", accept, pause, got.ID, got.State, len(got.Votes), err)
				}
			}
		}
		if n := len(w.refusedDialogs()); n != 4 {
			t.Errorf("%d are recorded", n)
		}
		reason := op
		reason.Reason = "because"
		w.refused("another's", actor("ben"), op, state)
		w.refused("of another call", actor("ana"), reason, state)
		w.refused("of another action", actor("ana"), power(policy.Stop, web), state)
		w.setPolicy(func(d *policy.Document) {
			delete(d.People, "ana")
			d.Groups["ops"] = policy.Group{People: []string{"ben", "cy"}}
		})
		w.refused("of who is listed no longer", actor("ana"), op, state)
		w.sent("POST /servers/12345/reboot/")
	})
}

func (w *world) refusedDialogs() []ledger.Event {
	return slices.DeleteFunc(w.events(), func(e ledger.Event) bool { return e.Kind != "dialog-refused" })
}

// An answer to a request that has ended meanwhile is told how it ended.
func TestADialogThatComesTooLate(t *testing.T) {
	inWorld(t, func(w *world) {
		op := power(policy.Reboot, web)
		v := w.ask(op)
		state := w.desk.Dialog(actor("ana"), op, v)
		if _, err := w.desk.Cancel(w.soon(), actor("ana"), v.ID); err != nil {
			t.Fatal(err)
		}
		got, err := w.desk.Answer(w.soon(), actor("ana"), op, state, true)
		if err != nil {
			t.Fatal(err)
		}
		w.is(got, ledger.Cancelled, gate.OutcomeDenied)
		w.sent()
	})
}

func TestACredentialForReadsAnswersNoDialog(t *testing.T) {
	inWorld(t, func(w *world) {
		op := power(policy.Reboot, web)
		state := w.desk.Dialog(actor("ana"), op, w.ask(op))
		reader := actor("ana")
		reader.ReadOnly = true
		var refused *gate.VoteError
		if _, err := w.desk.Answer(w.soon(), reader, op, state, true); !errors.As(err, &refused) {
			t.Errorf("got %v", err)
		}
		if rows := w.events(); rows[len(rows)-1].Kind != "dialog-refused" {
			t.Errorf("it is recorded as %+v", rows)
		}
		w.sent()
	})
}

// A stale dialog never confirms what the policy has since made harder.
func TestADialogAfterThePolicyGotStricter(t *testing.T) {
	inWorld(t, func(w *world) {
		op := power(policy.Reboot, web)
		v := w.ask(op)
		state := w.desk.Dialog(actor("ana"), op, v)
		w.setPolicy(func(d *policy.Document) { d.Guards[0].Require.Factor = policy.PersonFactor })
		got, err := w.desk.Answer(w.soon(), actor("ana"), op, state, true)
		if err != nil {
			t.Fatal(err)
		}
		w.is(got, ledger.Pending, gate.OutcomePending)
		w.sent()
		w.is(w.approve("ana", got), ledger.Succeeded, gate.OutcomeAccepted)
		w.sent("POST /servers/12345/reboot/")
	})
}
