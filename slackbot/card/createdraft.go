package card

import (
	"github.com/slack-go/slack"

	"vpsops/slackbot/command"
)

// Other is chosen of a menu for what it does not list; its id is typed then. It
// is no id itself.
const Other = "-"

// CreateDraft is a create form as far as it is filled in.
type CreateDraft struct {
	Account  string // not a field: the bot's to remember
	Name     string
	Plan     string // an id, or Other:
	PlanID   string // then one that was typed
	System   string
	SystemID string
	Location string
	Hostname string
	SSHKey   string
	Backups  bool
	Reason   string

	// What a look at the name found; "" and false before there was one.
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

// ReadCreate reads a create form. Its account is in the sealed private
// metadata, and what was found of the name is the bot's to add.
func ReadCreate(view slack.View) CreateDraft {
	s := view.State
	return CreateDraft{
		Name: given(s, FieldName), Plan: given(s, FieldPlan), PlanID: given(s, FieldPlanID),
		System: given(s, FieldSystem), SystemID: given(s, FieldSystemID), Location: given(s, FieldLocation),
		Hostname: given(s, FieldHostname), SSHKey: given(s, FieldSSHKey),
		Backups: given(s, FieldBackups) == string(command.On), Reason: given(s, FieldReason),
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
		Plan: d.plan(), OS: d.system(), SSHKey: d.SSHKey, Location: d.Location, Backups: backups, Because: d.Reason,
	}
}

func (d CreateDraft) plan() string { return chosen(d.Plan, d.PlanID) }

func (d CreateDraft) system() string { return chosen(d.System, d.SystemID) }

func chosen(listed, typed string) string {
	if listed == "" || listed == Other {
		return typed
	}
	return listed
}

// Problems says what is missing, for an answer with errors: block id to words.
func (d CreateDraft) Problems() map[string]string {
	problems := map[string]string{}
	for _, f := range []struct{ field, value, problem string }{
		{FieldName, d.Name, "A server needs a name."},
		{FieldPlan, d.plan(), "Choose a plan, or give its id."},
		{FieldSystem, d.system(), "Choose a system, or give its id."},
		{FieldLocation, d.Location, "Choose where it is to be."},
	} {
		if f.value == "" {
			problems[f.field] = f.problem
		}
	}
	return problems
}
