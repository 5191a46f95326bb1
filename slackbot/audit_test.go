package slackbot_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot"
	"vpsops/slackbot/fakeslack"
)

// localAt is a person at a front end of this machine.
func localAt(front policy.Front, person string) policy.Actor {
	return policy.Actor{Identity: policy.Identity{Kind: policy.LocalUser, ID: person}, Front: front}
}

func everything(because string) gate.HoldOrder {
	return gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeAll, Because: because}
}

func (w *world) freezes(d *gate.Desk, actor policy.Actor, because string) ledger.Hold {
	w.Helper()
	h, err := d.Hold(w.Context(), actor, everything(because))
	if err != nil {
		w.Fatal(err)
	}
	return h
}

func (w *world) lifts(d *gate.Desk, actor policy.Actor, h ledger.Hold) {
	w.Helper()
	if _, err := d.Lift(w.Context(), actor, h.ID); err != nil {
		w.Fatal(err)
	}
}

// withoutBot is what another process does that has no Slack, such as a console.
func (w *world) withoutBot(do func(*gate.Gate)) {
	w.Helper()
	g := gate.New(gate.Config{Ledger: w.ledger, Policy: w.policy.Load, Accounts: []gate.Account{w.newAccount()}, Key: seal.NewKey([32]byte{1})})
	do(g)
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if err := g.Close(ctx); err != nil {
		w.Errorf("the gate did not close: %v", err)
	}
}

// reboots has an assistant ask for a reboot that its person confirms on the page,
// and waits for its end.
func (w *world) reboots(g *gate.Gate) {
	w.Helper()
	who := localAt(policy.MCP, "ana")
	v, err := g.Desk().Ask(w.Context(), who, rebootOf(webID))
	if err == nil {
		_, err = g.Ballot().Vote(w.Context(), gate.Voter{Identity: who.Identity, Front: policy.Page, Factor: policy.PersonFactor}, gate.Verdict{RequestID: v.ID, Digest: v.Digest, Approve: true})
	}
	if err == nil {
		v, err = g.Desk().Wait(w.Context(), who, v.ID, 10*time.Minute, nil)
	}
	if err != nil || v.Outcome != gate.OutcomeSucceeded {
		w.Fatalf("the reboot is %s, %v", v.Outcome, err)
	}
}

// auditLines waits until all that is due is posted, and returns the lines of the
// audit channel.
func (w *world) auditLines() (lines []string) {
	w.Helper()
	time.Sleep(3 * time.Minute)
	synctest.Wait()
	for _, m := range w.slack.Messages(auditRoom) {
		lines = append(lines, m.AllText())
	}
	return lines
}

// says wants each of these to be in one line of the audit channel, and no other
// lines to stand there.
func (w *world) auditSays(want ...[]string) {
	w.Helper()
	lines := w.auditLines()
	if len(lines) != len(want) {
		w.Errorf("%d lines stand in the audit channel, not %d:\n%s", len(lines), len(want), strings.Join(lines, "\n"))
	}
	for _, texts := range want {
		found := 0
		for _, line := range lines {
			if holdsAll(line, texts) {
				found++
			}
		}
		if found != 1 {
			w.Errorf("%d lines say %q, not 1:\n%s", found, texts, strings.Join(lines, "\n"))
		}
	}
}

func holdsAll(line string, texts []string) bool {
	for _, text := range texts {
		if !strings.Contains(line, text) {
			return false
		}
	}
	return true
}

func TestEveryLockAndFreezeHasALineInTheAuditChannel(t *testing.T) {
	inWorld(t, func(w *world) {
		second := w.newInstance(settings{})
		for _, line := range []string{"lock " + web + " for 2h because it is copied", "unlock " + web, "freeze all because it is Friday", "unfreeze all"} {
			w.as(ana).Types(incidents, "/vps "+line)
			synctest.Wait()
		}
		desk := w.first.gate.Desk()
		h := w.freezes(desk, localAt(policy.Page, "ben"), "by the page")
		w.withoutBot(func(g *gate.Gate) { w.lifts(g.Desk(), localAt(policy.Console, "cy"), h) })
		want := [][]string{
			{"locked", web, webID, "ana", "through Slack", "it is copied", "until <!date^"},
			{"unlocked", web, webID, "ana", "it is copied"},
			{"*frozen*", "everything", "ana", "it is Friday", "until it is lifted"},
			{"unfrozen", "everything", "ana", "it is Friday"},
			{"*frozen*", "ben", "through the page", "by the page"},
			{"unfrozen", "cy", "through the console", "put up by `ben`"},
		}
		w.auditSays(want...)
		second.end()
		w.reborn()
		w.auditSays(want...) // and no line comes twice
	})
}

// becauses wants the audit channel to have so many lines of freezesInTurn, in
// their order.
func (w *world) becauses(n int) {
	w.Helper()
	said := regexp.MustCompile(`\*(frozen|unfrozen)\*.*(turn [0-9]+)`)
	var found, want []string
	for _, line := range w.auditLines() {
		found = append(found, strings.Join(said.FindStringSubmatch(line)[1:], " "))
	}
	for i := range n {
		want = append(want, fmt.Sprintf("%s turn %d", []string{"frozen", "unfrozen"}[i%2], i/2))
	}
	if !slices.Equal(found, want) {
		w.Errorf("the lines stand in another order than what they tell came about:\n%s", strings.Join(found, "\n"))
	}
}

// freezesInTurn puts a freeze up and lifts it again, so many times.
func (w *world) freezesInTurn(d *gate.Desk, times int, pause time.Duration) {
	w.Helper()
	for i := range times {
		h := w.freezes(d, localAt(policy.Console, "cy"), fmt.Sprintf("turn %d", i))
		time.Sleep(pause)
		w.lifts(d, localAt(policy.Console, "cy"), h)
		time.Sleep(pause)
	}
}

func TestTheLastLineOfALockIsWhatIsInForce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.first.end()
		w.withoutBot(func(g *gate.Gate) { w.freezesInTurn(g.Desk(), 5, time.Second) })
		w.first = w.newInstance(settings{})
		second := w.newInstance(settings{})
		w.first.listens()
		w.becauses(10)
		second.end()
	})
}

func TestLinesOfLocksStandInTheirOrderWhateverSlackDoes(t *testing.T) {
	onlyAudit := func(a fakeslack.Args) bool { return a.Get("channel") == auditRoom }
	for name, fault := range map[string]fakeslack.Fault{
		"nothing":      {Method: "none"},
		"rate-limited": {Kind: fakeslack.TooMany, RetryAfter: 3 * time.Second, Times: 2},
		"broken":       {Kind: fakeslack.ServerError, Times: 2},
		"hanging":      {Kind: fakeslack.Hang, Times: 1},
		"slow":         {Kind: fakeslack.Slow, Delay: 4 * time.Second, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				second := w.newInstance(settings{})
				if fault.When = onlyAudit; fault.Method == "" {
					fault.Method = "chat.postMessage"
				}
				w.slack.Misbehave(fault)
				w.freezesInTurn(w.first.gate.Desk(), 6, time.Second)
				w.becauses(12)
				second.end()
			})
		})
	}
}

func TestLinesOfChangesStandInTheirOrderToo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.first.end()
		w.withoutBot(func(g *gate.Gate) {
			for i := range 4 {
				w.reboots(g)
				w.lifts(g.Desk(), localAt(policy.Console, "cy"), w.freezes(g.Desk(), localAt(policy.Console, "cy"), fmt.Sprintf("turn %d", i)))
			}
		})
		w.first = w.newInstance(settings{})
		second := w.newInstance(settings{})
		w.first.listens()
		w.auditLines()
		w.reboots(w.first.gate)
		var got, want []string
		for _, line := range w.auditLines() {
			got = append(got, regexp.MustCompile(`done|frozen|unfrozen`).FindString(line))
		}
		for range 4 {
			want = append(want, "done", "frozen", "unfrozen")
		}
		if want = append(want, "done"); !slices.Equal(got, want) {
			w.Errorf("the lines stand as %q", got)
		}
		second.end()
	})
}

func TestALineThatSlackNeverTakesKeepsNoOtherFromItsPlace(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{
			Method: "chat.postMessage", Kind: fakeslack.NotOK, Error: "invalid_blocks",
			When: func(a fakeslack.Args) bool { return strings.Contains(a.Get("blocks"), "odd") },
		})
		desk := w.first.gate.Desk()
		w.lifts(desk, localAt(policy.Page, "ben"), w.freezes(desk, localAt(policy.Page, "ben"), "an odd one"))
		w.freezes(desk, localAt(policy.Page, "ben"), "another")
		w.auditSays([]string{"*frozen*", "another"})
	})
}

func TestALockThatSlackDoesNotTakeAtFirstHasItsLineLater(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.Misbehave(fakeslack.Fault{Method: "chat.postMessage", Kind: fakeslack.ServerError})
		w.freezes(w.first.gate.Desk(), localAt(policy.Page, "ben"), "a disk is swapped")
		time.Sleep(10 * time.Minute)
		w.reborn()
		w.slack.Behave()
		w.auditSays([]string{"frozen", "a disk is swapped"})
	})
}

func TestWhatIsRefusedIsNoLock(t *testing.T) {
	inWorld(t, func(w *world) {
		w.as(stranger).Types(incidents, "/vps freeze all because I can")
		w.auditSays()
	})
}

func TestWhatEndedWhileNoBotRanHasItsLineOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.first.end()
		w.withoutBot(func(g *gate.Gate) {
			w.reboots(g)
			w.freezes(g.Desk(), localAt(policy.Console, "cy"), "it is Friday")
		})
		time.Sleep(time.Hour)
		w.first = w.newInstance(settings{})
		second := w.newInstance(settings{})
		w.first.listens()
		want := [][]string{{"done", "Reboot", web, "an assistant on behalf of `ana`", "<!date^"}, {"frozen", "cy", "it is Friday"}}
		w.auditSays(want...)
		second.end()
		w.reborn()
		w.auditSays(want...)
	})
}

func TestAChangeThatCannotBeReadKeepsNoOtherFromItsLine(t *testing.T) {
	inWorld(t, func(w *world) {
		w.first.end()
		err := w.ledger.Write(w.Context(), func(tx ledger.Tx) error {
			r := ledger.Request{
				ID: "req_odd", State: ledger.Pending, Action: policy.Reboot, Operation: []byte(`"odd"`), Shown: []byte(`{}`),
				CreatedAt: time.Now(), ExpiresAt: time.Now().Add(time.Minute),
			}
			if err := tx.Insert(r); err != nil {
				return err
			}
			r.Version, r.State, r.EndedAt = 1, ledger.Denied, time.Now()
			if _, err := tx.Update(r); err != nil {
				return err
			}
			return tx.Audit(ledger.Event{At: time.Now(), Kind: "state", RequestID: "req_odd", Detail: "denied"})
		})
		if err != nil {
			t.Fatal(err)
		}
		w.first = w.newInstance(settings{})
		w.first.listens()
		w.freezes(w.first.gate.Desk(), localAt(policy.Page, "ben"), "it is Friday")
		w.auditSays([]string{"frozen", "it is Friday"})
	})
}

func TestWhatEndedLongBeforeABotRanHasNoLine(t *testing.T) {
	inWorld(t, func(w *world) {
		w.first.end()
		w.withoutBot(func(g *gate.Gate) { w.freezes(g.Desk(), localAt(policy.Console, "cy"), "it is Friday") })
		time.Sleep(25 * time.Hour)
		w.first = w.newInstance(settings{})
		w.first.listens()
		w.auditSays()
	})
}

func TestManyThatEndedWhileNoBotRanAreNoFlood(t *testing.T) {
	inWorld(t, func(w *world) {
		w.first.end()
		w.withoutBot(func(g *gate.Gate) {
			for i := range 50 {
				w.freezes(g.Desk(), localAt(policy.Console, "cy"), fmt.Sprintf("because %d.", i))
				time.Sleep(time.Minute)
			}
		})
		w.first = w.newInstance(settings{})
		second := w.newInstance(settings{})
		w.first.listens()
		want := [][]string{{"and 30 more"}}
		for i := 30; i < 50; i++ {
			want = append(want, []string{fmt.Sprintf("because %d.", i)})
		}
		w.auditSays(want...)
		second.end()
		w.reborn()
		w.auditSays(want...)
	})
}

func TestLinesThatAProcessBeganAndDidNotPostOutliveIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.first.end()
		w.withoutBot(func(g *gate.Gate) {
			w.reboots(g)
			w.freezes(g.Desk(), localAt(policy.Console, "cy"), "it is Friday")
		})
		w.first = w.newInstance(settings{})
		w.first.diesAfter(1) // what is to be posted is written down, and nothing else
		synctest.Wait()
		time.Sleep(time.Minute)
		w.reborn()
		w.auditSays([]string{"done", "Reboot", web}, []string{"frozen", "cy"})
	})
}

func TestWithoutAnAuditChannelNothingIsTold(t *testing.T) {
	inWorld(t, func(w *world) {
		w.freezes(w.first.gate.Desk(), localAt(policy.Console, "cy"), "it is Friday")
		w.auditSays()
	}, withBot(func(c *slackbot.Config) { c.Audit = "" }))
}
