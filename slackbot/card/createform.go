package card

import (
	"cmp"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/slackbot/command"
	"vpsops/slackbot/command/runner"
	"vpsops/vpsapi"
)

// CreateDraft is a create form as far as it is filled in.
type CreateDraft struct {
	Account  string // not a field: the bot's to remember
	Name     string
	Plan     string // the id of what was chosen of the menu,
	PlanID   string // or one that was typed, which wins
	System   string
	SystemID string
	Location string
	Hostname string
	SSHKey   string
	Backups  bool
	Reason   string

	// What a look at the name found; both "" and false before there was one.
	NameProblem string
	NameFree    bool
}

// DraftOf is the draft that a create command begins.
func DraftOf(c command.Command) CreateDraft {
	return CreateDraft{
		Account: c.Account, Name: c.Name, Plan: c.Plan, System: c.OS, Location: c.Location,
		Hostname: c.Hostname, SSHKey: c.SSHKey, Backups: c.Backups == command.On, Reason: c.Because,
	}
}

// Command is what the draft asks for.
func (d CreateDraft) Command() command.Command {
	backups := command.Off
	if d.Backups {
		backups = command.On
	}
	return command.Command{
		Verb: command.VerbCreate, Account: d.Account, Name: d.Name, Hostname: d.Hostname,
		Plan: cmp.Or(d.PlanID, d.Plan), OS: cmp.Or(d.SystemID, d.System), SSHKey: d.SSHKey,
		Location: d.Location, Backups: backups, Because: d.Reason,
	}
}

// Problems says what is missing, for an answer with errors: block id to words.
func (d CreateDraft) Problems() map[string]string {
	problems := map[string]string{}
	c := d.Command()
	for _, f := range []struct{ field, value, problem string }{
		{FieldName, c.Name, "A server needs a name."},
		{FieldPlan, c.Plan, "Choose a plan, or give its id below."},
		{FieldSystem, c.OS, "Choose a system, or give its id below."},
		{FieldLocation, c.Location, "Choose where it is to be."},
	} {
		if f.value == "" {
			problems[f.field] = f.problem
		}
	}
	return problems
}

// CreateForm asks for everything that a new server is made of. The name field
// and the plan's menu send an ActDraft as they change: lay the form out again
// with what ReadCreate says. Nothing is ordered by it: it asks.
func (w *Writer) CreateForm(c runner.Choices, d CreateDraft) slack.ModalViewRequest {
	blocks := []slack.Block{
		section("🛑 *A server costs money* until somebody deletes it. This form only asks; a card shows the whole of it again first."),
		nameInput(d), nameCheck(d),
	}
	blocks = append(blocks, planFields(c, d)...)
	blocks = append(blocks, small(w.price(c, d)...))
	blocks = append(blocks, locationField(c, d), systemField(c, d))
	blocks = append(blocks,
		input(FieldHostname, "Hostname", "Such as web-02.example.com; the API chooses one where it is empty.", typed(FieldHostname, inert.Text(d.Hostname, maxTypedName), maxTypedName)).WithOptional(true),
		input(FieldSSHKey, "SSH key", "Its id, as the panel shows it.", typed(FieldSSHKey, inert.Text(d.SSHKey, maxTypedID), maxTypedID)).WithOptional(true),
		backupsBox(d.Backups), createReason(d.Reason))
	blocks = append(blocks, rawIDs(c, d)...)
	m := modal(FormCreate, "New server", submitWords(c, d), blocks)
	m.PrivateMetadata = w.Seal(Press{Account: d.Account})
	return m
}

func nameInput(d CreateDraft) slack.Block {
	e := typed(ActDraft+":"+FieldName, inert.Text(d.Name, maxTypedName), maxTypedName)
	e.DispatchActionConfig = &slack.DispatchActionConfig{TriggerActionsOn: []string{"on_character_entered"}}
	return input(FieldName, "Name", "Letters, digits and hyphens.", e).WithDispatchAction(true)
}

func nameCheck(d CreateDraft) slack.Block {
	switch {
	case d.NameProblem != "":
		return small("⚠️ " + prose(d.NameProblem, maxReason))
	case d.NameFree:
		return small("✅ " + name(d.Name) + " is free")
	}
	return small("The name is checked while you type it.")
}

// planFields are the plans that can be had, with what a month of each costs.
func planFields(c runner.Choices, d CreateDraft) []slack.Block {
	var options []*slack.OptionBlockObject
	for _, p := range c.Plans {
		if !p.Available || len(options) == maxOptions {
			continue
		}
		label := inert.Text(p.Name, maxTitle/2) + " · " + monthly(p)
		options = append(options, slack.NewOptionBlockObject(p.ID.String(), plain(label, maxOption), plain(string(size(p.VCPUs, p.Memory, p.Storage)), maxOption)))
	}
	if len(options) == 0 {
		return nil
	}
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Choose a plan", maxOption), ActDraft+":"+FieldPlan, options...)
	if p := planOf(c, d.Plan); p != nil {
		e.InitialOption = optionOf(options, p.ID.String())
	}
	return []slack.Block{field(FieldPlan, "Plan", "", e).WithDispatchAction(true).WithOptional(true)}
}

func monthly(p vpsapi.Plan) string {
	if !p.PriceMonthly.Known() {
		return "price not known"
	}
	return inert.Text(p.PriceMonthly.String(), maxTitle/2) + " a month"
}

func optionOf(options []*slack.OptionBlockObject, value string) *slack.OptionBlockObject {
	i := slices.IndexFunc(options, func(o *slack.OptionBlockObject) bool { return o.Value == value })
	if i < 0 {
		return nil
	}
	return options[i]
}

// planOf is the plan that a text names, or nil.
func planOf(c runner.Choices, text string) *vpsapi.Plan {
	for i, p := range c.Plans {
		if text != "" && (p.ID.String() == text || strings.EqualFold(p.Name, text) || strings.EqualFold(p.Slug, text)) {
			return &c.Plans[i]
		}
	}
	return nil
}

// systemOf is the system that a text names, or nil.
func systemOf(c runner.Choices, text string) *vpsapi.OS {
	for i, s := range c.Systems {
		if text != "" && (s.ID.String() == text || strings.EqualFold(s.Name, text)) {
			return &c.Systems[i]
		}
	}
	return nil
}

func chosenPlan(c runner.Choices, d CreateDraft) *vpsapi.Plan { return planOf(c, cmp.Or(d.PlanID, d.Plan)) }

// price says what the chosen plan costs, before anything is asked.
func (w *Writer) price(c runner.Choices, d CreateDraft) []md {
	p := chosenPlan(c, d)
	switch {
	case p == nil && cmp.Or(d.PlanID, d.Plan) != "":
		return []md{"⚠️ *The price of this plan is not known here*: the panel shows it."}
	case p == nil:
		return []md{"The price stands here once a plan is chosen."}
	}
	all := []md{bold(prose(monthly(*p), maxName)) + " for " + word(p.Name) + ": " + size(p.VCPUs, p.Memory, p.Storage)}
	if d.Location != "" && len(p.Locations) > 0 && !slices.Contains(p.Locations, d.Location) {
		all = append(all, "⚠️ It is not offered in "+word(d.Location)+".")
	}
	var where []md
	for _, l := range p.Locations[:min(len(p.Locations), maxMentions)] {
		where = append(where, word(l))
	}
	if len(where) > 0 {
		all = append(all, "Offered in "+join(", ", where...))
	}
	return all
}

func submitWords(c runner.Choices, d CreateDraft) string {
	if p := chosenPlan(c, d); p != nil && p.PriceMonthly.Known() {
		if s := "Ask for " + p.PriceMonthly.String() + " a month"; units(s) <= maxModalTitle {
			return s
		}
	}
	return "Ask"
}

func locationField(c runner.Choices, d CreateDraft) slack.Block {
	var options []*slack.OptionBlockObject
	for _, l := range c.Locations {
		if l != "" && units(l) <= maxOptionValue && len(options) < maxOptions {
			options = append(options, slack.NewOptionBlockObject(l, plain(inert.Text(l, maxName), maxOption), nil))
		}
	}
	if len(options) == 0 || len(c.Plans) == 0 {
		return input(FieldLocation, "Location", "A datacenter's code, such as us-west.", typed(FieldLocation, inert.Text(d.Location, maxName), maxName))
	}
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Choose a location", maxOption), ActDraft+":"+FieldLocation, options...)
	e.InitialOption = optionOf(options, d.Location)
	return field(FieldLocation, "Location", "", e).WithDispatchAction(true)
}

func systemField(c runner.Choices, d CreateDraft) slack.Block {
	var options []*slack.OptionBlockObject
	for _, s := range c.Systems {
		if !s.ID.IsZero() && len(options) < maxOptions && optionOf(options, s.ID.String()) == nil {
			options = append(options, slack.NewOptionBlockObject(s.ID.String(), plain(inert.Text(s.Name, maxName), maxOption), nil))
		}
	}
	if len(options) == 0 {
		return small("No system is known here: give its id below.")
	}
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Choose a system", maxOption), FieldSystem, options...)
	if s := systemOf(c, d.System); s != nil {
		e.InitialOption = optionOf(options, s.ID.String())
	}
	return field(FieldSystem, "System", "Those that your servers run; the panel lists all, with their ids.", e).WithOptional(true)
}

func backupsBox(on bool) slack.Block {
	o := slack.NewOptionBlockObject("on", plain("Make backups", maxOption), nil)
	e := &slack.CheckboxGroupsBlockElement{Type: slack.METCheckboxGroups, ActionID: FieldBackups, Options: []*slack.OptionBlockObject{o}}
	if on {
		e.InitialOptions = []*slack.OptionBlockObject{o}
	}
	return field(FieldBackups, "Backups", "", e).WithOptional(true)
}

func createReason(reason string) slack.Block {
	e := typed(FieldReason, inert.Line(reason, maxTypedReason), maxTypedReason)
	e.Multiline = true
	return input(FieldReason, "Why?", "Whoever approves it reads this.", e).WithOptional(true)
}

// rawIDs are for what no list shows.
func rawIDs(c runner.Choices, d CreateDraft) []slack.Block {
	if d.PlanID == "" && planOf(c, d.Plan) == nil {
		d.PlanID = d.Plan
	}
	if d.SystemID == "" && systemOf(c, d.System) == nil {
		d.SystemID = d.System
	}
	plan := "Another plan, by its id"
	if len(c.Plans) == 0 {
		plan = "Plan, by its id"
	}
	return []slack.Block{
		input(FieldPlanID, plan, "As the panel shows it; it wins over the menu.", typed(FieldPlanID, inert.Text(d.PlanID, maxTypedID), maxTypedID)).WithOptional(true),
		input(FieldSystemID, "Another system, by its id", "As the panel shows it; it wins over the menu.", typed(FieldSystemID, inert.Text(d.SystemID, maxTypedID), maxTypedID)).WithOptional(true),
	}
}

// ReadCreate reads a create form. Its account is in the sealed private
// metadata.
func ReadCreate(view slack.View) CreateDraft {
	s := view.State
	return CreateDraft{
		Name: given(s, FieldName), Plan: given(s, FieldPlan), PlanID: given(s, FieldPlanID),
		System: given(s, FieldSystem), SystemID: given(s, FieldSystemID), Location: given(s, FieldLocation),
		Hostname: given(s, FieldHostname), SSHKey: given(s, FieldSSHKey),
		Backups: given(s, FieldBackups) == "on", Reason: given(s, FieldReason),
	}
}
