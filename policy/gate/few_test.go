package gate_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// What not enough people could approve would wait for nothing.
func TestAnAskThatNotEnoughCouldApproveIsRefused(t *testing.T) {
	of := func(n int) func(*policy.Document) {
		return func(d *policy.Document) { seniors(d); d.Guards[2].Require.Approve = n }
	}
	for name, c := range map[string]struct {
		members []string
		of      int
		says    string // "" where it is asked
	}{
		"one could":          {[]string{"T1/BEN"}, 1, ""},
		"the asker and one":  {[]string{"T1/ANA", "T1/BEN"}, 1, ""},
		"nobody is in it":    {nil, 1, "1 of seniors must approve this (rule senior), and nobody is in it"},
		"nobody listed is":   {[]string{"T1/EVE"}, 1, "nobody is in it"},
		"the asker is alone": {[]string{"T1/ANA"}, 1, "nobody is in it but ana, who asks"},
		"one of two":         {[]string{"T1/ANA", "T1/BEN"}, 2, "2 of seniors must approve this (rule senior), and only ben could"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.inSlack(c.members...)
				w.withSlack()
				v := w.ask(power(policy.Reboot, web))
				if c.says == "" {
					w.is(v, ledger.Pending, gate.OutcomePending)
					return
				}
				w.is(v, ledger.Denied, gate.OutcomeDenied)
				if got := v.Message(); !strings.Contains(got, c.says) || !strings.Contains(got, "too-few-approvers") {
					t.Errorf("it is told as %q", got)
				}
				w.audited(v.ID, "ask")
			}, withPolicy(of(c.of)))
		})
	}
}

// Who has no account to vote by, such as who has tokens alone, is no approver.
func TestAnAskThatOnlyPeopleWithoutAccountsCouldApproveIsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.is(v, ledger.Denied, gate.OutcomeDenied)
		if got := v.Message(); !strings.Contains(got, "1 of clerks must approve this (rule clerk), and nobody else in it has an account to vote by") {
			t.Errorf("it is told as %q", got)
		}
	}, withPolicy(func(d *policy.Document) {
		d.People["bot"] = policy.Person{Tokens: []policy.Token{{ID: "bot", SHA256: strings.Repeat("b", 64)}}}
		d.Groups["clerks"] = policy.Group{People: []string{"ana", "bot"}}
		d.Guards = append(d.Guards, policy.Guard{ID: "clerk", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: 1, From: "clerks"}})
	}))
}

// A group that this process can't read is not an empty one: a vote may come by
// another that does. The words say why nobody is named.
func TestAGroupThatIsNotReadHereIsNotTakenForEmpty(t *testing.T) {
	for name, c := range map[string]struct {
		now  func(w *world)
		says string
	}{
		"no Slack":        {func(*world) {}, "who is in seniors isn't known: its Slack user group can't be read here (vpsops serve with Slack reads it)"},
		"Slack is silent": {(*world).outOfSlack, "who is in seniors isn't known: its Slack user group can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				c.now(w)
				v := w.ask(power(policy.Reboot, web))
				w.is(v, ledger.Pending, gate.OutcomePending)
				if got := v.Message(); !strings.Contains(got, "1 of seniors must approve ("+c.says+")") {
					t.Errorf("it is told as %q", got)
				}
			}, withPolicy(seniors))
		})
	}
}

// askedOfSeniors makes a reboot and a create want a senior's approval, and every stop
// but the first of an hour.
func askedOfSeniors(d *policy.Document) {
	seniors(d)
	d.Guards[2].Actions = []policy.Action{policy.Reboot, policy.Create}
	d.Budgets = append(d.Budgets, policy.Budget{
		ID: "stops", Actions: []policy.Action{policy.Stop}, Max: 1, Per: time.Hour,
		Over: &policy.Require{Approve: 1, From: "seniors"},
	})
}

// That nobody could approve is certain only where Slack said so for this very ask,
// whatever it is that wants the approval.
func TestThatTooFewCouldApproveIsCertainOnceSlackHasSaidSo(t *testing.T) {
	for what, ask := range map[string]func(w *world) gate.View{
		"a server":     func(w *world) gate.View { return w.ask(power(policy.Reboot, web)) },
		"a new server": func(w *world) gate.View { return w.ask(creation("newone")) },
		"over a budget": func(w *world) gate.View {
			w.is(w.approve("ana", w.ask(power(policy.Stop, web))), ledger.Succeeded, gate.OutcomeAccepted)
			return w.ask(power(policy.Stop, db))
		},
	} {
		for how, c := range map[string]struct {
			joins []string
			word  gate.Word
			want  ledger.State
		}{
			"somebody has joined":  {[]string{"T1/BEN"}, gate.Word{}, ledger.Pending},
			"nobody has":           {nil, gate.Word{}, ledger.Denied},
			"it can't be read now": {nil, unread, ledger.Pending},
		} {
			t.Run(what+", "+how, func(t *testing.T) {
				inWorld(t, func(w *world) {
					w.inSlack() // as it was minutes ago
					began := time.Now()
					w.ballot.Consult(func(_ context.Context, d gate.Doubt) gate.Word {
						if len(d.Groups) == 0 || d.Since.Before(began) {
							return gate.Word{}
						}
						w.inSlack(c.joins...)
						return c.word
					})
					if v := ask(w); v.State != c.want || c.want == ledger.Denied && !strings.Contains(v.Message(), "too-few-approvers") {
						t.Errorf("it is %s, told as %q", v.State, v.Message())
					}
				}, withPolicy(askedOfSeniors))
			})
		}
	}
}

// Nobody is there to ask Slack anew.
func TestWithoutAWordOfSlacksNothingIsRefusedForTooFew(t *testing.T) {
	inWorld(t, func(w *world) {
		w.inSlack()
		w.is(w.ask(power(policy.Reboot, web)), ledger.Pending, gate.OutcomePending)
	}, withPolicy(seniors))
}

// It is read since the ask began, and only where too few could by what is known.
func TestAGroupIsReadForAnAskThatTooFewCouldApprove(t *testing.T) {
	for name, c := range map[string]struct {
		members []string
		asked   int
	}{"nobody": {nil, 1}, "somebody": {[]string{"T1/BEN"}, 0}} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.inSlack(c.members...)
				slack := w.withSlack()
				began := time.Now()
				w.ask(power(policy.Reboot, web))
				asked := slack.wasAsked()
				if len(asked) != c.asked {
					t.Fatalf("it asked for %+v", asked)
				}
				for _, d := range asked {
					if !slices.Equal(d.Groups, []string{"T1/S1"}) || d.Since.Before(began) {
						t.Errorf("it asked for %+v", d)
					}
				}
			}, withPolicy(seniors))
		})
	}
}

// Who leaves later leaves a request that says so.
func TestARequestThatNotEnoughCouldApproveAnyMoreSaysWhy(t *testing.T) {
	inWorld(t, func(w *world) {
		w.inSlack("T1/ANA", "T1/BEN")
		v := w.ask(power(policy.Reboot, web))
		w.inSlack("T1/ANA")
		if got := w.request(v.ID).Message(); !strings.Contains(got, "1 of seniors must approve (nobody is in it but ana, who asks)") {
			t.Errorf("it is told as %q", got)
		}
	}, withPolicy(seniors))
}

// What isn't known of one group does not hide what is certain of another.
func TestAGroupThatCantBeReadHidesNoOtherThatIsTooSmall(t *testing.T) {
	inWorld(t, func(w *world) {
		w.inSlack() // of the juniors nothing is known
		w.withSlack().say(gate.Word{Unread: map[string]string{"T1/S0": "Slack cannot be reached"}})
		v := w.ask(power(policy.Reboot, web))
		w.is(v, ledger.Denied, gate.OutcomeDenied)
		if got := v.Message(); !strings.Contains(got, "1 of seniors must approve this (rule senior), and nobody is in it") || strings.Contains(got, "of juniors") {
			t.Errorf("it is told as %q", got)
		}
	}, withPolicy(func(d *policy.Document) {
		seniors(d)
		d.Groups["juniors"] = policy.Group{SlackUsergroups: []string{"T1/S0"}}
		d.Guards = append(d.Guards, policy.Guard{ID: "junior", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: 1, From: "juniors"}})
	}))
}
