package card_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"vpsops/policy"
	"vpsops/slackbot/card"
	"vpsops/slackbot/command"
	"vpsops/slackbot/command/runner"
	"vpsops/vpsapi"
)

// submitted is a form as it comes back from Slack: with what it was filled in
// with, but for what is typed or chosen, by block id.
func submitted(t *testing.T, m slack.ModalViewRequest, typed map[string]string) slack.View {
	t.Helper()
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var v slack.View
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	v.State = &slack.ViewState{Values: map[string]map[string]slack.BlockAction{}}
	for _, b := range v.Blocks.BlockSet {
		in, is := b.(*slack.InputBlock)
		if !is {
			continue
		}
		var a slack.BlockAction
		value, given := typed[in.BlockID]
		switch e := in.Element.(type) {
		case *slack.PlainTextInputBlockElement:
			if a.Value = e.InitialValue; given {
				a.Value = value
			}
		case *slack.SelectBlockElement:
			a.SelectedOption = picked(e.Options, e.InitialOption, value, given)
		case *slack.RadioButtonsBlockElement:
			a.SelectedOption = picked(e.Options, e.InitialOption, value, given)
		case *slack.CheckboxGroupsBlockElement:
			for _, o := range e.InitialOptions {
				a.SelectedOptions = append(a.SelectedOptions, *o)
			}
		}
		v.State.Values[in.BlockID] = map[string]slack.BlockAction{"any": a}
	}
	return v
}

func picked(options []*slack.OptionBlockObject, initial *slack.OptionBlockObject, value string, given bool) slack.OptionBlockObject {
	for _, o := range options {
		if given && o.Value == value {
			return *o
		}
	}
	if initial != nil && !given {
		return *initial
	}
	return slack.OptionBlockObject{}
}

func TestAVoteFormSaysWhatItIsFor(t *testing.T) {
	v := approvals(byAssistant(request(policy.Delete, plainTexts), plainTexts), plainTexts)
	m := writer(0).VoteForm(v, true, true, true)
	if m.CallbackID != card.FormApprove || opened(t, m.PrivateMetadata) != (card.Press{Request: v.ID, Digest: v.Digest}) {
		t.Errorf("it is %s, for %s", m.CallbackID, m.PrivateMetadata)
	}
	raw, _ := json.Marshal(m)
	inOrder(t, string(raw), "for ever", "Delete web-01 for good?", "203.0.113.7", plainTexts.reason, "Type the server's name to show that you mean it: web-01")
	name, reason := card.ReadVote(submitted(t, m, map[string]string{card.FieldTypedName: "web-01 ", card.FieldReason: " it is a replica\n"}).State)
	if name != "web-01 " || reason != "it is a replica" {
		t.Errorf("read %q and %q", name, reason)
	}
	no := writer(0).VoteForm(v, false, false, false)
	if raw, _ := json.Marshal(no); no.CallbackID != card.FormDeny || strings.Contains(string(raw), card.FieldTypedName) {
		t.Errorf("a no asks for a name: %s", raw)
	}
	if name, reason := card.ReadVote(nil); name != "" || reason != "" {
		t.Error("nothing was said, and something read")
	}
}

func TestAVoteFormWarnsOfWhatWouldDenyIt(t *testing.T) {
	v := request(policy.Delete, plainTexts)
	v.Barred = "this server is locked by ben until 2026-11-26T05:04:05Z (disk swap)"
	raw, _ := json.Marshal(writer(0).VoteForm(v, true, true, true))
	inOrder(t, string(raw), "If it is approved now, it is denied", "this server is locked by ben until 26 Nov 2026, 05:04 UTC (disk swap)", "Delete web-01 for good?")
	for name, m := range map[string]any{"a no": writer(0).VoteForm(v, false, false, false), "the card": writer(0).Request(v).Blocks} {
		if raw, _ := json.Marshal(m); strings.Contains(string(raw), "If it is approved now") {
			t.Errorf("%s warns of it: %s", name, raw)
		}
	}
}

func choices() runner.Choices {
	price, _ := vpsapi.ParsePrice("12.00")
	return runner.Choices{
		Plans:     []vpsapi.Plan{{ID: vpsapi.NumberID(3), Name: "Standard 2", Slug: "std-2", PriceMonthly: price, Available: true, Locations: []string{"us-west"}}, {ID: vpsapi.NumberID(9), Name: "Gone"}},
		Locations: []string{"eu-central", "us-west"},
		Systems:   []vpsapi.OS{{ID: vpsapi.NumberID(5), Name: "Ubuntu 24.04"}},
	}
}

func TestACreateFormBecomesTheCommand(t *testing.T) {
	begun := command.Command{Verb: command.VerbCreate, Account: "prod", Plan: "std-2", OS: "ubuntu 24.04", Backups: command.On, Because: "more load"}
	m := writer(0).CreateForm(choices(), card.DraftOf(begun))
	if m.CallbackID != card.FormCreate || opened(t, m.PrivateMetadata) != (card.Press{Account: "prod"}) {
		t.Errorf("it is %s, for %s", m.CallbackID, m.PrivateMetadata)
	}
	if m.Submit.Text != "Ask for 12.00 a month" {
		t.Errorf("the button says %q", m.Submit.Text)
	}
	d := card.ReadCreate(submitted(t, m, map[string]string{card.FieldName: "web-02", card.FieldLocation: "us-west", card.FieldSSHKey: "77"}))
	d.Account = "prod"
	want := command.Command{
		Verb: command.VerbCreate, Account: "prod", Name: "web-02", Plan: "3", OS: "5", Location: "us-west", SSHKey: "77", Backups: command.On, Because: "more load",
	}
	if got := d.Command(); got != want {
		t.Errorf("the command is %+v, want %+v", got, want)
	}
	if len(d.Problems()) != 0 {
		t.Errorf("problems: %v", d.Problems())
	}
}

func TestAnIDThatNoListShowsCanBeGiven(t *testing.T) {
	m := writer(0).CreateForm(choices(), card.CreateDraft{Name: "web-02", Plan: card.Other, System: "5", Location: "us-west"})
	d := card.ReadCreate(submitted(t, m, map[string]string{card.FieldPlanID: "99"}))
	if got := d.Command(); got.Plan != "99" || got.OS != "5" {
		t.Errorf("plan %q, system %q", got.Plan, got.OS)
	}
	m = writer(0).CreateForm(choices(), card.DraftOf(command.Command{Plan: "99"}))
	if d := card.ReadCreate(submitted(t, m, nil)); d.Plan != card.Other || d.PlanID != "99" {
		t.Errorf("the id that was given is gone: %+v", d)
	}
	if raw, _ := json.Marshal(m); !strings.Contains(string(raw), "The price of this plan is not known here") {
		t.Errorf("nothing says that the price is not known: %s", raw)
	}
	m = writer(0).CreateForm(runner.Choices{}, card.CreateDraft{})
	d = card.ReadCreate(submitted(t, m, map[string]string{card.FieldName: "x", card.FieldPlanID: "1", card.FieldSystemID: "2", card.FieldLocation: "us-west"}))
	if got := d.Command(); got.Plan != "1" || got.OS != "2" || got.Location != "us-west" {
		t.Errorf("without lists: %+v", got)
	}
}

func TestWhatIsMissingIsNamedByItsField(t *testing.T) {
	problems := card.CreateDraft{Plan: card.Other}.Problems()
	for _, field := range []string{card.FieldName, card.FieldPlan, card.FieldSystem, card.FieldLocation} {
		if problems[field] == "" {
			t.Errorf("%s: nothing is said", field)
		}
	}
}

func TestAPlanThatIsNotOfferedThereIsSaid(t *testing.T) {
	raw, _ := json.Marshal(writer(0).CreateForm(choices(), card.CreateDraft{Plan: "3", Location: "eu-central"}))
	inOrder(t, string(raw), "12.00 a month", "It is not offered", "eu-central")
}

func TestAnUpdateAsksForWhatWasChangedAlone(t *testing.T) {
	s := runner.Server{Account: "prod", Server: apiServer(plainTexts)}
	m := writer(0).UpdateForm(s, "")
	at := opened(t, m.PrivateMetadata)
	if at != (card.Press{Server: "12345", Account: "prod"}) {
		t.Errorf("it is for %+v", at)
	}
	base := command.Command{Verb: command.VerbUpdate, Account: "prod", Server: "id:12345"}
	for name, c := range map[string]struct {
		typed map[string]string
		want  func(*command.Command)
	}{
		"nothing":  {nil, func(*command.Command) {}},
		"the name": {map[string]string{card.FieldName: "web-1"}, func(c *command.Command) { c.Name = "web-1" }},
		"the rest": {
			map[string]string{card.FieldHostname: "w.example.com", card.FieldBackups: "off", card.FieldReason: "why not"},
			func(c *command.Command) { c.Hostname, c.Backups, c.Because = "w.example.com", command.Off, "why not" },
		},
	} {
		want := base
		c.want(&want)
		if got := card.ReadUpdate(submitted(t, m, c.typed), at); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	if !card.ReadUpdate(submitted(t, m, nil), at).Form() {
		t.Error("an update of nothing is taken for one")
	}
}
