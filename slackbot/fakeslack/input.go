package fakeslack

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// holds is the name under which a kind of element keeps what was entered.
// https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
var holds = map[string]string{
	"plain_text_input": "value", "email_text_input": "value", "url_text_input": "value", "number_input": "value",
	"rich_text_input": "rich_text_value", "file_input": "files",
	"static_select": "selected_option", "external_select": "selected_option", "radio_buttons": "selected_option",
	"checkboxes": "selected_options", "multi_static_select": "selected_options", "multi_external_select": "selected_options",
	"users_select": "selected_user", "multi_users_select": "selected_users",
	"channels_select": "selected_channel", "multi_channels_select": "selected_channels",
	"conversations_select": "selected_conversation", "multi_conversations_select": "selected_conversations",
	"datepicker": "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time",
}

// startsWith is the field of an element that holds what is entered at first.
var startsWith = map[string]string{
	"value": "initial_value", "rich_text_value": "initial_value", "selected_option": "initial_option",
	"selected_options": "initial_options", "selected_user": "initial_user", "selected_users": "initial_users",
	"selected_channel": "initial_channel", "selected_channels": "initial_channels",
	"selected_conversation": "initial_conversation", "selected_conversations": "initial_conversations",
	"selected_date": "initial_date", "selected_time": "initial_time", "selected_date_time": "initial_date_time",
}

// values are what was entered, by block and action.
type values map[string]map[string]any

// json is a copy, as payloads have it.
func (vs values) json() map[string]any {
	out := map[string]any{}
	for block, actions := range vs {
		out[block] = maps.Clone(actions)
	}
	return out
}

// set keeps what was entered in an element that keeps it.
func (vs values) set(e part, held map[string]any) {
	if vs[e.blockID()] != nil {
		vs[e.blockID()][e.action()] = held
	}
}

// initialValues are what a view holds before anybody enters anything; what was
// entered before stays where block and action are the same.
func initialValues(blocks json.RawMessage, before values) values {
	now := values{}
	for _, p := range partsIn(blocks) {
		name, ok := holds[p.kind()]
		if !ok {
			continue
		}
		if now[p.blockID()] == nil {
			now[p.blockID()] = map[string]any{}
		}
		if old, ok := before[p.blockID()][p.action()]; ok && str(object(old), "type") == p.kind() {
			now[p.blockID()][p.action()] = old
			continue
		}
		now[p.blockID()][p.action()] = map[string]any{"type": p.kind(), name: initially(p, name)}
	}
	return now
}

func initially(p part, name string) any {
	if v, ok := p.element[startsWith[name]]; ok {
		return v
	}
	if strings.HasSuffix(name, "s") { // selected_options, selected_users, files: several
		return []any{}
	}
	return nil
}

// offered are the options of a menu, in order.
func (p part) offered() []any {
	options := append([]any{}, array(p.element["options"])...)
	for _, g := range array(p.element["option_groups"]) {
		options = append(options, array(object(g)["options"])...)
	}
	return options
}

// pick finds the option with a value, or with a label that reads so.
func pick(options []any, wanted string) (map[string]any, bool) {
	for _, byLabel := range []bool{false, true} {
		for _, v := range options {
			o := object(v)
			if (!byLabel && str(o, "value") == wanted) || (byLabel && str(object(o["text"]), "text") == wanted) {
				return o, true
			}
		}
	}
	return nil, false
}

// enter is what an element holds once a person has entered text, or chosen
// option by value or label; several are separated by commas. options are what
// an external menu offers.
func (p part) enter(text string, options []any) (map[string]any, error) {
	name, ok := holds[p.kind()]
	if !ok {
		return nil, fmt.Errorf("%s is a %s, which takes no input", p.action(), p.kind())
	}
	held := map[string]any{"type": p.kind(), name: nil}
	switch {
	case name == "selected_option" || name == "selected_options":
		chosen, err := choose(append(p.offered(), options...), text, p.action())
		if err != nil {
			return nil, err
		}
		held[name] = chosen
		if name == "selected_option" {
			held[name] = nil
			if len(chosen) > 0 {
				held[name] = chosen[0]
			}
		}
	case strings.HasSuffix(name, "s"):
		held[name] = words(text)
	case text == "":
	case name == "selected_date_time":
		at, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("%s wants a time in Unix seconds", p.action())
		}
		held[name] = at
	case name == "rich_text_value":
		held[name] = richText(text)
	default:
		held[name] = text
	}
	return held, nil
}

func choose(options []any, text, action string) ([]any, error) {
	chosen := []any{}
	if text == "" {
		return chosen, nil
	}
	if one, ok := pick(options, text); ok {
		return append(chosen, one), nil
	}
	for _, word := range words(text) {
		one, ok := pick(options, word)
		if !ok {
			return nil, fmt.Errorf("%s offers no %q", action, word)
		}
		chosen = append(chosen, one)
	}
	return chosen, nil
}

func words(text string) []string {
	list := []string{}
	for _, word := range strings.Split(text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			list = append(list, word)
		}
	}
	return list
}

func richText(text string) map[string]any {
	return map[string]any{"type": "rich_text", "elements": []any{map[string]any{
		"type": "rich_text_section", "elements": []any{map[string]any{"type": "text", "text": text}},
	}}}
}
