package blockkit_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"vpsops/slackbot/fakeslack/blockkit"
)

func Example() {
	problems := blockkit.CheckMessage([]byte(`{"text": "hi", "blocks": [
		{"type": "header", "text": {"type": "mrkdwn", "text": "*Servers*"}},
		{"type": "actions", "elements": []}
	]}`))
	fmt.Println(problems.Err())
	// Output:
	// /blocks/0/text/type: must be one of plain_text
	// /blocks/1/elements: no fewer than 1 items required
}

type o = map[string]any

func plain(n int) o  { return o{"type": "plain_text", "text": strings.Repeat("x", n)} }
func mrkdwn(n int) o { return o{"type": "mrkdwn", "text": strings.Repeat("x", n)} }

func list(n int, item func(int) any) []any {
	items := make([]any, n)
	for i := range items {
		items[i] = item(i)
	}
	return items
}

func same(v any) func(int) any { return func(int) any { return v } }

func button(id string) o { return o{"type": "button", "text": plain(5), "action_id": id} }

func option(i int) any {
	return o{"text": plain(5), "value": fmt.Sprint(i)}
}

func with(base o, more o) o {
	out := o{}
	for k, v := range base {
		out[k] = v
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func section(more o) o          { return with(o{"type": "section"}, more) }
func actions(elements ...any) o { return o{"type": "actions", "elements": elements} }
func input(element o) o         { return o{"type": "input", "label": plain(5), "element": element} }
func textInput(more o) o        { return with(o{"type": "plain_text_input", "action_id": "a"}, more) }

func confirm(title, text, yes, no int) o {
	return o{"title": plain(title), "text": plain(text), "confirm": plain(yes), "deny": plain(no)}
}

func table(rows, columns, size int) o {
	cell := o{"type": "raw_text", "text": strings.Repeat("x", size)}
	return o{"type": "table", "rows": list(rows, same(list(columns, same(cell))))}
}

func dataTable(rows, columns, size int) o {
	return with(table(rows, columns, size), o{"type": "data_table", "caption": "Servers"})
}

func menu(kind string, more o) o { return with(o{"type": kind, "action_id": "m"}, more) }

// Each limit, at it and over it: the block, and what is said of it.
var messages = map[string]struct {
	block any
	want  string // "" where Slack takes it
}{
	"section text 3000":           {section(o{"text": mrkdwn(3000)}), ""},
	"section text 3001":           {section(o{"text": mrkdwn(3001)}), "/blocks/0/text/text: must be less than 3001 characters"},
	"characters, not bytes":       {section(o{"text": o{"type": "mrkdwn", "text": strings.Repeat("é", 3000)}}), ""},
	"section text empty":          {section(o{"text": mrkdwn(0)}), "/blocks/0/text/text: must be more than 0 characters"},
	"section without anything":    {section(o{}), "/blocks/0: must define at least one of text, fields"},
	"section 10 fields":           {section(o{"fields": list(10, same(mrkdwn(2000)))}), ""},
	"section 11 fields":           {section(o{"fields": list(11, same(mrkdwn(1)))}), "/blocks/0/fields: no more than 10 items allowed"},
	"section field 2001":          {section(o{"fields": []any{mrkdwn(2001)}}), "/blocks/0/fields/0/text: must be less than 2001 characters"},
	"section image":               {section(o{"text": mrkdwn(1), "accessory": o{"type": "image", "alt_text": "a", "image_url": "https://x.test/a"}}), ""},
	"section of an input":         {section(o{"text": mrkdwn(1), "accessory": textInput(nil)}), "/blocks/0/accessory/type: unsupported type: plain_text_input"},
	"unknown field":               {section(o{"text": mrkdwn(1), "texts": 1}), "/blocks/0: invalid additional property: texts"},
	"mrkdwn with emoji":           {section(o{"text": with(mrkdwn(1), o{"emoji": true})}), "/blocks/0/text: invalid additional property: emoji"},
	"plain with verbatim":         {section(o{"text": with(plain(1), o{"verbatim": true})}), "/blocks/0/text: invalid additional property: verbatim"},
	"header 150":                  {o{"type": "header", "text": plain(150)}, ""},
	"header 151":                  {o{"type": "header", "text": plain(151)}, "/blocks/0/text/text: must be less than 151 characters"},
	"header without text":         {o{"type": "header"}, "/blocks/0: missing required field: text"},
	"header in mrkdwn":            {o{"type": "header", "text": mrkdwn(1)}, "/blocks/0/text/type: must be one of plain_text"},
	"context 10":                  {o{"type": "context", "elements": list(10, same(mrkdwn(1)))}, ""},
	"context 11":                  {o{"type": "context", "elements": list(11, same(mrkdwn(1)))}, "/blocks/0/elements: no more than 10 items allowed"},
	"divider":                     {o{"type": "divider"}, ""},
	"actions 25":                  {actions(list(25, func(i int) any { return button(fmt.Sprint(i)) })...), ""},
	"actions 26":                  {actions(list(26, func(i int) any { return button(fmt.Sprint(i)) })...), "/blocks/0/elements: no more than 25 items allowed"},
	"an action twice":             {actions(button("a"), button("a")), "/blocks/0/elements/1/action_id: action_id must be unique: a"},
	"button text 75":              {actions(with(button("a"), o{"text": plain(75)})), ""},
	"button text 76":              {actions(with(button("a"), o{"text": plain(76)})), "/blocks/0/elements/0/text/text: must be less than 76 characters"},
	"button value 2000":           {actions(with(button("a"), o{"value": strings.Repeat("x", 2000)})), ""},
	"button value 2001":           {actions(with(button("a"), o{"value": strings.Repeat("x", 2001)})), "/blocks/0/elements/0/value: must be less than 2001 characters"},
	"button url 3001":             {actions(with(button("a"), o{"url": "https://" + strings.Repeat("x", 2993)})), "/blocks/0/elements/0/url: must be less than 3001 characters"},
	"button url of nothing":       {actions(with(button("a"), o{"url": "x"})), "/blocks/0/elements/0/url: must be a valid URL"},
	"button style":                {actions(with(button("a"), o{"style": "loud"})), "/blocks/0/elements/0/style: must be one of primary, danger"},
	"button in mrkdwn":            {actions(with(button("a"), o{"text": mrkdwn(1)})), "/blocks/0/elements/0/text/type: must be one of plain_text"},
	"action id 256":               {actions(button(strings.Repeat("x", 256))), "/blocks/0/elements/0/action_id: must be less than 256 characters"},
	"block id 256":                {o{"type": "divider", "block_id": strings.Repeat("x", 256)}, "/blocks/0/block_id: must be less than 256 characters"},
	"confirm":                     {actions(with(button("a"), o{"confirm": confirm(100, 300, 30, 30)})), ""},
	"confirm title 101":           {actions(with(button("a"), o{"confirm": confirm(101, 300, 30, 30)})), "/blocks/0/elements/0/confirm/title/text: must be less than 101 characters"},
	"confirm text 301":            {actions(with(button("a"), o{"confirm": confirm(100, 301, 30, 30)})), "/blocks/0/elements/0/confirm/text/text: must be less than 301 characters"},
	"confirm yes 31":              {actions(with(button("a"), o{"confirm": confirm(100, 300, 31, 30)})), "/blocks/0/elements/0/confirm/confirm/text: must be less than 31 characters"},
	"confirm no 31":               {actions(with(button("a"), o{"confirm": confirm(100, 300, 30, 31)})), "/blocks/0/elements/0/confirm/deny/text: must be less than 31 characters"},
	"overflow 5":                  {actions(menu("overflow", o{"options": list(5, option)})), ""},
	"overflow 6":                  {actions(menu("overflow", o{"options": list(6, option)})), "/blocks/0/elements/0/options: no more than 5 items allowed"},
	"checkboxes 11":               {actions(menu("checkboxes", o{"options": list(11, option)})), "/blocks/0/elements/0/options: no more than 10 items allowed"},
	"select 100":                  {actions(menu("static_select", o{"options": list(100, option)})), ""},
	"select 101":                  {actions(menu("static_select", o{"options": list(101, option)})), "/blocks/0/elements/0/options: no more than 100 items allowed"},
	"select of nothing":           {actions(menu("static_select", o{})), "/blocks/0/elements/0: must define exactly one of options or option_groups"},
	"select of both":              {actions(menu("static_select", o{"options": list(1, option), "option_groups": []any{o{"label": plain(1), "options": list(1, option)}}})), "/blocks/0/elements/0: must define exactly one of options or option_groups"},
	"initial option not offered":  {actions(menu("static_select", o{"options": list(1, option), "initial_option": option(7)})), "/blocks/0/elements/0/initial_option: must exactly match one of the options"},
	"option text 76":              {actions(menu("static_select", o{"options": []any{o{"text": plain(76), "value": "v"}}})), "/blocks/0/elements/0/options/0/text/text: must be less than 76 characters"},
	"option value 151":            {actions(menu("static_select", o{"options": []any{o{"text": plain(1), "value": strings.Repeat("v", 151)}}})), "/blocks/0/elements/0/options/0/value: must be less than 151 characters"},
	"option value twice":          {actions(menu("static_select", o{"options": list(2, same(option(1)))})), "/blocks/0/elements/0/options/1/value: value must be unique: 1"},
	"group label 76":              {actions(menu("static_select", o{"option_groups": []any{o{"label": plain(76), "options": list(1, option)}}})), "/blocks/0/elements/0/option_groups/0/label/text: must be less than 76 characters"},
	"placeholder 151":             {actions(menu("users_select", o{"placeholder": plain(151)})), "/blocks/0/elements/0/placeholder/text: must be less than 151 characters"},
	"date":                        {actions(menu("datepicker", o{"initial_date": "2026-02-30"})), "/blocks/0/elements/0/initial_date: must be in the format YYYY-MM-DD"},
	"image":                       {o{"type": "image", "alt_text": "a", "image_url": "https://x.test/a", "title": plain(2000)}, ""},
	"image of both":               {o{"type": "image", "alt_text": "a", "image_url": "https://x.test/a", "slack_file": o{"id": "F1"}}, "/blocks/0: must define exactly one of image_url or slack_file"},
	"image without alt":           {o{"type": "image", "image_url": "https://x.test/a"}, "/blocks/0: missing required field: alt_text"},
	"markdown 12000":              {o{"type": "markdown", "text": strings.Repeat("x", 12000)}, ""},
	"markdown 12001":              {o{"type": "markdown", "text": strings.Repeat("x", 12001)}, "/blocks/0/text: must be less than 12001 characters"},
	"table 100 by 20":             {table(100, 20, 5), ""},
	"table 101 rows":              {table(101, 1, 1), "/blocks/0/rows: no more than 100 items allowed"},
	"table 21 columns":            {table(1, 21, 1), "/blocks/0/rows/0: no more than 20 items allowed"},
	"table 10000":                 {table(1, 1, 10_000), ""},
	"table 10001":                 {table(1, 1, 10_001), "/blocks/0/rows: must be less than 10001 characters in all cells"},
	"data table 201 by 20":        {dataTable(201, 20, 4), ""},
	"data table 202 rows":         {dataTable(202, 1, 1), "/blocks/0/rows: no more than 201 items allowed"},
	"data table 1 row":            {dataTable(1, 1, 1), "/blocks/0/rows: no fewer than 2 items required"},
	"data table 20001":            {dataTable(3, 1, 6667), "/blocks/0/rows: must be less than 20001 characters in all cells"},
	"data table without caption":  {with(table(2, 1, 1), o{"type": "data_table"}), "/blocks/0: missing required field: caption"},
	"data table page 101":         {with(dataTable(2, 1, 1), o{"page_size": 101}), "/blocks/0/page_size: must be between 1 and 100"},
	"data table ragged":           {with(dataTable(2, 1, 1), o{"rows": []any{list(2, same(o{"type": "raw_text", "text": "x"})), list(1, same(o{"type": "raw_text", "text": "x"}))}}), "/blocks/0/rows/1: all rows must have the same number of cells"},
	"data table number as header": {with(dataTable(2, 1, 1), o{"rows": list(2, same([]any{o{"type": "raw_number", "value": 1, "text": "1"}}))}), "/blocks/0/rows/0/0: header cells must be raw_text"},
	"rich text":                   {o{"type": "rich_text", "elements": []any{o{"type": "rich_text_section", "elements": []any{o{"type": "text", "text": "x", "style": o{"bold": true}}}}}}, ""},
	"rich text of the unknown":    {o{"type": "rich_text", "elements": []any{o{"type": "rich_text_section", "elements": []any{o{"type": "blink"}}}}}, "/blocks/0/elements/0/elements/0/type: unsupported type: blink"},
	"input label 2001":            {with(input(textInput(nil)), o{"label": plain(2001)}), "/blocks/0/label/text: must be less than 2001 characters"},
	"input of a button":           {input(button("a")), "/blocks/0/element/type: unsupported type: button"},
	"input lengths":               {input(textInput(o{"min_length": 5, "max_length": 4})), "/blocks/0/element: min_length must not be more than max_length"},
	"input max_length 3001":       {input(textInput(o{"max_length": 3001})), "/blocks/0/element/max_length: must be between 1 and 3000"},
	"input number":                {input(menu("number_input", o{})), "/blocks/0/element: missing required field: is_decimal_allowed"},
	"input values":                {input(menu("number_input", o{"is_decimal_allowed": true, "min_value": "10", "max_value": "9.5"})), "/blocks/0/element: min_value must not be more than max_value"},
	"input lines":                 {input(menu("rich_text_input", o{"min_lines": 5, "max_lines": 4})), "/blocks/0/element: min_lines must not be more than max_lines"},
	"alert outside of modals":     {o{"type": "alert", "text": mrkdwn(1)}, "/blocks/0/type: unsupported type: alert in messages"},
	"dispatch config alone":       {input(textInput(o{"dispatch_action_config": o{"trigger_actions_on": []any{"on_enter_pressed"}}})), "/blocks/0: dispatch_action_config needs dispatch_action set to true"},
	"dispatch config":             {with(input(textInput(o{"dispatch_action_config": o{"trigger_actions_on": []any{"on_character_entered"}}})), o{"dispatch_action": true}), ""},
	"dispatch on what":            {with(input(textInput(o{"dispatch_action_config": o{"trigger_actions_on": []any{"on_blur"}}})), o{"dispatch_action": true}), "/blocks/0/element/dispatch_action_config/trigger_actions_on/0: must be one of on_enter_pressed, on_character_entered"},
	"card of nothing":             {o{"type": "card"}, "/blocks/0: must define at least one of hero_image, title, actions, body"},
	"container 11":                {o{"type": "container", "title": plain(1), "child_blocks": list(11, same(o{"type": "divider"}))}, "/blocks/0/child_blocks: no more than 10 items allowed"},
	"container of a container":    {o{"type": "container", "title": plain(1), "child_blocks": []any{o{"type": "container"}}}, "/blocks/0/child_blocks/0/type: unsupported type: container"},
	"number without text":         {with(table(1, 1, 1), o{"rows": []any{[]any{o{"type": "raw_number", "value": 1}}}}), "/blocks/0/rows/0/0: missing required field: text"},
	"header level 5":              {o{"type": "header", "text": plain(1), "level": 5}, "/blocks/0/level: must be between 1 and 4"},
	"plan":                        {o{"type": "plan", "title": "p", "tasks": []any{o{"type": "task_card", "task_id": "1", "title": "t", "status": "done"}}}, "/blocks/0/tasks/0/status: must be one of pending, in_progress, complete, error"},
	"unknown block":               {o{"type": "blink"}, "/blocks/0/type: unsupported type: blink"},
	"no type":                     {o{}, "/blocks/0: missing required field: type"},
	"no object":                   {"x", "/blocks/0: must provide an object"},
}

func TestEveryLimitOfAMessage(t *testing.T) {
	for name, c := range messages {
		t.Run(name, func(t *testing.T) {
			wantProblem(t, blockkit.CheckMessage(raw(t, o{"blocks": []any{c.block}})), c.want)
		})
	}
}

func TestAMessageAsAWhole(t *testing.T) {
	divider := o{"type": "divider"}
	for name, c := range map[string]struct{ message, want any }{
		"50 blocks":  {o{"blocks": list(50, same(divider))}, ""},
		"51 blocks":  {o{"blocks": list(51, same(divider))}, "/blocks: no more than 50 items allowed"},
		"text alone": {o{"text": "hi"}, ""},
		"nothing":    {o{}, ": must have text or blocks"},
		"two tables": {o{"blocks": []any{table(1, 1, 1), table(1, 1, 1)}}, "/blocks/1: only_one_table_allowed"},
		"cells of two data tables": {
			o{"blocks": []any{dataTable(2, 1, 5000), dataTable(2, 1, 5001)}},
			"/blocks/1/rows: must be less than 20001 characters in all cells",
		},
		"markdown in all": {
			o{"blocks": list(2, same(o{"type": "markdown", "text": strings.Repeat("x", 6001)}))},
			"/blocks/1/text: must be less than 12001 characters in all markdown blocks",
		},
		"a block id twice": {o{"blocks": list(2, same(o{"type": "divider", "block_id": "b"}))}, "/blocks/1/block_id: block_id must be unique: b"},
		"no array":         {o{"blocks": o{}}, "/blocks: must provide an array"},
		"no object":        {"x", ": must provide an object"},
	} {
		t.Run(name, func(t *testing.T) {
			wantProblem(t, blockkit.CheckMessage(raw(t, c.message)), c.want.(string))
		})
	}
}

func TestEveryLimitOfAView(t *testing.T) {
	modal := o{"type": "modal", "title": plain(24), "blocks": []any{}}
	home := o{"type": "home", "blocks": []any{}}
	for name, c := range map[string]struct {
		view o
		want string
	}{
		"modal":                  {modal, ""},
		"home":                   {home, ""},
		"home with a title":      {with(home, o{"title": plain(1)}), "/view: invalid additional property: title"},
		"modal without title":    {o{"type": "modal", "blocks": []any{}}, "/view: missing required field: title"},
		"title 25":               {with(modal, o{"title": plain(25)}), "/view/title/text: must be less than 25 characters"},
		"submit 25":              {with(modal, o{"submit": plain(25)}), "/view/submit/text: must be less than 25 characters"},
		"close 25":               {with(modal, o{"close": plain(25)}), "/view/close/text: must be less than 25 characters"},
		"metadata 3000":          {with(modal, o{"private_metadata": strings.Repeat("x", 3000)}), ""},
		"metadata 3001":          {with(modal, o{"private_metadata": strings.Repeat("x", 3001)}), "/view/private_metadata: must be less than 3001 characters"},
		"callback id 256":        {with(modal, o{"callback_id": strings.Repeat("x", 256)}), "/view/callback_id: must be less than 256 characters"},
		"100 blocks":             {with(modal, o{"blocks": list(100, same(o{"type": "divider"}))}), ""},
		"101 blocks":             {with(modal, o{"blocks": list(101, same(o{"type": "divider"}))}), "/view/blocks: no more than 100 items allowed"},
		"inputs without submit":  {with(modal, o{"blocks": []any{input(textInput(nil))}}), "/view: missing required field: submit"},
		"inputs with submit":     {with(modal, o{"submit": plain(1), "blocks": []any{input(textInput(nil))}}), ""},
		"inputs at home":         {with(home, o{"blocks": []any{input(textInput(nil))}}), ""},
		"a table in a modal":     {with(modal, o{"blocks": []any{table(1, 1, 1)}}), "/view/blocks/0/type: unsupported type: table in modals"},
		"a data table at home":   {with(home, o{"blocks": []any{dataTable(2, 1, 1)}}), ""},
		"alert 200":              {with(modal, o{"blocks": []any{o{"type": "alert", "text": mrkdwn(200)}}}), ""},
		"alert 201":              {with(modal, o{"blocks": []any{o{"type": "alert", "text": mrkdwn(201)}}}), "/view/blocks/0/text/text: must be less than 201 characters"},
		"a container in a modal": {with(modal, o{"blocks": []any{o{"type": "container"}}}), "/view/blocks/0/type: unsupported type: container in modals"},
		"markdown at home":       {with(home, o{"blocks": []any{o{"type": "markdown", "text": "x"}}}), "/view/blocks/0/type: unsupported type: markdown in home tabs"},
		"two with focus":         {with(modal, o{"submit": plain(1), "blocks": list(2, same(input(textInput(o{"focus_on_load": true}))))}), "/view/blocks/1/element/focus_on_load: only one element can have focus_on_load set to true"},
		"more than 250 kB":       {with(modal, o{"blocks": list(90, same(section(o{"text": mrkdwn(3000)})))}), "/view: view_too_large: must be at most 250 kB"},
		"a type of its own":      {o{"type": "sheet"}, "/view/type: unsupported type: sheet"},
		"no type":                {o{}, "/view: missing required field: type"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, blockkit.CheckView(raw(t, c.view)), c.want) })
	}
}

func TestOptionsOfAMenu(t *testing.T) {
	for name, c := range map[string]struct {
		answer any
		want   string
	}{
		"none":     {o{"options": []any{}}, ""},
		"100":      {o{"options": list(100, option)}, ""},
		"101":      {o{"options": list(101, option)}, "/options: no more than 100 items allowed"},
		"groups":   {o{"option_groups": []any{o{"label": plain(1), "options": list(1, option)}}}, ""},
		"neither":  {o{}, ": must define exactly one of options or option_groups"},
		"an array": {[]any{}, ": must provide an object"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, blockkit.CheckOptions(raw(t, c.answer)), c.want) })
	}
}

func TestBrokenJSONIsAProblem(t *testing.T) {
	for name, check := range map[string]func([]byte) blockkit.Problems{
		"message": blockkit.CheckMessage, "blocks": blockkit.CheckBlocks, "view": blockkit.CheckView, "options": blockkit.CheckOptions,
	} {
		if ps := check([]byte(`{"blocks":`)); len(ps) != 1 || !strings.HasPrefix(ps[0].Message, "invalid JSON") {
			t.Errorf("%s: %v", name, ps)
		}
	}
}

func raw(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantProblem wants exactly one problem, or none.
func wantProblem(t *testing.T, got blockkit.Problems, want string) {
	t.Helper()
	if want == "" && len(got) == 0 {
		return
	}
	if len(got) != 1 || got[0].Error() != want {
		t.Errorf("got\n%s\nwant\n%s", got.Error(), want)
	}
}

func FuzzCheck(f *testing.F) {
	for _, c := range messages {
		b, _ := json.Marshal(o{"blocks": []any{c.block}})
		f.Add(b)
	}
	f.Add([]byte(`{"type":"modal","title":{"type":"plain_text","text":"x"},"blocks":[{"type":"input"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, ps := range []blockkit.Problems{blockkit.CheckMessage(b), blockkit.CheckBlocks(b), blockkit.CheckView(b), blockkit.CheckOptions(b)} {
			for _, p := range ps {
				if p.Message == "" {
					t.Errorf("a problem without a word: %+v", p)
				}
			}
		}
	})
}
