package fakeslack

import (
	"encoding/json"
	"slices"
	"strings"
)

// MaxStack is how many modals stand over one another.
// https://docs.slack.dev/surfaces/modals#pushing_views
const MaxStack = 3

// View is a modal or an App Home tab, as it is now.
type View struct {
	ID              string
	Type            string // modal or home
	User            string // who sees it
	Hash            string // another after every change
	CallbackID      string
	ExternalID      string
	PrivateMetadata string
	Title           string
	Submit          string
	Close           string
	Blocks          json.RawMessage // block and action ids filled in
	ClearOnClose    bool
	NotifyOnClose   bool
	RootID          string
	PreviousID      string

	raw    map[string]any // as the app sent it
	values values
}

// AllText is every text that a person reads in the view.
func (v View) AllText() string {
	return strings.Join([]string{v.Title, textOf(v.Blocks), v.Submit, v.Close}, "\n")
}

// Shows says whether a person reads the text in the view.
func (v View) Shows(text string) bool { return strings.Contains(v.AllText(), text) }

// Actions are the ids of inputs and of what can be pressed, in order.
func (v View) Actions() []string { return actionsOf(v.Blocks) }

// Has says whether there is something with the action id.
func (v View) Has(action string) bool { return slices.Contains(v.Actions(), action) }

// Value is the value of the button with the action id, "" where there is none.
func (v View) Value(action string) string { return valueOf(v.Blocks, action) }

// Modals are the modals that a person has open, the one they see last.
func (s *Slack) Modals(user string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var views []View
	for _, v := range s.state.stacks[user] {
		views = append(views, *v)
	}
	return views
}

// Home is a person's App Home, as it was last published.
func (s *Slack) Home(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.state.homes[user]
	if !ok {
		return View{}, false
	}
	return *v, true
}

// newView makes a view of what was checked. Callers hold s.mu.
func (s *Slack) newView(user string, raw json.RawMessage) *View {
	v := &View{ID: s.id("V"), User: user}
	v.RootID = v.ID
	s.fill(v, raw)
	return v
}

// fill puts content into a view, new or there already, and changes its hash.
// What was entered stays where the block and the action are the same.
func (s *Slack) fill(v *View, raw json.RawMessage) {
	o := object(decode(raw))
	o["blocks"] = decode(s.fillIDs(encode(o["blocks"])))
	v.raw, v.Blocks = o, encode(o["blocks"])
	v.Type, v.CallbackID, v.ExternalID = str(o, "type"), str(o, "callback_id"), str(o, "external_id")
	v.PrivateMetadata = str(o, "private_metadata")
	v.Title = str(object(o["title"]), "text")
	v.Submit, v.Close = str(object(o["submit"]), "text"), str(object(o["close"]), "text")
	v.ClearOnClose, v.NotifyOnClose = o["clear_on_close"] == true, o["notify_on_close"] == true
	v.Hash = s.timestamp() + "." + s.secret("hash")[:8]
	v.values = initialValues(v.Blocks, v.values)
}

// viewJSON is the view as Slack's answers and payloads have it.
// https://docs.slack.dev/reference/views
func (s *Slack) viewJSON(v *View) map[string]any {
	out := map[string]any{
		"id": v.ID, "team_id": s.opts.Team.ID, "type": v.Type, "blocks": v.raw["blocks"], "hash": v.Hash,
		"callback_id": v.CallbackID, "external_id": v.ExternalID, "private_metadata": v.PrivateMetadata,
		"state": map[string]any{"values": v.values.json()}, "root_view_id": v.RootID, "previous_view_id": nil,
		"app_id": s.opts.App.ID, "bot_id": s.opts.App.BotID, "app_installed_team_id": s.opts.Team.ID,
		"clear_on_close": v.ClearOnClose, "notify_on_close": v.NotifyOnClose,
		"title": v.raw["title"], "submit": v.raw["submit"], "close": v.raw["close"],
	}
	if v.Type == "home" {
		delete(out, "title")
	}
	if v.PreviousID != "" {
		out["previous_view_id"] = v.PreviousID
	}
	return out
}

// viewBy finds an open modal or a home by its id or external id. Callers hold
// s.mu.
func (s *Slack) viewBy(id, external string) *View {
	match := func(v *View) bool {
		return (id != "" && v.ID == id) || (id == "" && external != "" && v.ExternalID == external)
	}
	for _, stack := range s.state.stacks {
		for _, v := range stack {
			if match(v) {
				return v
			}
		}
	}
	for _, v := range s.state.homes {
		if match(v) {
			return v
		}
	}
	return nil
}
