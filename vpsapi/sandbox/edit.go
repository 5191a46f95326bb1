package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// EditError says which field of an edit is wrong and what would be right.
type EditError struct {
	Field  string
	Reason string
}

func (e *EditError) Error() string {
	if e.Field == "" {
		return "edit: " + e.Reason
	}
	return fmt.Sprintf("edit: %s: %s", e.Field, e.Reason)
}

// edits are the fields that PUT /_sandbox/servers/{id} sets. Texts are taken
// as they are, however strange: strange texts are what it is for.
var edits = map[string]func(*Server, json.RawMessage) error{
	"name":            func(s *Server, v json.RawMessage) error { return json.Unmarshal(v, &s.Name) },
	"hostname":        func(s *Server, v json.RawMessage) error { return json.Unmarshal(v, &s.Hostname) },
	"status":          editStatus,
	"location":        func(s *Server, v json.RawMessage) error { return json.Unmarshal(v, &s.Location) },
	"ip_address":      func(s *Server, v json.RawMessage) error { return editAddress(&s.IPAddress, v) },
	"ipv6_address":    func(s *Server, v json.RawMessage) error { return editAddress(&s.IPv6Address, v) },
	"backups_enabled": func(s *Server, v json.RawMessage) error { return json.Unmarshal(v, &s.Backups) },
	"created_at":      func(s *Server, v json.RawMessage) error { return editTime(&s.CreatedAt, v) },
	"updated_at":      func(s *Server, v json.RawMessage) error { return editTime(&s.UpdatedAt, v) },
	"plan":            editPlan,
	"plan_id":         editPlan,
	"os":              editSystem,
	"os_id":           editSystem,
}

// parseEdit reads an edit, and tries it on a server of nobody, so that a bad
// one changes nothing.
func parseEdit(body []byte) (func(*Server), error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, &EditError{Reason: fmt.Sprintf(`want a JSON object such as {"status": "stopped"}: %v`, err)}
	}
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		set, ok := edits[k]
		if !ok {
			return nil, &EditError{k, "unknown field: there are " + strings.Join(slices.Sorted(maps.Keys(edits)), ", ")}
		}
		if err := set(&Server{}, fields[k]); err != nil {
			return nil, &EditError{k, err.Error()}
		}
	}
	return func(s *Server) {
		for _, k := range slices.Sorted(maps.Keys(fields)) {
			_ = edits[k](s, fields[k]) // the trial above had no error
		}
	}, nil
}

// editStatus makes the status stay: a transition that was under way ends.
func editStatus(s *Server, v json.RawMessage) error {
	s.Becomes = ""
	return json.Unmarshal(v, &s.Status)
}

func editAddress(to *string, v json.RawMessage) error {
	*to = ""
	return json.Unmarshal(v, to)
}

func editTime(to *time.Time, v json.RawMessage) error {
	var t time.Time
	if err := json.Unmarshal(v, &t); err != nil {
		return fmt.Errorf("want a time such as %q", "2025-01-10T14:30:00Z")
	}
	*to = t
	return nil
}

// editPlan takes a plan's id, or an object: on top of the plan with its id
// where the catalogue has that, else on top of the server's.
func editPlan(s *Server, v json.RawMessage) error {
	id, err := editID(v)
	if err != nil {
		return err
	}
	if known := planByID(id); known != nil {
		s.Plan = clonePlan(*known)
	} else if id != 0 && v[0] != '{' {
		return fmt.Errorf("there is no plan %d; an object makes one of your own", id)
	}
	if v[0] != '{' {
		return nil
	}
	return json.Unmarshal(v, &s.Plan)
}

func editSystem(s *Server, v json.RawMessage) error {
	id, err := editID(v)
	if err != nil {
		return err
	}
	if known := systemByID(id); known != nil {
		s.OS = *known
	} else if id != 0 && v[0] != '{' {
		return fmt.Errorf("there is no operating system %d; an object makes one of your own", id)
	}
	if v[0] != '{' {
		return nil
	}
	return json.Unmarshal(v, &s.OS)
}

// editID is the id in a number, or in an object that may have one.
func editID(v json.RawMessage) (int64, error) {
	var o struct {
		ID int64 `json:"id"`
	}
	if v[0] == '{' {
		err := json.Unmarshal(v, &o)
		return o.ID, err
	}
	if err := json.Unmarshal(v, &o.ID); err != nil || o.ID == 0 {
		return 0, fmt.Errorf("want an id, or an object such as %s", `{"id": 1, "name": "Standard VPS"}`)
	}
	return o.ID, nil
}
