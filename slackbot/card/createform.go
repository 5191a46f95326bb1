package card

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/slackbot/command"
	"vpsops/slackbot/command/runner"
	"vpsops/vpsapi"
)

// CreateForm asks for everything that a new server is made of. A change of the
// name or of a menu sends an ActDraft: lay the form out again then with what
// ReadCreate says. Nothing is ordered by it: it asks.
func (w *Writer) CreateForm(c runner.Choices, d CreateDraft) slack.ModalViewRequest {
	blocks := []slack.Block{
		section("⚠️ *A server costs money* until somebody deletes it. This form only asks: a card shows the whole of it first."),
		nameInput(d), nameCheck(d),
	}
	blocks = append(blocks, planFields(c, d)...)
	blocks = append(blocks, section(price(c, d)...), locationField(c, d))
	blocks = append(blocks, systemFields(c, d)...)
	blocks = append(blocks,
		optional(FieldHostname, "Hostname", "Such as web-02.example.com; without one, the API chooses.", d.Hostname, maxTypedName),
		optional(FieldSSHKey, "SSH key", "Its id, as the panel shows it.", d.SSHKey, maxTypedID),
		backupsBox(d.Backups), whyField(d.Reason))
	m := modal(FormCreate, "New server", submitWords(c, d), blocks)
	m.PrivateMetadata = w.sealed(Press{Account: d.Account}, maxMetadata)
	return m
}

func optional(id, label, hint, value string, most int) slack.Block {
	return field(id, label, hint, typed(id, inert.Text(value, most), most)).WithOptional(true)
}

func nameInput(d CreateDraft) slack.Block {
	e := typed(ActDraft+":"+FieldName, inert.Text(d.Name, maxTypedName), maxTypedName)
	e.DispatchActionConfig = &slack.DispatchActionConfig{TriggerActionsOn: []string{"on_character_entered"}}
	return field(FieldName, "Name", "Letters, digits and hyphens.", e).WithDispatchAction(true)
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

// planFields are a menu of the plans that can be had, with what a month of each
// costs, and a field for the id of one that no list shows.
func planFields(c runner.Choices, d CreateDraft) []slack.Block {
	var options []*slack.OptionBlockObject
	for _, p := range c.Plans {
		if p.Available {
			label := inert.Text(p.Name, maxTitle/2) + " · " + monthly(p)
			options = addOption(options, p.ID.String(), label, string(size(p.VCPUs, p.Memory, p.Storage)))
		}
	}
	return listed(FieldPlan, FieldPlanID, "Plan", options, idOf(planOf(c, d.Plan), d.Plan), d.PlanID)
}

func systemFields(c runner.Choices, d CreateDraft) []slack.Block {
	var options []*slack.OptionBlockObject
	for _, s := range c.Systems {
		options = addOption(options, s.ID.String(), inert.Text(s.Name, maxName), "")
	}
	return listed(FieldSystem, FieldSystemID, "System", options, systemID(c, d.System), d.SystemID)
}

// listed is a menu of what is known, and where it is something else a field for
// its id.
func listed(field, fieldID, label string, options []*slack.OptionBlockObject, value, typedID string) []slack.Block {
	if value != "" && value != Other && optionOf(options, value) == nil {
		value, typedID = Other, value
	}
	byID := idField(fieldID, label, typedID)
	if len(options) == 0 {
		return []slack.Block{byID}
	}
	options = addOption(options[:min(len(options), maxOptions-1)], Other, "Another, by its id…", "")
	menu := []slack.Block{chooser(field, label, options, value)}
	if value == Other {
		return append(menu, byID)
	}
	return menu
}

func idField(id, label, value string) slack.Block {
	return field(id, label+", by its id", "As the panel shows it.", typed(id, inert.Text(value, maxTypedID), maxTypedID))
}

// chooser is a menu for which the form is laid out anew.
func chooser(id, label string, options []*slack.OptionBlockObject, value string) slack.Block {
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Choose", maxOption), ActDraft+":"+id, options...)
	e.InitialOption = optionOf(options, value)
	return field(id, label, "", e).WithDispatchAction(true)
}

// addOption adds one that is not there yet, and that Slack would take.
func addOption(options []*slack.OptionBlockObject, value, label, description string) []*slack.OptionBlockObject {
	if value == "" || units(value) > maxOptionValue || len(options) == maxOptions || optionOf(options, value) != nil {
		return options
	}
	o := slack.NewOptionBlockObject(value, plain(label, maxOption), nil)
	if description != "" {
		o.Description = plain(description, maxOption)
	}
	return append(options, o)
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

func idOf(p *vpsapi.Plan, otherwise string) string {
	if p == nil {
		return otherwise
	}
	return p.ID.String()
}

func systemID(c runner.Choices, text string) string {
	for _, s := range c.Systems {
		if text != "" && strings.EqualFold(s.Name, text) {
			return s.ID.String()
		}
	}
	return text
}

func locationField(c runner.Choices, d CreateDraft) slack.Block {
	var options []*slack.OptionBlockObject
	for _, l := range c.Locations {
		options = addOption(options, l, inert.Text(l, maxName), "")
	}
	if len(options) == 0 || len(c.Plans) == 0 { // then others than those seen may do as well
		return field(FieldLocation, "Location", "A datacenter's code, such as us-west.", typed(FieldLocation, inert.Text(d.Location, maxName), maxName))
	}
	return chooser(FieldLocation, "Location", options, d.Location)
}

func backupsBox(on bool) slack.Block {
	o := slack.NewOptionBlockObject(string(command.On), plain("Make backups", maxOption), nil)
	e := &slack.CheckboxGroupsBlockElement{Type: slack.METCheckboxGroups, ActionID: FieldBackups, Options: []*slack.OptionBlockObject{o}}
	if on {
		e.InitialOptions = []*slack.OptionBlockObject{o}
	}
	return field(FieldBackups, "Backups", "", e).WithOptional(true)
}

func whyField(reason string) slack.Block {
	e := typed(FieldReason, inert.Line(reason, maxTypedReason), maxTypedReason)
	e.Multiline = true
	return field(FieldReason, "Why?", "Whoever approves it reads this.", e).WithOptional(true)
}
