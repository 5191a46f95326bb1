package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

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
	server     *vpsapi.Server
	account    string   // "" where there is one alone
	structured any      // encodes as the server's JSON object
	extra      []string // fields of its own that the API sent, as text
}

// secretName finds fields that a provider may add and that belong in no
// conversation.
var secretName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)passw|secret|token|private|credential|api_?key`)
})

func prose(text string) string { return inert.Line(text, maxValue) }

func showServer(s *vpsapi.Server) shownServer {
	shown := shownServer{server: s, structured: s.Known(prose)}
	if len(s.Extra) > 0 {
		shown.structured, shown.extra = withExtra(shown.structured, s.Extra)
	}
	return shown
}

// in is the server with the account that it is of.
func (s shownServer) in(account string) shownServer {
	members, ok := s.structured.(map[string]any)
	if !ok {
		members, _ = withExtra(s.structured, nil)
	}
	members["account"] = account
	s.structured, s.account = members, account
	return s
}

// withExtra shows a server with fields that this version does not know, as far
// as they are no secrets and not too long.
func withExtra(known any, extra map[string]json.RawMessage) (members map[string]any, lines []string) {
	raw, _ := json.Marshal(known)
	members, ok := decoded(raw).(map[string]any)
	if !ok { // what JSON can't hold didn't come out of it
		members = map[string]any{}
	}
	left := maxExtra
	for _, name := range sortedKeys(extra) {
		value, size := any("[left out: may be a secret]"), len(extra[name])
		switch {
		case size > left:
			value = fmt.Sprintf("[left out: %d bytes]", size)
		case !secretName().MatchString(name):
			left -= size
			value = makeInert("", decoded(extra[name]))
		}
		members[inert.Text(name, maxCell)] = value
		text, _ := json.Marshal(value)
		lines = append(lines, inert.Name(name, maxCell)+": "+inert.Text(string(text), maxValue))
	}
	return members, lines
}

// decoded is what JSON says, its numbers with every digit.
func decoded(text []byte) any {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// makeInert makes the texts of a decoded value inert, and leaves out those that
// may be secrets.
func makeInert(name string, v any) any {
	switch v := v.(type) {
	case string:
		if secretName().MatchString(name) {
			return "[left out: may be a secret]"
		}
		return prose(v)
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

// text puts the same into words. Its pieces are put together and not
// formatted, since every read waits for it.
func (s *shownServer) text() string {
	v := s.server
	var b strings.Builder
	b.Grow(512) // a server in detail takes some 350 bytes
	write(&b, inert.Name(v.Name, maxCell), " (id ", v.ID.String(), ")")
	if s.account != "" {
		write(&b, " in account ", shorten(s.account))
	}
	write(&b, ": ", inert.Name(string(v.Status), maxCell))
	writeLine(&b, "hostname", inert.Name(v.Hostname, maxCell))
	writeLine(&b, "address", addresses(v))
	writeLine(&b, "location", inert.Words(v.Location, maxCell))
	writePlan(&b, &v.Plan)
	if v.OS != (vpsapi.OS{}) {
		write(&b, "\nos: ", inert.Words(v.OS.Name, maxCell), " (id ", v.OS.ID.String(), ")")
	}
	if v.BackupsEnabled != nil {
		writeLine(&b, "backups", onOff(*v.BackupsEnabled))
	}
	if u := v.ResourceUsage; u != nil {
		write(&b, "\nusage: cpu ", amount(u.CPUPercent), "%, memory ", whole(u.MemoryUsed), " MB, disk ", amount(u.DiskUsed), " GB, bandwidth ", amount(u.BandwidthUsed), " GB")
	}
	write(&b, "\ncreated: ", minute(v.CreatedAt), ", updated ", minute(v.UpdatedAt))
	if v.Message != "" {
		writeLine(&b, "message", inert.Quote(v.Message, maxValue))
	}
	for _, extra := range s.extra {
		write(&b, "\n", extra)
	}
	return b.String()
}

func write(b *strings.Builder, pieces ...string) {
	for _, piece := range pieces {
		b.WriteString(piece)
	}
}

// writeLine writes what is known.
func writeLine(b *strings.Builder, name, value string) {
	if value != "" {
		write(b, "\n", name, ": ", value)
	}
}

func writePlan(b *strings.Builder, p *vpsapi.ServerPlan) {
	if *p == (vpsapi.ServerPlan{}) {
		return
	}
	write(b, "\nplan: ", inert.Words(p.Name, maxCell), " (id ", p.ID.String(), "): ", whole(p.VCPUs), " vCPU, ", whole(p.Memory), " MB, ", whole(p.Storage), " GB")
	if p.Bandwidth > 0 {
		write(b, ", ", whole(p.Bandwidth), " GB traffic")
	}
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}

func whole(n int64) string    { return strconv.FormatInt(n, 10) }
func amount(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// minute is a time such as 2006-01-02 15:04Z. Of all layouts, time writes RFC
// 3339 fastest.
func minute(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	text := t.UTC().AppendFormat(make([]byte, 0, len(time.RFC3339)), time.RFC3339)
	end := len(text) - len("T15:04:05Z")
	text[end] = ' '
	return string(append(text[:end+len(" 15:04")], 'Z'))
}

// addresses are an IPv4 address, an IPv6 one or both.
func addresses(v *vpsapi.Server) string {
	switch {
	case v.IPAddress == "" && v.IPv6Address == "":
		return "none yet"
	case v.IPv6Address == "":
		return addressWord(v.IPAddress)
	case v.IPAddress == "":
		return addressWord(v.IPv6Address)
	}
	return addressWord(v.IPAddress) + ", " + addressWord(v.IPv6Address)
}

func addressWord(s string) string {
	if strings.Trim(s, "0123456789abcdefABCDEF.:") == "" {
		return inert.Text(s, maxCell)
	}
	return inert.Name(s, maxCell)
}
