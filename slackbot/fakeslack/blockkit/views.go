package blockkit

// Views: https://docs.slack.dev/reference/views

var viewFields = fields{
	"private_metadata": {text(0, 3000), false},
	"callback_id":      {text(0, 255), false},
	"external_id":      {text(0, 255), false},
}

var modalFields = with(viewFields, fields{
	"title":           {plainText(24), true},
	"submit":          {plainText(24), false},
	"close":           {plainText(24), false},
	"clear_on_close":  {boolean, false},
	"notify_on_close": {boolean, false},
})

func (c *checker) view(at pointer, view map[string]any) {
	want := modalFields
	switch kind, _ := view["type"].(string); kind {
	case "modal":
	case "home":
		c.surface, want = home, viewFields
	case "":
		c.add(at, "missing required field: type")
		return
	default:
		c.add(at.key("type"), "unsupported type: "+kind)
		return
	}
	c.fields(at, view, want, "type", "blocks")
	blocks, ok := view["blocks"]
	if !ok {
		c.add(at, "missing required field: blocks")
		return
	}
	c.blocks(at.key("blocks"), blocks, MaxViewBlocks)
	if _, ok := view["submit"]; c.surface == modal && c.inputs && !ok {
		c.add(at, "missing required field: submit")
	}
}
