package gate_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// slackSide is a witness that says what it is told to, and keeps what it was asked.
type slackSide struct {
	mu    sync.Mutex
	word  gate.Word
	asked []gate.Doubt
}

func (s *slackSide) say(w gate.Word) { s.mu.Lock(); defer s.mu.Unlock(); s.word = w }

func (s *slackSide) wasAsked() []gate.Doubt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func (s *slackSide) witness(_ context.Context, d gate.Doubt) gate.Word {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, d)
	return s.word
}

func (w *world) withSlack() *slackSide {
	s := &slackSide{}
	w.ballot.Consult(s.witness)
	return s
}

func account(name string) policy.Identity {
	return policy.Identity{Kind: policy.SlackUser, ID: "T1/" + strings.ToUpper(name)}
}

// bySlack is a person who votes by their Slack account.
func bySlack(name string) gate.Voter {
	return gate.Voter{Identity: account(name), Front: policy.Slack, Factor: policy.PersonFactor}
}

var unread = gate.Word{Unread: map[string]string{"T1/S1": "Slack cannot be reached"}}

// seniorsOrCy is seniors with cy listed in the policy itself.
func seniorsOrCy(d *policy.Document) {
	seniors(d)
	d.Groups["seniors"] = policy.Group{SlackUsergroups: []string{"T1/S1"}, People: []string{"cy"}}
}

func TestAYesWaitsForWhoIsInTheGroupNow(t *testing.T) {
	inWorld(t, func(w *world) {
		w.inSlack("T1/BEN")
		slack := w.withSlack()
		v := w.ask(power(policy.Reboot, web))
		time.Sleep(time.Minute)
		slack.say(unread)
		_, err := w.ballot.Vote(w.soon(), voter("ben"), yes(v))
		var refused *gate.VoteError
		if !errors.As(err, &refused) || refused.Why != policy.NotMember || !strings.Contains(err.Error(), "T1/S1 can't be read now (Slack cannot be reached)") {
			t.Errorf("got %v", err)
		}
		asked := slack.wasAsked()
		if len(asked) != 1 || !slices.Equal(asked[0].Groups, []string{"T1/S1"}) || !asked[0].Since.Equal(time.Now().Add(-10*time.Second)) {
			t.Errorf("it asked for %+v", asked)
		}
		w.audited(v.ID, "ask", "vote-refused")
		w.is(w.approve("cy", v), ledger.Pending, gate.OutcomePending) // whom the policy lists
		if _, err := w.ballot.Vote(w.soon(), voter("ben"), no(v)); err != nil || len(slack.wasAsked()) != 2 {
			t.Errorf("a denial waits for Slack, or is none: %v", err)
		}
		w.is(w.request(v.ID), ledger.Denied, gate.OutcomeDenied)
	}, withPolicy(seniorsOrCy))
}

// A yes that was given while the group could be read counts once it can be again.
func TestAnEarlierYesWaitsForWhoIsInTheGroupNow(t *testing.T) {
	inWorld(t, func(w *world) {
		w.gate.Resume()
		w.inSlack("T1/BEN")
		slack := w.withSlack()
		v := w.ask(power(policy.Reboot, web))
		w.is(w.approve("ben", v), ledger.Pending, gate.OutcomePending)
		slack.say(unread)
		w.is(w.approve("ana", v), ledger.Pending, gate.OutcomePending)
		time.Sleep(time.Minute)
		w.is(w.request(v.ID), ledger.Pending, gate.OutcomePending)
		w.sent()
		slack.say(gate.Word{})
		time.Sleep(10 * time.Second)
		w.is(w.request(v.ID), ledger.Succeeded, gate.OutcomeSucceeded)
		w.sent("POST /servers/12345/reboot/")
	}, withPolicy(seniors))
}

func TestAVoteByAnAccountThatCountsNoMoreIsRefused(t *testing.T) {
	for name, word := range map[string]gate.Word{
		"unfit":  {Unfit: map[policy.Identity]string{account("ana"): "This account is deactivated."}},
		"unsure": {Unsure: map[policy.Identity]string{account("ana"): "Slack doesn't tell who you are."}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				slack := w.withSlack()
				v := w.ask(power(policy.Reboot, web))
				slack.say(word)
				var refused *gate.VoteError
				if _, err := w.ballot.Vote(w.soon(), bySlack("ana"), yes(v)); !errors.As(err, &refused) {
					t.Errorf("got %v", err)
				}
				w.audited(v.ID, "ask", "vote-refused")
				w.is(w.approve("ana", v), ledger.Succeeded, gate.OutcomeAccepted) // on the page, by another account
			})
		})
	}
}

// approvedBySlack is a reboot that ana asked for and ben approved by their Slack
// accounts, and cy and ana then on the page, when Slack said something else.
func (w *world) approvedBySlack(slack *slackSide, says gate.Word) gate.View {
	w.Helper()
	v := w.askAs(policy.Actor{Identity: account("ana"), Front: policy.Slack, Channel: "C1"}, power(policy.Reboot, web))
	for _, by := range []gate.Voter{bySlack("ben"), voter("cy")} {
		if _, err := w.ballot.Vote(w.soon(), by, yes(v)); err != nil {
			w.Fatal(err)
		}
	}
	slack.say(says)
	if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); err != nil {
		w.Fatal(err)
	}
	time.Sleep(5 * time.Second)
	return w.request(v.ID)
}

func TestWhoseAccountIsDeactivatedCountsAtTheClaimNoMore(t *testing.T) {
	gone := func(names ...string) map[policy.Identity]string {
		m := make(map[policy.Identity]string)
		for _, name := range names {
			m[account(name)] = "This account is deactivated."
		}
		return m
	}
	for name, c := range map[string]struct {
		count int
		word  gate.Word
		want  ledger.State
		says  string
	}{
		"the asker":                  {2, gate.Word{Unfit: gone("ana")}, ledger.Denied, "the Slack account by which ana asked doesn't count any more: This account is deactivated"},
		"who approved":               {2, gate.Word{Unfit: gone("ben")}, ledger.Denied, "the Slack account by which ben said yes doesn't count any more"},
		"who was one too many":       {1, gate.Word{Unfit: gone("ben")}, ledger.Succeeded, ""},
		"the asker can't be told of": {2, gate.Word{Unsure: gone("ana")}, ledger.Approved, "it has its votes and waits: the Slack account by which ana asked can't be told"},
		"a voter can't be told of":   {2, gate.Word{Unsure: gone("ben")}, ledger.Approved, "by which ben said yes can't be told to count still"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.gate.Resume()
				slack := w.withSlack()
				v := w.approvedBySlack(slack, c.word)
				if v.State != c.want || !strings.Contains(v.Request.Message, c.says) {
					t.Errorf("it is %s (%s)", v.State, v.Request.Message)
				}
				if c.want == ledger.Succeeded {
					return
				}
				w.sent()
				if c.want == ledger.Denied {
					if !strings.Contains(v.Message(), "slack-account") {
						t.Errorf("%q names no rule", v.Message())
					}
					return
				}
				rows := len(w.events())
				time.Sleep(20 * time.Second)
				if now := len(w.events()); now != rows {
					t.Errorf("%d rows tell again and again that it waits", now-rows)
				}
				slack.say(gate.Word{})
				time.Sleep(20 * time.Second)
				w.is(w.request(v.ID), ledger.Succeeded, gate.OutcomeSucceeded)
				w.sent("POST /servers/12345/reboot/")
			}, withPolicy(approvals(c.count)))
		})
	}
}

// What is held back says why it is now: here first since the clock is off, and then
// since Slack tells nothing.
func TestWhatIsHeldBackSaysWhatItWaitsForNow(t *testing.T) {
	inWorld(t, func(w *world) {
		w.gate.Resume()
		slack := w.withSlack()
		v := w.askAs(policy.Actor{Identity: account("ana"), Front: policy.Slack, Channel: "C1"}, power(policy.Reboot, web))
		slack.say(gate.Word{Unsure: map[policy.Identity]string{account("ana"): "Slack cannot be reached"}})
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		says := func(want string) {
			t.Helper()
			time.Sleep(15 * time.Second)
			if v = w.request(v.ID); v.State != ledger.Approved || !strings.Contains(v.Message(), want) {
				t.Errorf("it is %s: %s", v.State, v.Message())
			}
		}
		says("clock is 1h0m0s ahead")
		w.jump(0)
		says("Slack cannot be reached")
		w.audited(v.ID, "ask", "vote", "state", "claim-refused")
		w.sent()
	}, keepsTime, jumpsAfter("state"))
}

// Slack tells nothing until its time is over.
func TestWhatSlackNeverTellsOfIsNotCarriedOut(t *testing.T) {
	inWorld(t, func(w *world) {
		w.gate.Resume()
		slack := w.withSlack()
		v := w.approvedBySlack(slack, gate.Word{Unsure: map[policy.Identity]string{account("ana"): "Slack cannot be reached"}})
		time.Sleep(10 * time.Minute)
		w.is(w.request(v.ID), ledger.Expired, gate.OutcomeDenied)
		w.sent()
	}, withPolicy(approvals(2)))
}

func TestAGroupThatCantBeReadAtTheClaimHoldsItBack(t *testing.T) {
	inWorld(t, func(w *world) {
		w.gate.Resume()
		w.inSlack("T1/BEN")
		slack := w.withSlack()
		v := w.ask(power(policy.Reboot, web))
		w.is(w.approve("ben", v), ledger.Pending, gate.OutcomePending)
		first := true
		w.ballot.Consult(func(ctx context.Context, d gate.Doubt) gate.Word {
			if first { // of the vote
				first = false
				return gate.Word{}
			}
			return slack.witness(ctx, d)
		})
		slack.say(unread)
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		if v = w.request(v.ID); v.State != ledger.Approved || !strings.Contains(v.Message(), "the Slack user group T1/S1 can't be read now") {
			t.Errorf("it is %s: %s", v.State, v.Message())
		}
		slack.say(gate.Word{})
		time.Sleep(10 * time.Second)
		w.is(w.request(v.ID), ledger.Succeeded, gate.OutcomeSucceeded)
		w.sent("POST /servers/12345/reboot/")
	}, withPolicy(seniors))
}

// A witness is asked about those on whom it hangs, and no sooner than it has to be.
func TestSlackIsAskedAboutThoseWhoseWordItIs(t *testing.T) {
	inWorld(t, func(w *world) {
		w.inSlack("T1/BEN")
		slack := w.withSlack()
		v := w.askAs(policy.Actor{Identity: account("ana"), Front: policy.Slack, Channel: "C1"}, power(policy.Reboot, web))
		time.Sleep(time.Minute)
		began := time.Now()
		asked := func(what string, want ...gate.Doubt) {
			t.Helper()
			if got := slack.wasAsked(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: it was asked for %+v, want %+v", what, got, want)
			}
		}
		stale := yes(v)
		stale.Digest = "of something else"
		for _, by := range []gate.Voter{bySlack("ben"), voter("eve")} {
			if _, err := w.ballot.Vote(w.soon(), by, stale); err == nil {
				t.Error("a vote for something else counts")
			}
		}
		asked("a vote that can't count")

		groups := []string{"T1/S1"}
		bens := gate.Doubt{Groups: groups, Accounts: []policy.Identity{account("ben")}, Since: began.Add(-10 * time.Second)}
		if _, err := w.ballot.Vote(w.soon(), bySlack("ben"), yes(v)); err != nil {
			t.Fatal(err)
		}
		asked("a vote in Slack", bens)
		anas := gate.Doubt{Groups: groups, Since: began.Add(-10 * time.Second)}
		claim := gate.Doubt{Groups: groups, Accounts: []policy.Identity{account("ana"), account("ben")}, Since: began.Add(-15 * time.Second)}
		w.is(w.approve("ana", v), ledger.Succeeded, gate.OutcomeAccepted)
		asked("a vote on the page, and the claim", bens, anas, claim)
		if _, err := w.ballot.Vote(w.soon(), bySlack("ben"), yes(v)); err == nil {
			t.Error("a vote counts that comes too late")
		}
		asked("a vote that is too late", bens, anas, claim)
	}, withPolicy(seniors))
}

// Whoever sees a card can press as often as they like: only whom a reading could make
// count has Slack asked.
func TestSlackIsAskedForNoVoteThatCouldNotCount(t *testing.T) {
	owns := voter("ben")
	owns.OwnOnly = true
	for name, c := range map[string]struct {
		group string
		by    gate.Voter
		asked int
	}{
		"who asks, and confirms nothing":   {"T1/S1", voter("ana"), 0},
		"who has no account there":         {"T2/S2", voter("dee"), 0},
		"a sign-in for one's own requests": {"T1/S1", owns, 0},
		"who is in it":                     {"T1/S1", voter("ben"), 1},
		"who may have joined it since":     {"T1/S1", voter("dee"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.pol.Store(w.pol.Load().WithUsergroups(map[string][]string{"T1/S1": {"T1/BEN"}}))
				v := w.ask(power(policy.Reboot, web))
				w.is(v, ledger.Pending, gate.OutcomePending)
				slack := w.withSlack()
				slack.say(unread)
				if _, err := w.ballot.Vote(w.soon(), c.by, yes(v)); err == nil {
					t.Error("it counts")
				}
				if n := len(slack.wasAsked()); n != c.asked {
					t.Errorf("Slack was asked %d times, want %d", n, c.asked)
				}
			}, withPolicy(func(d *policy.Document) {
				d.Groups["seniors"] = policy.Group{SlackUsergroups: []string{c.group}}
				d.People["eve"] = policy.Person{Slack: []string{"T2/EVE"}}
				d.Guards = append(d.Guards[1:], policy.Guard{ID: "senior", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: 1, From: "seniors"}})
			}))
		})
	}
}

func TestWhoseGroupCantBeReadYetIsToldWhenToPressAgain(t *testing.T) {
	for want, wait := range map[string]time.Duration{
		"try again in a minute":   0,
		"try again in 42 seconds": 42 * time.Second, "try again in 43 seconds": 42*time.Second + time.Millisecond,
		"try again in 1 second": time.Millisecond, "try again in 1 minute": time.Minute, "try again in 10 minutes": 9*time.Minute + time.Second,
	} {
		inWorld(t, func(w *world) {
			w.inSlack("T1/BEN")
			slack := w.withSlack()
			v := w.ask(power(policy.Reboot, web))
			slack.say(gate.Word{Unread: unread.Unread, Wait: wait})
			if _, err := w.ballot.Vote(w.soon(), voter("ben"), yes(v)); err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("it is told %v, want %q", err, want)
			}
		}, withPolicy(seniors))
	}
}

// What can't be read holds up nothing that it does not decide.
func TestAGroupThatCantBeReadHoldsUpNothingThatHasItsVotesWithoutIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.inSlack("T1/BEN")
		slack := w.withSlack()
		slack.say(unread)
		v := w.ask(power(policy.Reboot, web))
		w.is(w.approve("cy", v), ledger.Pending, gate.OutcomePending) // whom the policy lists
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		w.is(w.request(v.ID), ledger.Succeeded, gate.OutcomeSucceeded)
	}, withPolicy(seniorsOrCy))
}

// Slack takes few questions: none is about what is not carried out here.
func TestSlackIsNotAskedAtAClaimThatIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		account   func(w *world) gate.Account // of the process where the last vote is given
		meanwhile func(w *world, v gate.View)
	}{
		"another account's": {
			func(w *world) gate.Account {
				return w.newAccount("other", "account-2", sandbox.New(sandbox.Options{Token: canary, Email: "other@example.com"}))
			},
			func(*world, gate.View) {},
		},
		"taken back": {
			func(w *world) gate.Account { return w.account },
			func(w *world, v gate.View) {
				if _, err := w.desk.Cancel(w.soon(), actor("ana"), v.ID); err != nil {
					w.Fatal(err)
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := &pausing{Ledger: ledger.NewMemory(), after: "state"}
			inWorld(t, func(w *world) {
				v := w.halfApproved()
				counts := w.newGate(c.account(w))
				slack := &slackSide{}
				counts.Ballot().Consult(slack.witness)
				l.sleep = func() { l.sleep = func() {}; c.meanwhile(w, v) }
				if _, err := counts.Ballot().Vote(w.soon(), voter("ana"), yes(v)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Second)
				if n := len(slack.wasAsked()); n != 1 {
					t.Errorf("Slack was asked %d times, and not for the vote alone", n)
				}
				w.sent()
			}, withPolicy(seniors), withLedger(l))
		})
	}
}

// A policy that comes into force while Slack is asked at the claim is no way around.
func TestSlackIsAskedAboutWhatAPolicyOfMeanwhileWants(t *testing.T) {
	inWorld(t, func(w *world) {
		w.gate.Resume()
		v := w.approve("ben", w.ask(power(policy.Reboot, web)))
		slack := w.withSlack()
		w.ballot.Consult(func(ctx context.Context, d gate.Doubt) gate.Word {
			if word := slack.witness(ctx, d); slices.Contains(d.Groups, "T1/S1") {
				return word
			}
			w.setPolicy(seniors)
			w.inSlack("T1/BEN") // as it was minutes ago
			return gate.Word{}
		})
		slack.say(unread)
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if v = w.request(v.ID); v.State != ledger.Approved {
			t.Errorf("it is %s: %s", v.State, v.Message())
		}
		w.sent()
		slack.say(gate.Word{})
		time.Sleep(20 * time.Second)
		w.is(w.request(v.ID), ledger.Succeeded, gate.OutcomeSucceeded)
	}, withPolicy(func(d *policy.Document) {
		seniors(d)
		d.Groups["seniors"] = policy.Group{People: []string{"ben", "cy"}, SlackUsergroups: []string{"T1/S0"}}
	}))
}

// steps is a ledger in which others write: after one kind of audit row, and before the
// write that comes next.
type steps struct {
	ledger.Ledger
	after        string
	first, later func()
	next         atomic.Bool
}

func (s *steps) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	if s.next.CompareAndSwap(true, false) {
		s.later()
	}
	wrote := false
	err := s.Ledger.Write(ctx, func(tx ledger.Tx) error {
		return fn(&heardTx{tx, func(e ledger.Event) { wrote = wrote || e.Kind == s.after }})
	})
	if wrote && err == nil && s.first != nil {
		s.first()
		s.first = nil
		s.next.Store(true)
	}
	return err
}

// Sent back by one process, and approved anew in another between a claim's look, when
// there was nothing to ask, and the claim.
func TestNoClaimOfWhomSlackWasNotAskedAbout(t *testing.T) {
	l := &steps{Ledger: ledger.NewMemory(), after: "state"}
	inWorld(t, func(w *world) {
		w.gate.Resume()
		slack := w.withSlack()
		v := w.askAs(policy.Actor{Identity: account("ana"), Front: policy.Slack, Channel: "C1"}, power(policy.Reboot, web))
		to := func(state ledger.State) func() {
			return func() {
				err := l.Ledger.Write(w.soon(), func(tx ledger.Tx) error {
					r, err := tx.Request(v.ID)
					if err != nil {
						return err
					}
					r.State = state
					_, err = tx.Update(r)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		}
		l.first, l.later = to(ledger.Pending), to(ledger.Approved)
		slack.say(gate.Word{Unfit: map[policy.Identity]string{account("ana"): "This account is deactivated."}})
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		w.is(w.request(v.ID), ledger.Denied, gate.OutcomeDenied)
		w.sent()
	}, withLedger(l))
}
