// Package blockkit checks Block Kit JSON as Slack does when it is posted: every
// required field, every limit of length and number, and what may stand where.
// It works on the JSON that is sent, so that what a client library leaves out
// or adds is seen.
//
//	problems := blockkit.CheckMessage([]byte(`{"text": "hi", "blocks": [{"type": "header"}]}`))
//	fmt.Println(problems) // /blocks/0: missing required field: text
//
// It knows the blocks of the reference but call and data_visualization, which it
// refuses as unsupported.
//
// Lengths count Unicode code points. What the reference leaves open is refused
// rather than let through, unknown fields among it.
//
// Source: https://docs.slack.dev/reference/block-kit
package blockkit

import (
	"strconv"
	"strings"
)

// Problem is one thing that Slack would refuse.
type Problem struct {
	Path    string // a JSON pointer (RFC 6901), such as /blocks/0/text
	Message string // in the words of Slack's answers
}

// Error is the path and the message.
func (p Problem) Error() string { return p.Path + ": " + p.Message }

// Slack is the problem as Slack's answers have it in response_metadata.messages.
func (p Problem) Slack() string {
	return "[ERROR] " + p.Message + " [json-pointer:" + p.Path + "]"
}

// Problems are all that was found, in the order of the JSON. None means that
// Slack would take it.
type Problems []Problem

// Error is one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Err is the problems as an error, nil where there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Slack are the problems as Slack's answers have them.
func (ps Problems) Slack() []string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Slack()
	}
	return lines
}

// pointer is where in the JSON a check stands.
type pointer string

func (p pointer) key(name string) pointer {
	name = strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
	return p + pointer("/"+name)
}

func (p pointer) index(i int) pointer { return p + pointer("/"+strconv.Itoa(i)) }
