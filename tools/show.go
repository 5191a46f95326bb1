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
	server     vpsapi.Server
	structured any      // encodes as the server's JSON object
	extra      []string // fields of its own that the API sent, as text
}

// secretName finds fields that a provider may add and that belong in no
// conversation.
var secretName = regexp.MustCompile(`(?i)passw|secret|token|private|credential|api_?key`)

func showServer(s vpsapi.Server) shownServer {
	shown := shownServer{server: s}
	unknown := s.Extra
	s.Extra = nil
	known, err := json.Marshal(s)
	if err == nil && len(unknown) == 0 && showsAsItself(known) {
		shown.structured = json.RawMessage(known)
		return shown
	}
	members, ok := inertJSON(known).(map[string]any)
	if !ok {
		members = map[string]any{}
	}
	shown.structured = members
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
		members[name] = value
		text, _ := json.Marshal(value)
		shown.extra = append(shown.extra, name+": "+inert.Text(string(text), maxValue))
	}
	return shown
}

// showsAsItself tells whether making compact JSON inert would change nothing,
// as with nearly every server: no text in it is long, or holds anything but
// printable ASCII without escapes, or spaces that are not single and inside.
func showsAsItself(text []byte) bool {
	length, inside := 0, false
	for i, c := range text {
		switch {
		case c == '"':
			inside, length = !inside, 0
		case c < ' ' || c > '~' || c == '\\':
			return false
		case c == ' ' && (!inside || text[i-1] == '"' || text[i-1] == ' ' || text[i+1] == '"'):
			return false
		}
		if length++; inside && length > maxValue {
			return false
		}
	}
	return true
}

// inertJSON is what JSON says, its texts inert and its numbers with every
// digit.
func inertJSON(text []byte) any {
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
