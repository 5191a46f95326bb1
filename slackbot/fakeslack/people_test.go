package fakeslack_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	"vpsops/slackbot/fakeslack"
)

// What a click says of who clicked is what an app judges by.
func TestClicksOfThoseWhoShouldNot(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	s.AddUser(
		fakeslack.User{ID: "USTRANGER", Name: "ana", Team: "T0OTHER"}, // an approver's name
		fakeslack.User{ID: "UBOT", Bot: true}, fakeslack.User{ID: "UFLOW", Workflow: true},
	)
	s.EditChannel(ops, func(c *fakeslack.Channel) { c.ExtShared = true })
	s.Invite(ops, "USTRANGER", "UBOT", "UFLOW")
	var got slack.InteractionCallback
	(&app{onAction: func(c slack.InteractionCallback) any { got = c; return nil }}).serve(t, s)
	if _, _, err := api.PostMessage(ops, card("Reboot?")); err != nil {
		t.Fatal(err)
	}
	for id, team := range map[string]string{"USTRANGER": "T0OTHER", "UBOT": s.Team().ID, "UFLOW": s.Team().ID} {
		somebody := s.As(t, id)
		somebody.Presses(somebody.AwaitsText(ops, "Reboot?"), "approve")
		if got.User.ID != id || got.User.TeamID != team || got.Team.ID != s.Team().ID {
			t.Errorf("%s: user %s of %s in team %s", id, got.User.ID, got.User.TeamID, got.Team.ID)
		}
	}
}

func TestManyPressAtOnce(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	var pressed atomic.Int32
	(&app{onAction: func(slack.InteractionCallback) any { pressed.Add(1); return nil }}).serve(t, s)
	if _, _, err := api.PostMessage(ops, card("Reboot?")); err != nil {
		t.Fatal(err)
	}
	shown := s.As(t, ana).AwaitsText(ops, "Reboot?")
	var all sync.WaitGroup
	for i := range 32 {
		id := fmt.Sprint("U", i)
		s.AddUser(fakeslack.User{ID: id})
		all.Go(func() {
			if o := s.As(t, id).Presses(shown, "approve"); !o.Acknowledged {
				t.Errorf("%s: %+v", id, o)
			}
		})
	}
	all.Wait()
	if n := pressed.Load(); n != 32 {
		t.Errorf("%d presses came", n)
	}
}

// What a person can't do fails the test that has them do it.
func TestWhatAPersonCannotDo(t *testing.T) {
	s := workspace(t, fakeslack.Options{Patience: time.Millisecond})
	api := client(t, s)
	s.AddUser(fakeslack.User{ID: "UCY"})
	if _, err := api.PostEphemeral(ops, ana, card("Only ana")); err != nil {
		t.Fatal(err)
	}
	private := s.As(t, ana).Sees(ops)[0]
	s.AddChannel(fakeslack.Channel{ID: "CPRIVATE", Private: true, Members: []string{ana, s.App().BotUser}})
	if _, _, err := api.PostMessage("CPRIVATE", card("Few see it")); err != nil {
		t.Fatal(err)
	}
	closed := s.Messages("CPRIVATE")[0]
	for name, do := range map[string]func(fakeslack.T){
		"be nobody":                        func(t fakeslack.T) { s.As(t, "UNOBODY") },
		"type where they aren't":           func(t fakeslack.T) { s.As(t, "UCY").Types(ops, "/vps list") },
		"type where nothing is":            func(t fakeslack.T) { s.As(t, ana).Types("CNONE", "/vps list") },
		"press what isn't there":           func(t fakeslack.T) { s.As(t, ana).Presses(private, "explode") },
		"press what another sees":          func(t fakeslack.T) { s.As(t, ben).Presses(private, "approve") },
		"press in a private channel":       func(t fakeslack.T) { s.As(t, ben).Presses(closed, "approve") },
		"send a form that isn't open":      func(t fakeslack.T) { s.As(t, ana).Submits(fakeslack.View{ID: "V0"}, nil) },
		"wait for what doesn't come":       func(t fakeslack.T) { s.As(t, ana).AwaitsText(ops, "what doesn't come") },
		"wait for a modal that isn't open": func(t fakeslack.T) { s.As(t, ana).AwaitsModal("nothing") },
	} {
		if said := failure(t, do); said == "" {
			t.Errorf("a person can %s", name)
		}
	}
}

// failing is a test that remembers why it failed, and stops there.
type failing struct {
	*testing.T
	why string
}

func (f *failing) Fatalf(format string, args ...any) {
	f.why = fmt.Sprintf(format, args...)
	panic(f)
}

func failure(t *testing.T, do func(fakeslack.T)) string {
	t.Helper()
	f := &failing{T: t}
	func() {
		defer func() {
			if p := recover(); p != nil && p != any(f) {
				panic(p)
			}
		}()
		do(f)
	}()
	return f.why
}

func TestACommandAnsweredWithNonsenseIsSaidSo(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	(&app{onCommand: func(slack.SlashCommand) any { return map[string]any{"blocks": []any{map[string]any{"type": "blink"}}} }}).serve(t, s)
	if o := s.As(t, ana).Types(ops, "/vps list"); o.Error != fakeslack.InvalidResponse || o.Detail == "" {
		t.Errorf("%+v", o)
	}
}

func TestWhatWasChosenInAMessageStays(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	var got string
	(&app{onAction: func(c slack.InteractionCallback) any {
		got = c.BlockActionState.Values["row"]["status"].SelectedOption.Value
		return nil
	}}).serve(t, s)
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Status"), "status", option("Active", "a"), option("Stopped", "s"))
	if _, _, err := api.PostMessage(ops, slack.MsgOptionBlocks(slack.NewActionBlock("row", menu, button("go", "v", "Go")))); err != nil {
		t.Fatal(err)
	}
	ana := s.As(t, ana)
	m := ana.AwaitsText(ops, "Go")
	ana.Chooses(m, "status", "s")
	ana.Presses(m, "go")
	if got != "s" {
		t.Errorf("the press came with %q chosen", got)
	}
}

func TestUserGroupsAreSlow(t *testing.T) {
	s := workspace(t, fakeslack.Options{Pace: true})
	api := client(t, s)
	s.AddUserGroup(fakeslack.UserGroup{ID: "SSRE"})
	var err error
	for range 21 {
		_, err = api.GetUserGroupMembers("SSRE")
	}
	var limited *slack.RateLimitedError
	if !errors.As(err, &limited) || limited.RetryAfter < 50*time.Second {
		t.Errorf("%v", err)
	}
	if last := s.Calls()[20]; last.Status != http.StatusTooManyRequests || last.Error != "ratelimited" || last.Done {
		t.Errorf("%+v", last)
	}
}

func TestAHeaderOfTheTestsOwn(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	var kind string
	s.DeliverToHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { kind = r.Header.Get("Content-Type") }))
	s.As(t, ana).Types(ops, "/vps list", fakeslack.WithHeader("Content-Type", "text/plain"))
	if kind != "text/plain" {
		t.Error(kind)
	}
}

func TestADialThatFails(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	s.Misbehave(fakeslack.Fault{Kind: fakeslack.ServerError, Method: "link", Times: 1})
	_, address, err := client(t, s).StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{http.StatusInternalServerError, http.StatusSwitchingProtocols, http.StatusForbidden} {
		c, resp, _ := (&websocket.Dialer{NetDialContext: s.DialContext}).Dial(address, nil)
		if resp.StatusCode != want {
			t.Errorf("dial %d: %s", i, resp.Status)
		}
		resp.Body.Close()
		if c != nil {
			c.Close()
		}
	}
}

func TestTheLogCanBeForgotten(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	for range 3 {
		if _, _, err := api.PostMessage(ops, slack.MsgOptionText("hi", false)); err != nil {
			t.Fatal(err)
		}
		s.Forget()
	}
	if _, err := api.AuthTest(); err != nil {
		t.Fatal(err)
	}
	calls := s.Calls()
	if len(calls) != 1 || calls[0].Method != "auth.test" || !calls[0].Done || len(s.Messages(ops)) != 3 {
		t.Errorf("%+v", calls)
	}
}
