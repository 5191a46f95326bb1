package blockkit

import "unicode/utf8"

// https://docs.slack.dev/reference/block-kit/blocks/table-block
const (
	maxTableRows       = 100
	maxTableColumns    = 20
	maxTableCharacters = 10_000
)

// https://docs.slack.dev/reference/block-kit/blocks/data-table-block
const (
	maxDataTableRows       = 201 // with the header
	maxDataTableCharacters = 20_000
)

var tableFields = fields{
	"rows": {list(1, maxTableRows, list(1, maxTableColumns, cell("raw_text", "raw_number", "rich_text"))), true},
	"column_settings": {list(0, maxTableColumns, object(fields{
		"align":      {oneOfWords("left", "center", "right"), false},
		"is_wrapped": {boolean, false},
	})), false},
}

var dataTableFields = fields{
	"rows": {list(2, maxDataTableRows,
		list(1, maxTableColumns, cell("raw_text", "raw_number", "rich_text", "action_cell"))), true},
	"caption":                 {text(1, 3000), true},
	"page_size":               {integer(1, 100), false},
	"row_header_column_index": {integer(0, maxTableColumns-1), false},
}

func cell(kinds ...string) rule {
	return func(c *checker, at pointer, v any) {
		o, ok := v.(map[string]any)
		if !ok {
			c.add(at, "must provide an object")
			return
		}
		oneOfWords(kinds...)(c, at.key("type"), o["type"])
		switch o["type"] {
		case "raw_text":
			c.fields(at, o, fields{"text": {text(1, maxDataTableCharacters), true}}, "type")
		case "raw_number":
			c.fields(at, o, fields{"value": {number, true}, "text": {text(1, 3000), true}}, "type")
		case "rich_text":
			c.fields(at, o, fields{"elements": {list(1, 1000, richTextElement), true}}, "type", "block_id")
		case "action_cell":
			c.fields(at, o, fields{"element": {element("button"), true}, "fallback": {anything, false}}, "type")
		}
	}
}

// tableBlock: a message takes one table, and the characters of its cells are
// counted together.
func tableBlock(c *checker, at pointer, b map[string]any) {
	c.tables++
	if c.tables > 1 {
		c.add(at, "only_one_table_allowed")
	}
	if characters(b["rows"]) > maxTableCharacters {
		c.add(at.key("rows"), "must be less than 10001 characters in all cells")
	}
}

func dataTable(c *checker, at pointer, b map[string]any) {
	c.cells += characters(b["rows"])
	if c.cells > maxDataTableCharacters {
		c.add(at.key("rows"), "must be less than 20001 characters in all cells")
	}
	rows, _ := b["rows"].([]any)
	c.sameWidth(at.key("rows"), rows)
	if len(rows) > 0 {
		header, _ := rows[0].([]any)
		for i, v := range header {
			if o, _ := v.(map[string]any); o["type"] != "raw_text" {
				c.add(at.key("rows").index(0).index(i), "header cells must be raw_text")
			}
		}
		if i, ok := b["row_header_column_index"].(float64); ok && int(i) >= len(header) {
			c.add(at.key("row_header_column_index"), "must be a column of the table")
		}
	}
}

func (c *checker) sameWidth(at pointer, rows []any) {
	for i, r := range rows {
		first, _ := rows[0].([]any)
		row, _ := r.([]any)
		if len(row) != len(first) {
			c.add(at.index(i), "all rows must have the same number of cells")
		}
	}
}

// characters counts what is shown of a table: every text at any depth.
func characters(v any) int {
	n := 0
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			n += characters(item)
		}
	case map[string]any:
		for name, item := range v {
			if s, ok := item.(string); ok && name == "text" {
				n += utf8.RuneCountInString(s)
			} else if !ok {
				n += characters(item)
			}
		}
	}
	return n
}
