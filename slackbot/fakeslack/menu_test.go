package fakeslack_test

import (
	"fmt"
	"testing"

	"github.com/slack-go/slack"

	"vpsops/slackbot/fakeslack"
)

func option(text, value string) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(value, plain(text), nil)
}

// menus is an App Home with a menu of the app's, one of Slack's own, and an
// overflow.
func menus() slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewActionBlock("menus",
			slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, plain("Server"), "server"),
			slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Status"), "status", option("Active", "a"), option("Stopped", "s")),
			slack.NewOverflowBlockElement("more", option("Reboot", "r")),
		),
	}}}
}

func TestChoosingFromMenus(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	var chosen []string
	(&app{onAction: func(c slack.InteractionCallback) any {
		if c.Type == slack.InteractionTypeBlockSuggestion {
			return slack.OptionsResponse{Options: []*slack.OptionBlockObject{option(c.Value+"-01", "1"), option(c.Value+"-02", "2")}}
		}
		did := c.ActionCallback.BlockActions[0]
		chosen = append(chosen, did.ActionID+"="+did.SelectedOption.Value)
		if did.ActionID == "status" && c.View.State.Values["menus"]["status"].SelectedOption.Value != did.SelectedOption.Value {
			t.Error("the view's state doesn't hold what was chosen")
		}
		return nil
	}}).serve(t, s)
	if _, err := api.PublishView(ana, menus(), ""); err != nil {
		t.Fatal(err)
	}
	ana := s.As(t, ana)
	home := ana.AwaitsHome("Server")
	if got := fmt.Sprint(ana.Searches(home, "server", "web").Options); got != "[{web-01 1} {web-02 2}]" {
		t.Error(got)
	}
	ana.Chooses(home, "server", "2")
	ana.Chooses(home, "status", "Stopped")
	ana.Chooses(home, "more", "r")
	if got := fmt.Sprint(chosen); got != "[server=2 status=s more=r]" {
		t.Error(got)
	}
}

func TestAMenuThatIsAnsweredWronglyOffersNothing(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	(&app{onAction: func(slack.InteractionCallback) any { return map[string]any{"options": "none"} }}).serve(t, s)
	if _, err := api.PublishView(ana, menus(), ""); err != nil {
		t.Fatal(err)
	}
	ana := s.As(t, ana)
	if o := ana.Searches(ana.AwaitsHome("Server"), "server", "web"); o.Error != fakeslack.Trouble || len(o.Options) != 0 {
		t.Errorf("%+v", o)
	}
}

func TestTypingIsToldWhereTheBlockDispatches(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	var told []string
	api := opener(t, s, func(c slack.InteractionCallback) any {
		told = append(told, c.ActionCallback.BlockActions[0].Value)
		return nil
	})
	ana := s.As(t, ana)
	ana.Types(ops, "/vps create")
	modal := ana.AwaitsModal("A new server")
	ana.Enters(modal, "name", "quiet")

	loud := form("A new server")
	loud.Blocks.BlockSet[0].(*slack.InputBlock).DispatchAction = true
	if _, err := api.UpdateView(loud, "", "", modal.ID); err != nil {
		t.Fatal(err)
	}
	modal, _ = ana.Modal()
	ana.Enters(modal, "name", "loud")
	if got := fmt.Sprint(told); got != "[loud]" {
		t.Error(got)
	}
}

func TestAHomeIsGuardedByItsHash(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	first, err := api.PublishView(ana, menus(), "")
	wantCode(t, err, "")
	_, err = api.PublishView(ana, menus(), first.Hash)
	wantCode(t, err, "")
	_, err = api.PublishView(ana, menus(), first.Hash)
	wantCode(t, err, "hash_conflict")
	_, err = api.PublishView("UNOBODY", menus(), "")
	wantCode(t, err, "user_not_found")
}

func TestClosingIsToldWhereTheModalAsksForIt(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	var told []slack.InteractionCallback
	opener(t, s, func(c slack.InteractionCallback) any { told = append(told, c); return nil })
	ana := s.As(t, ana)
	ana.Types(ops, "/vps create")
	ana.Closes(ana.AwaitsModal("A new server"))
	ana.Types(ops, "/vps create")
	ana.ClosesAll(ana.AwaitsModal("A new server"))
	if len(told) != 2 || told[0].Type != slack.InteractionTypeViewClosed || told[0].IsCleared || !told[1].IsCleared {
		t.Errorf("%+v", told)
	}
}

func TestAConfirmationCanBeDeclined(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	pressed := 0
	(&app{onAction: func(slack.InteractionCallback) any { pressed++; return nil }}).serve(t, s)
	sure := button("delete", "v", "Delete").WithConfirm(slack.NewConfirmationBlockObject(plain("Delete?"), plain("It is gone."), plain("Yes"), plain("No")))
	if _, _, err := api.PostMessage(ops, slack.MsgOptionBlocks(slack.NewActionBlock("", sure))); err != nil {
		t.Fatal(err)
	}
	ana := s.As(t, ana)
	m := ana.AwaitsText(ops, "Delete")
	ana.Presses(m, "delete", fakeslack.Declining())
	ana.Presses(m, "delete")
	if pressed != 1 {
		t.Errorf("delivered %d times", pressed)
	}
}

// What was typed comes as should_escape has it.
func TestCommandsAreEscaped(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	var got string
	(&app{onCommand: func(c slack.SlashCommand) any { got = c.Text; return nil }}).serve(t, s)
	for typed, want := range map[string]string{
		"show web-01":                 "show web-01",
		"freeze person:@ben":          "freeze person:<@UBEN|ben>",
		"list in #ops":                "list in <#COPS|ops>",
		"show web01.example.com":      "show <http://web01.example.com|web01.example.com>",
		"show https://x.test/a?b=1&c": "show <https://x.test/a?b=1&amp;c>",
		"because a < b":               "because a &lt; b",
		"ask @nobody":                 "ask @nobody",
	} {
		s.As(t, ana).Types(ops, "/vps "+typed)
		if got != want {
			t.Errorf("%q came as %q, want %q", typed, got, want)
		}
	}
}
