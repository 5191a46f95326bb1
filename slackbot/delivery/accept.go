package delivery

import (
	"errors"
	"fmt"
	"slices"
)

// Accept says whose deliveries are taken. Slack's signature, or the socket that
// an app's token opened, proves an app, not a workspace: an app that was
// installed in a second one delivers from there, too.
type Accept struct {
	// Apps are app ids (A…). Empty takes the one app that the secret or the
	// token belongs to.
	Apps []string
	// Teams are the ids of workspaces (T…) and organizations (E…). Empty takes
	// none.
	Teams []string
}

// ForeignError is a delivery of another app, or from a workspace that isn't
// served.
type ForeignError struct {
	What string // "app" or "team"
	ID   string // what the delivery names; empty: nothing
}

func (e *ForeignError) Error() string {
	if e.ID == "" {
		return "delivery: it names no " + e.What
	}
	return fmt.Sprintf("delivery: %s %q isn't served here", e.What, e.ID)
}

// Why a delivery isn't taken.
const (
	OtherApp  = "it is another app's"
	OtherTeam = "it is from another workspace"
	Malformed = "it can't be read"
)

// Why says in one of the words above what an error of [Accept.Check] or of
// making a delivery means: words that can be counted.
func Why(err error) string {
	var f *ForeignError
	switch {
	case !errors.As(err, &f):
		return Malformed
	case f.What == "app":
		return OtherApp
	}
	return OtherTeam
}

// Check returns a *ForeignError for a delivery that isn't from one of the apps
// and one of the teams, and another error for what can't be read.
//
// A person of another workspace who presses a button in a shared channel passes:
// who may do what is for the bot to decide, and to tell them.
func (a Accept) Check(d Delivery) error {
	o := d.from
	if o == nil {
		o = new(origin)
		if err := d.read(o); err != nil {
			return err
		}
	}
	if len(a.Apps) > 0 && !slices.Contains(a.Apps, o.App) {
		return &ForeignError{What: "app", ID: o.App}
	}
	teams := o.teams()
	for _, id := range teams {
		if id != "" && slices.Contains(a.Teams, id) {
			return nil
		}
	}
	return &ForeignError{What: "team", ID: firstOf(teams)}
}

// origin is where a delivery of any kind says where it comes from. Slack names
// the workspace that the app is installed in by many fields: of a press in a
// shared channel, the message's and the view's are it, and the payload's own
// team may be the person's.
type origin struct {
	Type       string `json:"type"`     // of an interaction
	EventID    string `json:"event_id"` // of an event
	App        string `json:"api_app_id"`
	Team       string `json:"team_id"`       // of a command, an event
	Enterprise string `json:"enterprise_id"` // likewise
	PressIn    id     `json:"team"`          // of an interaction
	PressOrg   id     `json:"enterprise"`    // likewise; alone where the app is installed for an organization
	Message    struct {
		Team string `json:"team"` // of who posted it, which is us
	} `json:"message"`
	View struct {
		Team      string `json:"team_id"`
		Installed string `json:"app_installed_team_id"`
	} `json:"view"`
	Authorizations []struct {
		Team       string `json:"team_id"`
		Enterprise string `json:"enterprise_id"`
	} `json:"authorizations"` // of an event: for whom it is delivered
}

type id struct {
	ID string `json:"id"`
}

func (o *origin) teams() []string {
	all := []string{o.Team, o.PressIn.ID, o.Enterprise, o.PressOrg.ID, o.Message.Team, o.View.Installed, o.View.Team}
	for _, a := range o.Authorizations {
		all = append(all, a.Team, a.Enterprise)
	}
	return all
}

func firstOf(ids []string) string {
	for _, id := range ids {
		if id != "" {
			return id
		}
	}
	return ""
}
