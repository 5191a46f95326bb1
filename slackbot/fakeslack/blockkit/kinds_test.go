package blockkit_test

import (
	"encoding/json"
	"testing"

	"github.com/slack-go/slack"

	"vpsops/slackbot/fakeslack/blockkit"
)

// every is a block of every kind, with every field.
const every = `[
	{"type": "section", "block_id": "b", "expand": true, "text": {"type": "mrkdwn", "text": "x", "verbatim": true},
	 "accessory": {"type": "overflow", "action_id": "o", "options": [{"text": {"type": "plain_text", "text": "x"}, "value": "v", "url": "https://x.test"}]}},
	{"type": "divider"},
	{"type": "header", "text": {"type": "plain_text", "text": "x", "emoji": true}, "level": 2},
	{"type": "context", "elements": [{"type": "image", "alt_text": "x", "slack_file": {"id": "F1"}}, {"type": "plain_text", "text": "x"}]},
	{"type": "actions", "elements": [
		{"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "x"}, "value": "", "url": "https://x.test", "style": "danger",
		 "accessibility_label": "x", "confirm": {"title": {"type": "plain_text", "text": "x"}, "text": {"type": "mrkdwn", "text": "x"},
		 "confirm": {"type": "plain_text", "text": "x"}, "deny": {"type": "plain_text", "text": "x"}, "style": "danger"}},
		{"type": "workflow_button", "action_id": "b", "text": {"type": "plain_text", "text": "x"}, "workflow": {"trigger": {"url": "https://x.test"}}},
		{"type": "static_select", "action_id": "c", "placeholder": {"type": "plain_text", "text": "x"}, "initial_option": {"text": {"type": "plain_text", "text": "x"}, "value": "v"},
		 "option_groups": [{"label": {"type": "plain_text", "text": "x"}, "options": [{"text": {"type": "plain_text", "text": "x"}, "value": "v"}]}]},
		{"type": "multi_external_select", "action_id": "d", "min_query_length": 0, "max_selected_items": 2},
		{"type": "conversations_select", "action_id": "e", "default_to_current_conversation": true, "response_url_enabled": true, "filter": {"include": ["im"], "exclude_bot_users": true}},
		{"type": "checkboxes", "action_id": "f", "options": [{"text": {"type": "mrkdwn", "text": "x"}, "value": "v", "description": {"type": "plain_text", "text": "x"}}]},
		{"type": "timepicker", "action_id": "g", "initial_time": "23:59", "timezone": "Europe/Berlin"},
		{"type": "datetimepicker", "action_id": "h", "initial_date_time": 1795662245}
	]},
	{"type": "context_actions", "elements": [
		{"type": "feedback_buttons", "action_id": "a", "positive_button": {"text": {"type": "plain_text", "text": "x"}, "value": "y"},
		 "negative_button": {"text": {"type": "plain_text", "text": "x"}, "value": "n", "accessibility_label": "x"}},
		{"type": "icon_button", "action_id": "b", "icon": "trash", "text": {"type": "plain_text", "text": "x"}, "visible_to_user_ids": ["U1"]}
	]},
	{"type": "image", "alt_text": "x", "image_url": "https://x.test/a.png", "title": {"type": "plain_text", "text": "x"}},
	{"type": "input", "label": {"type": "plain_text", "text": "x"}, "hint": {"type": "plain_text", "text": "x"}, "optional": true,
	 "dispatch_action": true, "element": {"type": "number_input", "action_id": "n", "is_decimal_allowed": true, "initial_value": "1.5", "min_value": "-1", "max_value": "2e3",
	 "focus_on_load": true, "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]}}},
	{"type": "input", "label": {"type": "plain_text", "text": "x"}, "element": {"type": "file_input", "filetypes": ["png"], "max_files": 1}},
	{"type": "input", "label": {"type": "plain_text", "text": "x"}, "element": {"type": "rich_text_input", "min_lines": 1,
	 "initial_value": {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}}},
	{"type": "markdown", "text": "**x**"},
	{"type": "rich_text", "elements": [
		{"type": "rich_text_section", "elements": [
			{"type": "text", "text": "x", "style": {"bold": true, "code": true}}, {"type": "link", "url": "https://x.test", "text": "x"},
			{"type": "user", "user_id": "U1"}, {"type": "usergroup", "usergroup_id": "S1"}, {"type": "channel", "channel_id": "C1"},
			{"type": "emoji", "name": "wave"}, {"type": "broadcast", "range": "here"}, {"type": "color", "value": "#fff"},
			{"type": "date", "timestamp": 1795662245, "format": "{date}", "fallback": "x"}]},
		{"type": "rich_text_list", "style": "ordered", "indent": 1, "border": 0, "offset": 2, "elements": [{"type": "rich_text_section", "elements": []}]},
		{"type": "rich_text_quote", "border": 1, "elements": []},
		{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]}]},
	{"type": "file", "external_id": "x", "source": "remote"},
	{"type": "video", "alt_text": "x", "title": {"type": "plain_text", "text": "x"}, "thumbnail_url": "https://x.test/t", "video_url": "https://x.test/v", "author_name": "x"},
	{"type": "table", "column_settings": [{"align": "right", "is_wrapped": true}], "rows": [[{"type": "raw_text", "text": "x"}, {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}, {"type": "raw_number", "value": 1, "text": "1"}]]},
	{"type": "data_table", "caption": "x", "page_size": 5, "row_header_column_index": 1, "rows": [
		[{"type": "raw_text", "text": "x"}, {"type": "raw_text", "text": "x"}],
		[{"type": "raw_number", "value": 1, "text": "1"}, {"type": "action_cell", "element": {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "x"}}}]]},
	{"type": "card", "title": {"type": "mrkdwn", "text": "x"}, "actions": [{"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "x"}}]},
	{"type": "carousel", "elements": [{"type": "card", "body": {"type": "mrkdwn", "text": "x"}}]},
	{"type": "container", "title": {"type": "plain_text", "text": "x"}, "width": "wide", "is_collapsible": true, "child_blocks": [{"type": "divider"}]},
	{"type": "plan", "title": "x", "tasks": [{"type": "task_card", "task_id": "1", "title": "x", "status": "complete", "sources": [{"type": "url", "url": "https://x.test", "text": "x"}]}]}
]`

func TestEveryKindOfBlockIsTaken(t *testing.T) {
	var blocks []json.RawMessage
	if err := json.Unmarshal([]byte(every), &blocks); err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		one := append(append([]byte("["), b...), ']')
		if err := blockkit.CheckBlocks(one).Err(); err != nil {
			t.Errorf("%.40s…: %v", b, err)
		}
	}
}

// What is taken must go on being taken when a field is left out that may be, and
// be refused when one is of another type.
func TestEveryFieldHasItsType(t *testing.T) {
	var blocks []map[string]any
	if err := json.Unmarshal([]byte(every), &blocks); err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		for name := range b {
			if name == "workflow" {
				continue
			}
			wrong := with(b, o{name: []any{map[string]any{"x": 1.5}}})
			if blockkit.CheckBlocks(raw(t, []any{wrong})).Err() == nil {
				t.Errorf("%s: %s may be anything", b["type"], name)
			}
		}
	}
}

// What slack-go writes must pass, or a client's habits would look like faults.
func TestWhatSlackGoWritesIsTaken(t *testing.T) {
	text := slack.NewTextBlockObject(slack.MarkdownType, "x", false, true)
	label := slack.NewTextBlockObject(slack.PlainTextType, "x", true, false)
	option := slack.NewOptionBlockObject("v", label, nil)
	blocks := []slack.Block{
		slack.NewSectionBlock(text, []*slack.TextBlockObject{text}, slack.NewAccessory(slack.NewOverflowBlockElement("o", option))),
		slack.NewContextBlock("", text), slack.NewDividerBlock(), slack.NewHeaderBlock(label),
		slack.NewActionBlock("", slack.NewButtonBlockElement("a", "v", label).WithStyle(slack.StylePrimary),
			slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, label, "s", option),
			slack.NewRadioButtonsBlockElement("r", option), slack.NewDatePickerBlockElement("d")),
		slack.NewInputBlock("i", label, label, slack.NewPlainTextInputBlockElement(label, "p").WithMinLength(1).WithMaxLength(2)),
		slack.NewTableBlock("t").AddRow(slack.NewTableRawTextCell("x")).WithColumnSettings(slack.ColumnSetting{Align: slack.ColumnAlignmentLeft}),
		slack.NewDataTableBlock("c").AddRow(slack.NewDataTableRawTextCell("x")).AddRow(slack.NewDataTableRawNumberCell(1).WithText("1")),
		slack.NewRichTextBlock("r", slack.NewRichTextSection(slack.NewRichTextSectionTextElement("x", nil)),
			slack.NewRichTextList(slack.RTEListBullet, 0, slack.NewRichTextSection(slack.NewRichTextSectionUserElement("U1", nil)))),
		slack.NewMarkdownBlock("m", "x"),
	}
	if err := blockkit.CheckBlocks(raw(t, blocks)).Err(); err != nil {
		t.Error(err)
	}
}
