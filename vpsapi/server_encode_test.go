package vpsapi_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"vpsops/vpsapi"
)

// reflected is a server as encoding/json would write it by itself.
type reflected struct {
	ID             vpsapi.ID             `json:"id"`
	Name           string                `json:"name"`
	Hostname       string                `json:"hostname"`
	Status         vpsapi.Status         `json:"status"`
	IPAddress      *string               `json:"ip_address"`
	IPv6Address    string                `json:"ipv6_address,omitempty"`
	Location       string                `json:"location"`
	Plan           vpsapi.ServerPlan     `json:"plan"`
	OS             vpsapi.OS             `json:"os"`
	BackupsEnabled *bool                 `json:"backups_enabled,omitempty"`
	ResourceUsage  *vpsapi.ResourceUsage `json:"resource_usage,omitempty"`
	CreatedAt      time.Time             `json:"created_at,omitzero"`
	UpdatedAt      time.Time             `json:"updated_at,omitzero"`
	Message        string                `json:"message,omitempty"`
}

func byReflection(s vpsapi.Server) ([]byte, error) {
	r := reflected{
		ID: s.ID, Name: s.Name, Hostname: s.Hostname, Status: s.Status, IPv6Address: s.IPv6Address, Location: s.Location, Plan: s.Plan, OS: s.OS,
		BackupsEnabled: s.BackupsEnabled, ResourceUsage: s.ResourceUsage, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt, Message: s.Message,
	}
	if s.IPAddress != "" {
		r.IPAddress = &s.IPAddress
	}
	return json.Marshal(r)
}

func FuzzServersAreWrittenAsByReflection(f *testing.F) {
	f.Add("12345", "web-server-01", "203.0.113.10", int64(4096), 23.5, int64(1736519400), int64(0), true)
	f.Add("a-b", "<b>\"&\\\u2028\u00e9\xff", "", int64(-1), 1e-9, int64(0), int64(123456000), false)
	f.Add("", "\x7f", "x", int64(math.MaxInt64), 1e21, int64(1<<40), int64(1), true)
	f.Add("0", "", "", int64(0), math.Copysign(0, -1), int64(-62135596800), int64(0), false)
	f.Add("0", "", "", int64(0), math.Inf(1), int64(0), int64(0), true)
	f.Fuzz(func(t *testing.T, id, text, address string, whole int64, part float64, seconds, nanos int64, extras bool) {
		parsed, _ := vpsapi.ParseID(id)
		s := vpsapi.Server{
			ID: parsed, Name: text, Hostname: address, Status: vpsapi.Status(text), IPAddress: address, IPv6Address: text, Location: text,
			Plan: vpsapi.ServerPlan{ID: parsed, Name: text, VCPUs: whole, Memory: whole, Storage: whole, Bandwidth: whole}, OS: vpsapi.OS{ID: parsed, Name: text},
			CreatedAt: time.Unix(seconds, nanos).UTC(), UpdatedAt: time.Unix(seconds, nanos).In(time.FixedZone("", 7200)), Message: text,
		}
		if extras {
			s.BackupsEnabled, s.ResourceUsage = &extras, &vpsapi.ResourceUsage{CPUPercent: part, MemoryUsed: whole, DiskUsed: -part, BandwidthUsed: part / 3}
		}
		want, wantErr := byReflection(s)
		got, err := s.MarshalJSON()
		if (err == nil) != (wantErr == nil) || err == nil && string(got) != string(want) {
			t.Errorf("got  %s (%v)\nwant %s (%v)", got, err, want, wantErr)
		}
	})
}
