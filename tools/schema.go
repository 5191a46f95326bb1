package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/internal/nearest"
)

// schema is a tool's input schema as the tool itself checks it: what a client
// is shown and what is enforced are one text. Only the keywords that the tools
// use are known.
type schema struct {
	tool       string
	names      []string            // as written
	Properties map[string]property `json:"properties"`
	Required   []string            `json:"required"`
}

type property struct {
	Type        types    `json:"type"`
	Enum        []string `json:"enum"`
	Minimum     int64    `json:"minimum"`
	Maximum     int64    `json:"maximum"`
	Description string   `json:"description"`
}

// types is one type's name or a list of them.
type types []string

func (t *types) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		*t = types{""}
		return json.Unmarshal(data, &(*t)[0])
	}
	return json.Unmarshal(data, (*[]string)(t))
}

// mustSchema reads a schema that is part of the program.
func mustSchema(tool, text string) *schema {
	s := &schema{tool: tool}
	var ordered struct {
		Properties json.RawMessage `json:"properties"`
	}
	err := json.Unmarshal([]byte(text), s)
	if err == nil {
		err = json.Unmarshal([]byte(text), &ordered)
	}
	if err == nil {
		err = eachMember(ordered.Properties, func(name string, _ json.RawMessage) error {
			s.names = append(s.names, name)
			return nil
		})
	}
	if err != nil {
		panic(fmt.Sprintf("tools: the schema of %s: %v", tool, err))
	}
	return s
}

// withAccount adds the account argument to a schema.
func withAccount(text string, accounts []string) string {
	names, _ := json.Marshal(accounts)
	first, _ := json.Marshal(accounts[0])
	return strings.Replace(text, `"properties":{`, `"properties":{"account":{"type":"string","enum":`+string(names)+`,"default":`+string(first)+`},`, 1)
}

// tellsAccount adds the account to what a reading tool answers.
func tellsAccount(text string) string {
	return strings.Replace(text, `"properties":{`, `"properties":{"account":{"type":"string"},`, 1)
}

// eachMember calls f for every member of a JSON object, in order, also for
// those that come twice.
func eachMember(object json.RawMessage, f func(name string, value json.RawMessage) error) error {
	if members, ok := flatMembers(object); ok {
		for _, m := range members {
			if err := f(m.name, m.value); err != nil {
				return err
			}
		}
		return nil
	}
	return eachDecoded(object, f)
}

// eachDecoded is eachMember for any object.
func eachDecoded(object json.RawMessage, f func(name string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return &argumentError{"arguments must be a JSON object"}
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := f(fmt.Sprint(name), value); err != nil {
			return err
		}
	}
	return nil
}

// parse checks a call's arguments. It reads the bytes that came, since a
// decoded number may have lost digits.
func (s *schema) parse(p mcp.CallToolParams) (args, error) {
	raw := p.RawArguments
	if len(raw) == 0 && p.Arguments != nil {
		var err error
		if raw, err = json.Marshal(p.Arguments); err != nil {
			return nil, &argumentError{"arguments must be a JSON object"}
		}
	}
	var parsed args
	if len(raw) > 0 && string(raw) != "null" {
		if err := eachMember(raw, func(name string, value json.RawMessage) error {
			v, err := s.take(parsed, name, value)
			parsed = append(parsed, arg{name, v})
			return err
		}); err != nil {
			return nil, err
		}
	}
	for _, name := range s.Required {
		if parsed.get(name) == nil {
			return nil, s.missing(name)
		}
	}
	return parsed, nil
}

// take checks one more argument.
func (s *schema) take(parsed args, name string, value json.RawMessage) (any, error) {
	p, known := s.Properties[name]
	if !known {
		return nil, s.unknown(name)
	}
	if parsed.get(name) != nil {
		return nil, faultf("%q is given twice", name)
	}
	v, ok := p.read(value)
	switch {
	case ok:
	case string(value) == "null" && !slices.Contains(s.Required, name):
		return nil, faultf("%s must be %s, not null: leave it out", name, p.words())
	case p.tooLong(value):
		return nil, faultf("%s is too long: a string is at most %d bytes", name, maxText)
	default:
		return nil, faultf("%s must be %s, not %s", name, p.words(), shorten(string(value)))
	}
	return v, nil
}

// read returns a string, a bool, or an integer as a json.Number.
func (p property) read(value json.RawMessage) (any, bool) {
	switch c := value[0]; {
	case c == '"' && slices.Contains(p.Type, "string"):
		var s string
		err := json.Unmarshal(value, &s)
		return s, err == nil && len(s) <= maxText && (p.Enum == nil || slices.Contains(p.Enum, s))
	case (c == 't' || c == 'f') && slices.Contains(p.Type, "boolean"):
		return c == 't', true
	case (c == '-' || c >= '0' && c <= '9') && slices.Contains(p.Type, "integer"):
		n := json.Number(value)
		if strings.Trim(string(n), "0123456789") != "" { // also a sign: nothing here is negative
			return nil, false
		}
		i, err := n.Int64()
		return n, p.Maximum == 0 || err == nil && i >= p.Minimum && i <= p.Maximum
	}
	return nil, false
}

// tooLong tells whether all that is wrong with a value is how long it is.
func (p property) tooLong(value json.RawMessage) bool {
	var s string
	return p.Enum == nil && slices.Contains(p.Type, "string") && json.Unmarshal(value, &s) == nil && len(s) > maxText
}

// words says what a property takes.
func (p property) words() string {
	switch {
	case p.Enum != nil:
		return "one of " + strings.Join(p.Enum, ", ")
	case p.Maximum != 0:
		return fmt.Sprintf("an integer from %d to %d", p.Minimum, p.Maximum)
	case len(p.Type) > 1 && p.Description != "":
		return "a whole number or a string: " + p.Description
	case len(p.Type) > 1:
		return "a whole number or a string"
	case p.Type[0] == "boolean":
		return "true or false"
	}
	return fmt.Sprintf("a string of at most %d bytes", maxText)
}

func (s *schema) missing(name string) error {
	words := s.Properties[name].words()
	return faultf("%s is needed: %s. %s", name, words, s.takes())
}

func (s *schema) unknown(name string) error {
	text := fmt.Sprintf("unknown argument %s.", shorten(quote(name)))
	if near := nearest.Word(name, s.names); near != "" {
		text += fmt.Sprintf(" Did you mean %s?", near)
	}
	return &argumentError{text + " " + s.takes()}
}

// takes lists the valid arguments, the optional ones marked.
func (s *schema) takes() string {
	if len(s.names) == 0 {
		return s.tool + " takes no arguments."
	}
	names := make([]string, len(s.names))
	for i, name := range s.names {
		if names[i] = name; !slices.Contains(s.Required, name) {
			names[i] += "?"
		}
	}
	return fmt.Sprintf("%s takes %s. Nothing was done.", s.tool, strings.Join(names, ", "))
}
