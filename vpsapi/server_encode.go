package vpsapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// knownFields are those of a server in the API's form and order.
type knownFields struct {
	ID             ID             `json:"id"`
	Name           string         `json:"name"`
	Hostname       string         `json:"hostname"`
	Status         Status         `json:"status"`
	IPAddress      *string        `json:"ip_address"`
	IPv6Address    string         `json:"ipv6_address,omitempty"`
	Location       string         `json:"location"`
	Plan           ServerPlan     `json:"plan"`
	OS             OS             `json:"os"`
	BackupsEnabled *bool          `json:"backups_enabled,omitempty"`
	ResourceUsage  *ResourceUsage `json:"resource_usage,omitempty"`
	CreatedAt      time.Time      `json:"created_at,omitzero"`
	UpdatedAt      time.Time      `json:"updated_at,omitzero"`
	Message        string         `json:"message,omitempty"`
}

// Known returns a value that encoding/json writes as it does the server without Extra, and in place: within a larger document, it
// goes over what a MarshalJSON returns once more.
func (s *Server) Known() any {
	known := &knownFields{
		ID: s.ID, Name: s.Name, Hostname: s.Hostname, Status: s.Status, IPv6Address: s.IPv6Address, Location: s.Location, Plan: s.Plan, OS: s.OS,
		BackupsEnabled: s.BackupsEnabled, ResourceUsage: s.ResourceUsage, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt, Message: s.Message,
	}
	if address := s.IPAddress; address != "" {
		known.IPAddress = &address
	}
	return known
}

// MarshalJSON writes the API's form, Extra's fields last in the order of their names.
func (s Server) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(s.Known())
	if err != nil || len(s.Extra) == 0 {
		return text, err
	}
	text = bytes.TrimSuffix(text, []byte("}"))
	for _, name := range slices.Sorted(maps.Keys(s.Extra)) {
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		text = slices.Concat(text, []byte(","), quoted, []byte(":"), s.Extra[name])
	}
	return append(text, '}'), nil
}
