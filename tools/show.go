package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"vpsops/internal/inert"
	"vpsops/vpsapi"
)

const (
	maxValue = 300     // runes of a foreign text
	maxExtra = 4 << 10 // bytes of all fields that this version doesn't know
)

// shownServer is a server for a model's eyes: everything the API gave, its
// texts inert and capped.
type shownServer struct {
	server  vpsapi.Server
	members map[string]any
	extra   []string // fields of its own that the API sent, as text
}

// secretName finds fields that a provider may add and that belong in no
// conversation.
var secretName = regexp.MustCompile(`(?i)passw|secret|token|private|credential|api_?key`)

func showServer(s vpsapi.Server) shownServer {
	shown := shownServer{server: s}
	unknown := s.Extra
	s.Extra = nil
	shown.members, _ = inertJSON(s).(map[string]any)
	left := maxExtra
	for _, name := range sortedKeys(unknown) {
		value, size := any("[left out: may be a secret]"), len(unknown[name])
		switch {
		case size > left:
			value = fmt.Sprintf("[left out: %d bytes]", size)
		case !secretName.MatchString(name):
			left -= size
			value = inertJSON(unknown[name])
		}
		name = inert.Text(name, maxCell)
		shown.members[name] = value
		text, _ := json.Marshal(value)
		shown.extra = append(shown.extra, name+": "+inert.Text(string(text), maxValue))
	}
	return shown
}

// inertJSON is a value as JSON gives it back, its texts inert and its numbers
// with every digit.
func inertJSON(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var decoded any
	if d.Decode(&decoded) != nil {
		return nil
	}
	return makeInert("", decoded)
}

func makeInert(name string, v any) any {
	switch v := v.(type) {
	case string:
		if secretName.MatchString(name) {
			return "[left out: may be a secret]"
		}
		return inert.Line(v, maxValue)
	case []any:
		for i := range v {
			v[i] = makeInert(name, v[i])
		}
	case map[string]any:
		clean := make(map[string]any, len(v))
		for key, value := range v {
			clean[inert.Text(key, maxCell)] = makeInert(key, value)
		}
		return clean
	}
	return v
}

func (s shownServer) text() string {
	v := s.server
	lines := []string{fmt.Sprintf("%s (id %s): %s", cell(v.Name), v.ID, cell(string(v.Status)))}
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, name+": "+value)
		}
	}
	add("hostname", cell(v.Hostname))
	add("address", addresses(v))
	add("location", cell(v.Location))
	add("plan", planText(v.Plan))
	add("os", fmt.Sprintf("%s (id %s)", cell(v.OS.Name), v.OS.ID))
	if v.BackupsEnabled != nil {
		add("backups", map[bool]string{true: "on", false: "off"}[*v.BackupsEnabled])
	}
	if u := v.ResourceUsage; u != nil {
		add("usage", fmt.Sprintf("cpu %g%%, memory %d MB, disk %g GB, bandwidth %g GB", u.CPUPercent, u.MemoryUsed, u.DiskUsed, u.BandwidthUsed))
	}
	add("created", v.CreatedAt.UTC().Format("2006-01-02 15:04Z")+", updated "+v.UpdatedAt.UTC().Format("2006-01-02 15:04Z"))
	add("message", inert.Line(v.Message, maxValue))
	return strings.Join(append(lines, s.extra...), "\n")
}

func addresses(v vpsapi.Server) string {
	switch {
	case v.IPAddress == "" && v.IPv6Address == "":
		return "none yet"
	case v.IPv6Address == "":
		return cell(v.IPAddress)
	}
	return cell(v.IPAddress) + ", " + cell(v.IPv6Address)
}

func planText(p vpsapi.ServerPlan) string {
	text := fmt.Sprintf("%s (id %s): %d vCPU, %d MB, %d GB", cell(p.Name), p.ID, p.VCPUs, p.Memory, p.Storage)
	if p.Bandwidth > 0 {
		text += fmt.Sprintf(", %d GB traffic", p.Bandwidth)
	}
	return text
}
