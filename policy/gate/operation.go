package gate

import (
	"errors"
	"net/netip"
	"strings"

	"vpsops/policy"
	"vpsops/vpsapi"
)

// Ref is how somebody names a server: an id, or an exact name, hostname or
// address.
type Ref struct {
	Text string `json:"text"`
	IsID bool   `json:"is_id,omitempty"` // it came as a JSON integer, or where only an id is taken
}

// Operation is one change that somebody asks for. Which fields count depends
// on the action.
type Operation struct {
	Action  policy.Action              `json:"action"`
	Account string                     `json:"account,omitempty"` // "" is the default
	Server  Ref                        `json:"server,omitzero"`   // all but create
	Name    string                     `json:"name,omitempty"`    // delete: must be the server's name
	Create  *vpsapi.CreateServerParams `json:"create,omitempty"`
	Update  *vpsapi.UpdateServerParams `json:"update,omitempty"`
	Replace bool                       `json:"replace,omitempty"` // update: all three fields, as a PUT
	// BreakGlass asks for the requirement that lifts a denial. Only a person
	// can, in Slack or on the page.
	BreakGlass bool   `json:"break_glass,omitempty"`
	Reason     string `json:"-"` // the asker's words; no part of the operation
}

const (
	maxReason    = 500      // runes
	maxOperation = 16 << 10 // bytes, as the ledger has it: no name or id is nearly as long
)

// check refuses what cannot be meant, before anything is read or anybody
// asked.
func (op Operation) check() error {
	if len(op.Reason) > 4*maxReason {
		return &InvalidError{"reason", "is too long; 500 characters at most"}
	}
	if len(mustJSON(op)) > maxOperation {
		return &InvalidError{"", "what is asked for is too long: no name, address or id is"}
	}
	switch op.Action {
	case policy.Create:
		return op.checkCreate()
	case policy.Update:
		return op.checkUpdate()
	case policy.Delete:
		if op.Name == "" {
			return &InvalidError{"name", "is needed beside the id, and must be the server's name"}
		}
	case policy.Start, policy.Stop, policy.Reboot:
	default:
		return &InvalidError{"action", "is none that changes a server"}
	}
	return op.checkServer()
}

func (op Operation) checkServer() error {
	if strings.TrimSpace(op.Server.Text) == "" {
		return &InvalidError{"server", "is needed: an id, or an exact name, hostname or address"}
	}
	return nil
}

func (op Operation) checkCreate() error {
	c := op.Create
	switch {
	case c == nil:
		return &InvalidError{"", "a create needs name, plan_id, os_id and location"}
	case c.PlanID.IsZero():
		return &InvalidError{"plan_id", "is needed; list_options shows the plans"}
	case c.OSID.IsZero():
		return &InvalidError{"os_id", "is needed; list_options shows the operating systems"}
	case c.Location == "":
		return &InvalidError{"location", "is needed; list_options shows the locations"}
	}
	if err := checkName("name", c.Name); err != nil {
		return err
	}
	if c.Hostname != "" {
		return checkHostname(c.Hostname)
	}
	return nil
}

func (op Operation) checkUpdate() error {
	u := op.Update
	if op.Replace && (u == nil || u.Name == nil || u.Hostname == nil || u.BackupsEnabled == nil) {
		return &InvalidError{"replace", "needs all three of name, hostname and backups_enabled"}
	}
	if u == nil || (u.Name == nil && u.Hostname == nil && u.BackupsEnabled == nil) {
		return &InvalidError{"", "an update needs at least one of name, hostname and backups_enabled"}
	}
	if u.Name != nil {
		if err := checkName("name", *u.Name); err != nil {
			return err
		}
	}
	if u.Hostname != nil {
		if err := checkHostname(*u.Hostname); err != nil {
			return err
		}
	}
	return op.checkServer()
}

// NameProblem says what is wrong with a name for a server; "" where nothing is.
func NameProblem(name string) string {
	var invalid *InvalidError
	if errors.As(checkName("name", name), &invalid) {
		return "A name " + invalid.Problem + "."
	}
	return ""
}

func checkName(field, name string) error {
	if !isLabel(name) {
		return &InvalidError{field, "takes letters, digits and hyphens, at most 63, with no hyphen at either end"}
	}
	return nil
}

// isLabel tells whether s is one label of a host's name (RFC 1123): letters,
// digits and hyphens, at most 63, with no hyphen at either end.
func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func checkHostname(h string) error {
	_, isAddr := netip.ParseAddr(h)
	labels := strings.Split(h, ".")
	if len(h) > 253 || isAddr == nil || len(labels) < 2 {
		return &InvalidError{"hostname", "is a full domain name, such as web01.example.com"}
	}
	for _, l := range labels {
		if !isLabel(l) {
			return &InvalidError{"hostname", "is a full domain name, such as web01.example.com"}
		}
	}
	return nil
}
