package blockkit

// Rich text: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

func richText(c *checker, at pointer, v any) {
	object(fields{
		"type":     {oneOfWords("rich_text"), true},
		"block_id": {text(1, 255), false},
		"elements": {list(1, 1000, richTextElement), true},
	})(c, at, v)
}

// richTextElement is a section, list, quote or preformatted text.
func richTextElement(c *checker, at pointer, v any) {
	o, _ := v.(map[string]any)
	inside := field{list(0, 1000, inline), true}
	border := field{integer(0, 1), false}
	switch kind, _ := o["type"].(string); kind {
	case "rich_text_section":
		c.fields(at, o, fields{"elements": inside}, "type")
	case "rich_text_quote":
		c.fields(at, o, fields{"elements": inside, "border": border}, "type")
	case "rich_text_preformatted":
		c.fields(at, o, fields{"elements": inside, "border": border, "language": {text(1, 50), false}}, "type")
	case "rich_text_list":
		c.fields(at, o, fields{
			"elements": {list(1, 1000, richTextElement), true},
			"style":    {oneOfWords("bullet", "ordered"), true},
			"indent":   {integer(0, 8), false},
			"offset":   {integer(0, 1_000_000), false},
			"border":   border,
		}, "type")
	default:
		c.add(at.key("type"), "unsupported type: "+kind)
	}
}

var styles = object(fields{
	"bold": {boolean, false}, "italic": {boolean, false}, "strike": {boolean, false}, "code": {boolean, false},
	"underline": {boolean, false}, "highlight": {boolean, false}, "client_highlight": {boolean, false}, "unlink": {boolean, false},
})

// inlines are the elements that stand in a line.
var inlines = map[string]fields{
	"text":      {"text": {text(1, 40_000), true}},
	"link":      {"url": {link, true}, "text": {text(0, 3000), false}, "unsafe": {boolean, false}},
	"user":      {"user_id": {text(1, 255), true}},
	"usergroup": {"usergroup_id": {text(1, 255), true}},
	"channel":   {"channel_id": {text(1, 255), true}},
	"team":      {"team_id": {text(1, 255), true}},
	"emoji":     {"name": {text(1, 255), true}, "unicode": {text(0, 255), false}, "url": {link, false}, "skin_tone": {integer(1, 6), false}},
	"broadcast": {"range": {oneOfWords("here", "channel", "everyone"), true}},
	"color":     {"value": {text(4, 7), true}},
	"date": {
		"timestamp": {integer(0, 1<<53), true}, "format": {text(1, 3000), true},
		"url": {link, false}, "fallback": {text(0, 3000), false},
	},
}

func inline(c *checker, at pointer, v any) {
	o, _ := v.(map[string]any)
	kind, _ := o["type"].(string)
	want, ok := inlines[kind]
	if !ok {
		c.add(at.key("type"), "unsupported type: "+kind)
		return
	}
	c.fields(at, o, with(want, fields{"style": {styles, false}}), "type")
}
