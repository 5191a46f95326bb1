package blockkit

import "unicode/utf8"

// blockRule is what a block may hold beside type and block_id, and where it may
// stand; only nil means everywhere.
type blockRule struct {
	fields fields
	also   func(*checker, pointer, map[string]any)
	only   map[surface]bool
}

// Where blocks may stand that may not stand everywhere.
var (
	inMessages  = map[surface]bool{message: true}
	inModals    = map[surface]bool{modal: true}
	notInModals = map[surface]bool{message: true, home: true}
)

var pickers = []string{
	"static_select", "external_select", "users_select", "conversations_select", "channels_select",
	"multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select", "multi_channels_select",
	"checkboxes", "radio_buttons", "datepicker", "timepicker",
}

// Which elements may stand in which block.
// https://docs.slack.dev/reference/block-kit/block-elements
var (
	inActions = element(append([]string{"button", "workflow_button", "overflow", "datetimepicker", "rich_text_input"}, pickers...)...)
	inSection = element(append([]string{"button", "workflow_button", "overflow"}, pickers...)...)
	inInput   = element(append([]string{
		"plain_text_input", "rich_text_input", "email_text_input", "url_text_input", "number_input", "file_input", "datetimepicker",
	}, pickers...)...)
)

// known are the blocks. It is filled in init, since some hold others.
// https://docs.slack.dev/reference/block-kit/blocks
var known map[string]blockRule

func init() {
	known = map[string]blockRule{
		"section": {fields: fields{
			"text":      {anyText(3000), false},
			"fields":    {list(1, 10, anyText(2000)), false},
			"accessory": {accessory, false},
			"expand":    {boolean, false},
		}, also: func(c *checker, at pointer, b map[string]any) { c.atLeastOne(at, b, "text", "fields") }},
		"divider": {},
		"header": {fields: fields{
			"text":  {plainText(150), true},
			"level": {integer(1, 4), false},
		}},
		"context": {fields: fields{"elements": {list(1, 10, contextElement), true}}},
		"actions": {fields: fields{"elements": {list(1, 25, inActions), true}}, also: elementsUnique},
		"context_actions": {
			fields: fields{"elements": {list(1, 5, element("feedback_buttons", "icon_button")), true}},
			also:   elementsUnique, only: inMessages,
		},
		"image": {fields: fields{
			"alt_text":   {text(1, 2000), true},
			"image_url":  {link, false},
			"slack_file": {slackFile, false},
			"title":      {plainText(2000), false},
		}, also: imageSource},
		"input": {fields: fields{
			"label":           {plainText(2000), true},
			"element":         {inInput, true},
			"dispatch_action": {boolean, false},
			"hint":            {plainText(2000), false},
			"optional":        {boolean, false},
		}, also: inputBlock},
		"markdown":  {fields: fields{"text": {text(1, maxMarkdown), true}}, also: markdownBlock, only: inMessages},
		"rich_text": {fields: fields{"elements": {list(1, 1000, richTextElement), true}}},
		"file": {fields: fields{
			"external_id": {text(1, 255), true}, "source": {oneOfWords("remote"), true},
		}, only: inMessages},
		"video": {fields: fields{
			"alt_text":          {text(1, 2000), true},
			"title":             {plainText(199), true},
			"thumbnail_url":     {link, true},
			"video_url":         {link, true},
			"author_name":       {text(1, 49), false},
			"description":       {plainText(200), false},
			"provider_icon_url": {link, false},
			"provider_name":     {text(1, 50), false},
			"title_url":         {link, false},
		}},
		"table":      {fields: tableFields, also: tableBlock, only: notInModals},
		"data_table": {fields: dataTableFields, also: dataTable, only: notInModals},
		"plan": {fields: fields{
			"title": {text(1, 3000), true},
			"tasks": {list(0, MaxMessageBlocks, taskInPlan), false},
		}, only: inMessages},
		"task_card": {fields: taskFields, only: inMessages},
		"alert": {fields: fields{
			"text":  {anyText(200), true},
			"level": {oneOfWords("default", "info", "warning", "error", "success"), false},
		}, only: inModals},
		"card":     {fields: cardFields, also: cardBlock},
		"carousel": {fields: fields{"elements": {list(1, 10, cardInCarousel), true}}, only: notInModals},
		"container": {fields: fields{
			"title":              {plainText(150), false},
			"rich_text_title":    {richText, false},
			"subtitle":           {anyText(150), false},
			"child_blocks":       {list(1, 10, childBlock), true},
			"width":              {oneOfWords("narrow", "standard", "wide", "full"), false},
			"icon":               {image, false},
			"is_collapsible":     {boolean, false},
			"default_collapsed":  {boolean, false},
			"has_header_divider": {boolean, false},
		}, only: notInModals, also: func(c *checker, at pointer, b map[string]any) {
			c.atLeastOne(at, b, "title", "rich_text_title")
		}},
	}
}

// maxMarkdown is how many characters all markdown blocks of a message hold.
// https://docs.slack.dev/reference/block-kit/blocks/markdown-block
const maxMarkdown = 12_000

func markdownBlock(c *checker, at pointer, b map[string]any) {
	said, _ := b["text"].(string)
	before := c.markdown
	c.markdown += utf8.RuneCountInString(said)
	if before > 0 && c.markdown > maxMarkdown {
		c.add(at.key("text"), "must be less than 12001 characters in all markdown blocks")
	}
}

func elementsUnique(c *checker, at pointer, b map[string]any) {
	c.uniqueActions(at.key("elements"), b["elements"])
}

// accessory is an interactive element or an image.
func accessory(c *checker, at pointer, v any) {
	if o, _ := v.(map[string]any); o["type"] == "image" {
		image(c, at, v)
		return
	}
	inSection(c, at, v)
}

func contextElement(c *checker, at pointer, v any) {
	if o, _ := v.(map[string]any); o["type"] == "image" {
		image(c, at, v)
		return
	}
	anyText(3000)(c, at, v)
}

func inputBlock(c *checker, at pointer, b map[string]any) {
	c.inputs = true
	e, _ := b["element"].(map[string]any)
	if _, ok := e["dispatch_action_config"]; ok && b["dispatch_action"] != true {
		c.add(at, "dispatch_action_config needs dispatch_action set to true")
	}
	if b["dispatch_action"] == true && e["type"] == "file_input" {
		c.add(at, "file_input cannot dispatch actions")
	}
}

var cardFields = fields{
	"hero_image": {image, false},
	"icon":       {image, false},
	"title":      {mrkdwn(150), false},
	"subtitle":   {mrkdwn(150), false},
	"body":       {mrkdwn(200), false},
	"subtext":    {mrkdwn(200), false},
	"actions":    {list(1, 3, element("button")), false},
}

func cardBlock(c *checker, at pointer, b map[string]any) {
	c.atLeastOne(at, b, "hero_image", "title", "actions", "body")
	c.uniqueActions(at.key("actions"), b["actions"])
}

func cardInCarousel(c *checker, at pointer, v any) {
	c.block(at, v, map[string]blockRule{"card": known["card"]})
}

var taskFields = fields{
	"task_id": {text(1, 255), true},
	"title":   {text(1, 3000), true},
	"status":  {oneOfWords("pending", "in_progress", "complete", "error"), true},
	"details": {richText, false},
	"output":  {richText, false},
	"sources": {list(0, 100, object(fields{
		"type": {oneOfWords("url"), true}, "url": {link, true}, "text": {text(1, 3000), true},
	})), false},
}

func taskInPlan(c *checker, at pointer, v any) {
	c.block(at, v, map[string]blockRule{"task_card": known["task_card"]})
}

func childBlock(c *checker, at pointer, v any) {
	allowed := map[string]blockRule{}
	for _, kind := range []string{
		"actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "table", "video",
	} {
		allowed[kind] = known[kind]
	}
	c.block(at, v, allowed)
}
