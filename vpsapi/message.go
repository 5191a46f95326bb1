package vpsapi

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"sync"
)

const (
	maxFields     = 16 // fields of a refusal that are kept, and messages of each
	maxHTMLLooked = 8 << 10
)

// Compiled when the first page comes instead of an answer.
var (
	htmlTitle = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>|<h1[^>]*>(.*?)</h1>`)
	})
	htmlTag = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)<[^>]*>`) })
)

// messageOf finds the words in a refusal's body, whichever of the usual shapes it has: {"detail": …}, {"error": …},
// {"message": …}, {"non_field_errors": […]}, {"field": […]}, an HTML page, plain text, or nothing.
func (c *client) messageOf(got *answer) (string, []FieldError) {
	text := strings.TrimSpace(string(got.body))
	switch {
	case text == "":
		return "", nil
	case text[0] == '<':
		return htmlMessage(text, c.token.secret()), nil
	case text[0] != '{' && text[0] != '[' && text[0] != '"':
		return printable(text, maxMessage), nil
	case inspectDepth(got.body) != nil || !json.Valid(got.body):
		return printable(text, maxMessage), nil
	}
	return jsonMessage(json.RawMessage(text))
}

// htmlMessage resolves a page's entities, so it looks for the secret once more.
func htmlMessage(page, secret string) string {
	page = page[:min(len(page), maxHTMLLooked)]
	if found := htmlTitle().FindStringSubmatch(page); found != nil {
		page = found[1] + found[2]
	}
	return printable(scrubText(html.UnescapeString(htmlTag().ReplaceAllString(page, " ")), secret), maxMessage)
}

func jsonMessage(body json.RawMessage) (string, []FieldError) {
	var (
		said   []string
		fields []FieldError
	)
	err := eachField(body, func(name []byte, value json.RawMessage) error {
		key := string(name)
		words := wordsIn(value)
		switch {
		case len(words) == 0:
		case key == "detail", key == "error", key == "message", key == "non_field_errors", key == "errors", key == "title":
			said = append(said, words...)
		case len(fields) < maxFields && value[0] != '{' && isSentence(value):
			fields = append(fields, FieldError{Field: printable(key, maxFieldName), Messages: words})
		}
		return nil
	})
	if err != nil { // a list or a string, not an object
		return printable(strings.Join(wordsIn(body), "; "), maxMessage), nil
	}
	for _, field := range fields {
		said = append(said, field.Field+": "+strings.Join(field.Messages, " "))
	}
	return printable(strings.Join(said, "; "), maxMessage), fields
}

// isSentence leaves out "status": 400 and its like, which repeat what is known.
func isSentence(value json.RawMessage) bool { return value[0] == '"' || value[0] == '[' }

// wordsIn returns the texts in a value: a string, a list of them, or an object's "message" or "detail".
func wordsIn(value json.RawMessage) []string {
	var (
		text   string
		list   []json.RawMessage
		object struct{ Message, Detail string }
		words  []string
	)
	switch {
	case json.Unmarshal(value, &text) == nil:
		words = append(words, printable(text, maxMessage))
	case json.Unmarshal(value, &list) == nil:
		for _, item := range list[:min(len(list), maxFields)] {
			words = append(words, wordsIn(item)...)
		}
	case json.Unmarshal(value, &object) == nil:
		words = append(words, printable(object.Message, maxMessage), printable(object.Detail, maxMessage))
	}
	kept := words[:0]
	for _, word := range words {
		if word != "" && len(kept) < maxFields {
			kept = append(kept, word)
		}
	}
	return kept
}
