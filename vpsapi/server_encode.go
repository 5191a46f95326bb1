package vpsapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// knownFields are those of a server in the API's form and order. An id is a json.Number or a string and a time is its text: what
// has a MarshalJSON costs several times as much.
type knownFields struct {
	ID             any            `json:"id"`
	Name           string         `json:"name"`
	Hostname       string         `json:"hostname"`
	Status         string         `json:"status"`
	IPAddress      *string        `json:"ip_address"`
	IPv6Address    string         `json:"ipv6_address,omitempty"`
	Location       string         `json:"location"`
	Plan           *planFields    `json:"plan"`
	OS             *osFields      `json:"os"`
	BackupsEnabled *bool          `json:"backups_enabled,omitempty"`
	ResourceUsage  *ResourceUsage `json:"resource_usage,omitempty"`
	CreatedAt      any            `json:"created_at,omitempty"`
	UpdatedAt      any            `json:"updated_at,omitempty"`
	Message        string         `json:"message,omitempty"`

	// What the pointers above point to, where there is any.
	address string
	plan    planFields
	os      osFields
}

type planFields struct {
	ID        any    `json:"id"`
	Name      string `json:"name"`
	VCPUs     int64  `json:"vcpus"`
	Memory    int64  `json:"memory"`
	Storage   int64  `json:"storage"`
	Bandwidth int64  `json:"bandwidth,omitempty"`
}

type osFields struct {
	ID   any    `json:"id"`
	Name string `json:"name"`
}

// Known returns a value that encoding/json writes as it does the server without Extra, each of its texts as text returns it, and in
// place: within a larger document, it goes over what a MarshalJSON returns once more.
func (s *Server) Known(text func(string) string) any {
	p := &s.Plan
	known := &knownFields{
		ID: s.ID.member(), Name: text(s.Name), Hostname: text(s.Hostname), Status: text(string(s.Status)), IPv6Address: text(s.IPv6Address),
		Location:       text(s.Location),
		BackupsEnabled: s.BackupsEnabled, ResourceUsage: s.ResourceUsage,
		CreatedAt: timeMember(s.CreatedAt), UpdatedAt: timeMember(s.UpdatedAt), Message: text(s.Message),
	}
	if known.address = text(s.IPAddress); known.address != "" {
		known.IPAddress = &known.address
	}
	if *p != (ServerPlan{}) {
		known.plan = planFields{p.ID.member(), text(p.Name), p.VCPUs, p.Memory, p.Storage, p.Bandwidth}
		known.Plan = &known.plan
	}
	if s.OS != (OS{}) {
		known.os = osFields{s.OS.ID.member(), text(s.OS.Name)}
		known.OS = &known.os
	}
	return known
}

func asItIs(text string) string { return text }

// member is what encoding/json writes as it does the id.
func (id ID) member() any {
	switch {
	case id.IsZero():
		return nil
	case id.number:
		return json.Number(id.text)
	}
	return id.text
}

// timeMember is what encoding/json writes as it does the time, and nil for none.
func timeMember(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	text, err := t.AppendText(make([]byte, 0, len(time.RFC3339Nano)))
	if err != nil {
		return t // which JSON can't hold: encoding/json says why
	}
	return string(text)
}

// MarshalJSON writes the API's form, Extra's fields last in the order of their names.
func (s Server) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(s.Known(asItIs))
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
