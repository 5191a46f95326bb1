package blockkit

import (
	"encoding/json"
)

// What a message and a view may hold.
// https://docs.slack.dev/reference/block-kit/blocks,
// https://docs.slack.dev/reference/views/modal-views
const (
	MaxMessageBlocks = 50
	MaxViewBlocks    = 100
	MaxViewBytes     = 250 * 1000 // view_too_large
)

// surface is where blocks are shown.
type surface int

const (
	message surface = iota
	modal
	home
)

func (s surface) String() string { return [...]string{"messages", "modals", "home tabs"}[s] }

// CheckMessage checks what is posted: an object with text, blocks or both.
// Fields beside them are not looked at.
func CheckMessage(raw []byte) Problems {
	c := checker{surface: message}
	posted, ok := c.decode(raw).(map[string]any)
	if !ok {
		return c.orNotAn("object")
	}
	text, hasText := posted["text"].(string)
	blocks, hasBlocks := posted["blocks"]
	if (!hasText || text == "") && (!hasBlocks || blocks == nil) {
		c.add("", "must have text or blocks") // Slack: no_text
	}
	if hasBlocks && blocks != nil {
		c.blocks("/blocks", blocks, MaxMessageBlocks)
	}
	return c.problems
}

// CheckBlocks checks the blocks of a message: an array.
func CheckBlocks(raw []byte) Problems {
	c := checker{surface: message}
	v := c.decode(raw)
	if len(c.problems) == 0 {
		c.blocks("/blocks", v, MaxMessageBlocks)
	}
	return c.problems
}

// CheckView checks a view as views.open, push, update and publish take it. Its
// size is the raw JSON's.
func CheckView(raw []byte) Problems {
	c := checker{surface: modal}
	view, ok := c.decode(raw).(map[string]any)
	if !ok {
		return c.orNotAn("object")
	}
	if len(raw) > MaxViewBytes {
		c.add("/view", "view_too_large: must be at most 250 kB")
	}
	c.view("/view", view)
	return c.problems
}

// CheckOptions checks what a menu with an external data source is answered: an
// object with options or option_groups.
// https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
func CheckOptions(raw []byte) Problems {
	c := checker{surface: modal}
	answer, ok := c.decode(raw).(map[string]any)
	if !ok {
		return c.orNotAn("object")
	}
	c.fields("", answer, fields{
		"options":       {rule: options(0, 100, plainText(75))},
		"option_groups": {rule: list(0, 100, optionGroup)},
	})
	c.oneOf("", answer, "options", "option_groups")
	return c.problems
}

// checker walks the JSON and notes what is wrong.
type checker struct {
	surface  surface
	problems Problems

	blockIDs map[string]bool
	tables   int  // table blocks, of which a message takes one
	cells    int  // characters in all cells of all data tables
	markdown int  // characters in all markdown blocks
	focused  bool // an element has focus_on_load
	inputs   bool // there is an input block
}

func (c *checker) add(at pointer, message string) {
	c.problems = append(c.problems, Problem{Path: string(at), Message: message})
}

func (c *checker) decode(raw []byte) any {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		c.add("", "invalid JSON: "+err.Error())
	}
	return v
}

func (c *checker) orNotAn(what string) Problems {
	if len(c.problems) == 0 {
		c.add("", "must provide an "+what)
	}
	return c.problems
}

func (c *checker) blocks(at pointer, v any, most int) {
	blocks, ok := v.([]any)
	if !ok {
		c.add(at, "must provide an array")
		return
	}
	c.count(at, len(blocks), 0, most)
	for i, b := range blocks {
		c.block(at.index(i), b, known)
	}
}

func (c *checker) block(at pointer, v any, allowed map[string]blockRule) {
	b, ok := v.(map[string]any)
	if !ok {
		c.add(at, "must provide an object")
		return
	}
	kind, _ := b["type"].(string)
	rule, ok := allowed[kind]
	switch {
	case kind == "":
		c.add(at, "missing required field: type")
	case !ok:
		c.add(at.key("type"), "unsupported type: "+kind)
	case rule.only != nil && !rule.only[c.surface]:
		c.add(at.key("type"), "unsupported type: "+kind+" in "+c.surface.String())
	default:
		c.fields(at, b, rule.fields, "type", "block_id")
		c.blockID(at, b)
		if rule.also != nil {
			rule.also(c, at, b)
		}
	}
}

// blockID holds a block's id to its length and to being the only one.
func (c *checker) blockID(at pointer, b map[string]any) {
	v, ok := b["block_id"]
	if !ok {
		return
	}
	text(1, 255)(c, at.key("block_id"), v)
	id, _ := v.(string)
	if c.blockIDs[id] {
		c.add(at.key("block_id"), "block_id must be unique: "+id)
	}
	if c.blockIDs == nil {
		c.blockIDs = map[string]bool{}
	}
	c.blockIDs[id] = true
}
