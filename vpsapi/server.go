package vpsapi

import (
	"bytes"
	"encoding/json"
	"time"
)

// Server is a virtual server. Which fields are set depends on the call: a list's row lacks IPv6Address, Plan.Bandwidth,
// BackupsEnabled and ResourceUsage.
//
// Encoded as JSON it has the API's shape again, with everything that came: see Extra.
type Server struct {
	ID       ID
	Name     string // letters, digits and hyphens when made through the API; not unique
	Hostname string // a fully qualified domain name, or ""
	Status   Status

	IPAddress   string // IPv4; "" until the server is provisioned, the API's null
	IPv6Address string // "" where the answer has none
	Location    string // a datacenter's code, such as "us-west"

	Plan ServerPlan
	OS   OS

	BackupsEnabled *bool          // nil where the answer did not say
	ResourceUsage  *ResourceUsage // nil where the answer did not say

	CreatedAt time.Time
	UpdatedAt time.Time

	Message string // a remark of the API, as on a create: "Server is being provisioned. …"

	// Extra holds the fields that this version does not know, as they came.
	Extra map[string]json.RawMessage
}

// ServerPlan is the plan of a server, as part of the server.
type ServerPlan struct {
	ID        ID     `json:"id"`
	Name      string `json:"name"`
	VCPUs     int64  `json:"vcpus"`
	Memory    int64  `json:"memory"`              // MB
	Storage   int64  `json:"storage"`             // GB
	Bandwidth int64  `json:"bandwidth,omitempty"` // GB a month; 0 where the answer did not say
}

// OS is the operating system of a server.
type OS struct {
	ID   ID     `json:"id"`
	Name string `json:"name"`
}

// ResourceUsage is what a server uses at the moment of the answer.
type ResourceUsage struct {
	CPUPercent    float64 `json:"cpu_percent"`    // 0 to 100
	MemoryUsed    int64   `json:"memory_used"`    // MB
	DiskUsed      float64 `json:"disk_used"`      // GB
	BandwidthUsed float64 `json:"bandwidth_used"` // GB
}

// UnmarshalJSON reads the API's form. A field of the wrong type is an error, and so is a CreatedAt that can't be read: by it, one
// server is told from another that took its id. An unknown field goes to Extra, and so does an UpdatedAt in an unknown form.
func (s *Server) UnmarshalJSON(data []byte) error {
	*s = Server{}
	return eachField(data, s.decodeField)
}

func (s *Server) decodeField(key []byte, raw json.RawMessage) error {
	switch string(key) {
	case "id":
		return s.ID.UnmarshalJSON(raw)
	case "name":
		return decodeString(raw, &s.Name)
	case "hostname":
		return decodeString(raw, &s.Hostname)
	case "status":
		return decodeString(raw, (*string)(&s.Status))
	case "ip_address":
		return decodeString(raw, &s.IPAddress)
	case "ipv6_address":
		return decodeString(raw, &s.IPv6Address)
	case "location":
		return decodeString(raw, &s.Location)
	case "plan":
		return s.Plan.UnmarshalJSON(raw)
	case "os":
		return s.OS.UnmarshalJSON(raw)
	case "backups_enabled":
		return decodeBool(raw, &s.BackupsEnabled)
	case "resource_usage":
		return s.decodeUsage(raw)
	case "created_at":
		return decodeTime(raw, &s.CreatedAt)
	case "updated_at":
		return s.decodeUpdated(key, raw)
	case "message":
		return decodeString(raw, &s.Message)
	}
	s.keep(key, raw)
	return nil
}

// keep puts a field into Extra.
func (s *Server) keep(key, raw []byte) {
	if s.Extra == nil {
		s.Extra = map[string]json.RawMessage{}
	}
	s.Extra[string(key)] = bytes.Clone(raw) // raw is part of the whole answer, which a row must not keep alive
}

// decodeUpdated reads when the server was changed. A text that is no time of a known form is kept as it came: nobody acts by this
// one, as they do by when a server was made, and one row must not make the whole list unreadable.
func (s *Server) decodeUpdated(key, raw []byte) error {
	err := decodeTime(raw, &s.UpdatedAt)
	if err != nil && raw[0] == '"' {
		s.UpdatedAt = time.Time{}
		s.keep(key, raw)
		return nil
	}
	delete(s.Extra, string(key)) // a first one that could not be read
	return err
}

func (s *Server) decodeUsage(raw []byte) error {
	s.ResourceUsage = nil
	if isNull(raw) {
		return nil
	}
	s.ResourceUsage = new(ResourceUsage)
	return s.ResourceUsage.UnmarshalJSON(raw)
}

// UnmarshalJSON reads the API's form; null is the zero plan.
func (p *ServerPlan) UnmarshalJSON(data []byte) error {
	*p = ServerPlan{}
	if isNull(data) {
		return nil
	}
	return eachField(data, func(key []byte, raw json.RawMessage) error {
		switch string(key) {
		case "id":
			return p.ID.UnmarshalJSON(raw)
		case "name":
			return decodeString(raw, &p.Name)
		case "vcpus":
			return decodeInt(raw, &p.VCPUs)
		case "memory":
			return decodeInt(raw, &p.Memory)
		case "storage":
			return decodeInt(raw, &p.Storage)
		case "bandwidth":
			return decodeInt(raw, &p.Bandwidth)
		}
		return nil
	})
}

// UnmarshalJSON reads the API's form; null is the zero OS.
func (o *OS) UnmarshalJSON(data []byte) error {
	*o = OS{}
	if isNull(data) {
		return nil
	}
	return eachField(data, func(key []byte, raw json.RawMessage) error {
		switch string(key) {
		case "id":
			return o.ID.UnmarshalJSON(raw)
		case "name":
			return decodeString(raw, &o.Name)
		}
		return nil
	})
}

// UnmarshalJSON reads the API's form.
func (u *ResourceUsage) UnmarshalJSON(data []byte) error {
	*u = ResourceUsage{}
	return eachField(data, func(key []byte, raw json.RawMessage) error {
		switch string(key) {
		case "cpu_percent":
			return decodeFloat(raw, &u.CPUPercent)
		case "memory_used":
			return decodeInt(raw, &u.MemoryUsed)
		case "disk_used":
			return decodeFloat(raw, &u.DiskUsed)
		case "bandwidth_used":
			return decodeFloat(raw, &u.BandwidthUsed)
		}
		return nil
	})
}
