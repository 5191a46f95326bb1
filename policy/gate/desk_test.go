package gate_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

func TestWhatADeskTells(t *testing.T) {
	inWorld(t, func(w *world) {
		if got := w.desk.Accounts(); !slices.Equal(got, []string{"main"}) {
			t.Errorf("the accounts are %q", got)
		}
		if got := w.desk.Person(actor("ana")); got != "ana" {
			t.Errorf("ana is %q", got)
		}
		if got := w.ballot.PersonOf(identity("eve")); got != "" {
			t.Errorf("eve is %q", got)
		}
		if w.desk.ReadOnly() {
			t.Error("it says that it is read-only")
		}
		if s, err := w.desk.Source("main"); err != nil || s.Account != "main" || s.Reader == nil || s.Finder == nil {
			t.Errorf("the source is %+v, %v", s, err)
		}
		var none *gate.NoAccountError
		if _, err := w.desk.Source("other"); !errors.As(err, &none) || !strings.Contains(err.Error(), "main") {
			t.Errorf("another source: %v", err)
		}
	})
}

// A request whose time ended while no process ran is not listed as waiting by the next,
// which may look and end again before it sweeps, as a console does.
func TestWhatExpiredWhileNobodyRanIsListedSo(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.close(w.gate)
		time.Sleep(10 * 24 * time.Hour)
		own, err := w.newGate(w.account).Desk().Own(w.soon(), actor("ana"), 5)
		if err != nil || len(own) != 1 || own[0].ID != v.ID {
			t.Fatalf("%d are listed: %v", len(own), err)
		}
		w.is(own[0], ledger.Expired, gate.OutcomeDenied)
	})
}

func TestWhatAnActorMayDo(t *testing.T) {
	inWorld(t, func(w *world) {
		may := w.desk.May(actor("ana"))
		for action, want := range map[policy.Action]policy.Effect{
			policy.List: policy.Allow, policy.Start: policy.Allow, policy.Stop: policy.Confirm, policy.Delete: policy.Confirm, policy.Reboot: policy.Confirm,
		} {
			if d, ok := may[action]; !ok || d.Effect != want {
				t.Errorf("%s: %s, %t", action, d.Effect, ok)
			}
		}
		if _, ok := may[policy.Update]; ok {
			t.Error("what is denied everywhere is offered")
		}
		if may := w.desk.May(actor("dee")); len(may) != 0 {
			t.Errorf("dee may %v", may)
		}
		closed := w.newGate(w.account, readOnly)
		readOnly := closed.Desk().May(actor("ana"))
		for action := range readOnly {
			if action.ChangesServer() {
				t.Errorf("read-only offers %s", action)
			}
		}
		if _, ok := readOnly[policy.List]; !ok {
			t.Error("read-only keeps people from looking")
		}
	}, withPolicy(func(d *policy.Document) {
		d.ServerSets = map[string][]policy.ServerMatch{"web": {{Name: []string{"web-*"}}}}
		d.Guards = append(d.Guards,
			policy.Guard{ID: "no-web", Actions: []policy.Action{policy.Reboot}, Servers: []string{"web"}, Deny: "not these"},
			policy.Guard{ID: "no-update", Actions: []policy.Action{policy.Update}, Deny: "never"})
	}))
}

func TestAReadIsDeniedByServer(t *testing.T) {
	inWorld(t, func(w *world) {
		source, err := w.desk.Source("")
		if err != nil {
			t.Fatal(err)
		}
		for id, denied := range map[int64]bool{web: true, db: false} {
			server, err := source.Reader.GetServer(w.soon(), vpsapi.NumberID(id))
			if err != nil {
				t.Fatal(err)
			}
			var no *gate.DeniedError
			if err := w.desk.MayRead(actor("ana"), policy.Get, "main", &server); errors.As(err, &no) != denied {
				t.Errorf("%s: %v", server.Name, err)
			}
		}
	}, withPolicy(func(d *policy.Document) {
		d.ServerSets = map[string][]policy.ServerMatch{"web": {{Name: []string{"web-*"}}}}
		d.Guards = append(d.Guards, policy.Guard{ID: "secret", Actions: []policy.Action{policy.Get}, Servers: []string{"web"}, Deny: "not to be seen"})
	}))
}

func TestSignIn(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := w.soon()
		session := func(hash string) ledger.Session {
			return ledger.Session{IDHash: hash, Person: "ana", Identity: identity("ana"), OwnOnly: true, Factor: policy.PersonFactor, Created: w.gate.Now(), Expires: w.gate.Now().Add(time.Hour)}
		}
		expires := w.gate.Now().Add(time.Minute)
		if err := w.ballot.SignIn(ctx, session("h1"), "code", expires); err != nil {
			t.Fatal(err)
		}
		if err := w.ballot.SignIn(ctx, session("h2"), "code", expires); !errors.Is(err, ledger.ErrSpent) {
			t.Errorf("the code a second time: %v", err)
		}
		if _, err := w.ballot.SignedIn(ctx, "h2"); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("a sign-in that was refused: %v", err)
		}
		if s, err := w.ballot.SignedIn(ctx, "h1"); err != nil || s.Person != "ana" || !s.OwnOnly {
			t.Errorf("got %+v, %v", s, err)
		}
		for i, hash := range []string{"h3", "h4"} {
			if err := w.ballot.SignIn(ctx, session(hash), string(rune('a'+i)), expires); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.ballot.SignOut(ctx, session("h1"), false); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ballot.SignedIn(ctx, "h3"); err != nil {
			t.Errorf("another sign-in of hers: %v", err)
		}
		if err := w.ballot.SignOut(ctx, session("h3"), true); err != nil {
			t.Fatal(err)
		}
		for _, hash := range []string{"h1", "h3", "h4"} {
			if _, err := w.ballot.SignedIn(ctx, hash); !errors.Is(err, ledger.ErrNotFound) {
				t.Errorf("%s after the sign-out: %v", hash, err)
			}
		}
		if err := w.ballot.SignInRefused(ctx, "an old code"); err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, e := range w.events() {
			kinds = append(kinds, e.Kind)
		}
		if want := []string{"sign-in", "sign-in", "sign-in", "sign-out", "sign-out", "sign-in-refused"}; !slices.Equal(kinds, want) {
			t.Errorf("the audit rows are %q, want %q", kinds, want)
		}
	})
}

func TestASignInExpires(t *testing.T) {
	inWorld(t, func(w *world) {
		s := ledger.Session{IDHash: "h", Person: "ana", Created: w.gate.Now(), Expires: w.gate.Now().Add(time.Hour)}
		if err := w.ballot.SignIn(w.soon(), s, "code", s.Expires); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if _, err := w.ballot.SignedIn(context.Background(), "h"); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// An API that repeats the token in its errors gives it away to nobody: every
// world looks for it at its end.
func TestAnErrorThatRepeatsTheToken(t *testing.T) {
	for _, status := range []int{400, 500} {
		inWorld(t, func(w *world) {
			body := `{"detail": "Bearer ` + canary + ` is not allowed", "` + canary + `": ["` + canary + `"]}`
			w.faults(sandbox.Fault{Match: sandbox.Match{Method: "POST"}, Kind: sandbox.KindStatus, Status: status, Body: body})
			v := w.approve("ana", w.ask(power(policy.Reboot, web)))
			if v.State != ledger.Failed && v.State != ledger.Unknown {
				t.Errorf("it is %s", v.State)
			}
			w.faults(sandbox.Fault{Kind: sandbox.KindStatus, Status: status, Body: body})
			if _, err := w.desk.Ask(w.soon(), actor("ana"), power(policy.Reboot, web)); err == nil || strings.Contains(err.Error(), canary) {
				t.Errorf("an ask: %v", err)
			}
		})
	}
}

func TestMessagesSayWhatToDoNext(t *testing.T) {
	inWorld(t, func(w *world) {
		pending := w.ask(deletion(web, "web-server-01"))
		unknown := w.ask(power(policy.Reboot, db))
		w.lost(true)
		unknown = w.approve("ana", unknown)
		w.faults()
		accepted := w.approve("ana", w.ask(power(policy.Stop, web)))
		for _, tt := range []struct {
			view gate.View
			says []string
		}{
			{pending, []string{"delete web-server-01 (id 12345)", "ana must confirm", "in person", "typing the server's name", "rule delete"}},
			{unknown, []string{"Unknown whether it happened", "look at the server before anybody asks again"}},
			{accepted, []string{"Accepted", "stopping", "get_request"}},
		} {
			for _, want := range tt.says {
				if !strings.Contains(tt.view.Message(), want) {
					t.Errorf("%q does not say %q", tt.view.Message(), want)
				}
			}
		}
		if lines := pending.NeedLines(); len(lines) != 1 {
			t.Errorf("the needs are %q", lines)
		}
	})
}

// What is asked for another account is not carried out here, and says so while it is
// open.
func TestWhatIsCarriedOutElsewhereSaysSo(t *testing.T) {
	inWorld(t, func(w *world) {
		theirs := sandbox.New(sandbox.Options{Token: canary, Email: "other@example.com"})
		other := w.newGate(w.newAccount("other", "account-2", theirs))
		v := w.ask(power(policy.Reboot, web))
		says := func(when string, there bool) {
			t.Helper()
			for of, want := range map[*gate.Gate]bool{other: there, w.gate: false} {
				if seen, err := of.Desk().Request(w.soon(), onPage("ana"), v.ID); err != nil || seen.Elsewhere != want {
					t.Errorf("%s: told to be elsewhere is %t, want %t (%v)", when, seen.Elsewhere, want, err)
				}
			}
		}
		says("pending", true)
		if _, err := other.Ballot().Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		says("approved", true)
		if _, err := w.desk.Cancel(w.soon(), actor("ana"), v.ID); err != nil {
			t.Fatal(err)
		}
		says("taken back", false)
	})
}

// late answers as an API does, a while after it looked.
func late(api http.Handler, by time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		api.ServeHTTP(answer, r)
		time.Sleep(by)
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

// What was seen before the server arrived, and is told after, undoes nothing.
func TestASlowLookUndoesNoArrival(t *testing.T) {
	inWorld(t, func(w *world) {
		slow := w.newGate(w.newAccount("main", "account-1", late(w.sandbox, 5*time.Second))).Desk()
		v := w.approve("ana", w.ask(power(policy.Reboot, web)))
		w.is(v, ledger.Succeeded, gate.OutcomeAccepted)
		done := make(chan gate.View, 1)
		go func() {
			seen, err := slow.Request(w.soon(), onPage("ana"), v.ID)
			if err != nil {
				t.Error(err)
			}
			done <- seen
		}()
		time.Sleep(time.Second)
		w.edit(web, func(s *sandbox.Server) { s.Status = sandbox.StatusActive })
		v = w.request(v.ID)
		w.is(v, ledger.Succeeded, gate.OutcomeSucceeded)
		after := <-done
		w.is(after, ledger.Succeeded, gate.OutcomeSucceeded)
		if !after.SettledAt.Equal(v.SettledAt) || after.ServerStatus != v.ServerStatus {
			t.Errorf("it is %s since %s, and was %s since %s", after.ServerStatus, after.SettledAt, v.ServerStatus, v.SettledAt)
		}
	})
}
