package policy

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Nesting past these has no use in a policy, and costs a parser dearly.
const (
	maxFlowDepth = 12
	maxIndent    = 100
)

type nodeKind int

const (
	nothing nodeKind = iota
	plainText
	quotedText
	wholeNumber
	otherNumber
	truth
	list
	mapping
	refused // what the language leaves out, of which there is a fault already
)

// node is a part of a file, of the few kinds that a policy has.
type node struct {
	kind  nodeKind
	pos   position
	text  string // of a scalar, as it is written
	items []*node
	keys  []*node // of a mapping, in step with items
}

type position struct{ line, column int }

func at(t *token.Token) position {
	if t == nil || t.Position == nil {
		return position{1, 1}
	}
	return position{max(t.Position.Line, 1), max(t.Position.Column, 1)}
}

// parse returns the file's one mapping, or nil and a fault.
func (r *reader) parse(text []byte) (root *node) {
	defer func() {
		// A parser that gives up in its own way says no more than that.
		if recover() != nil {
			r.fault(position{1, 1}, "this is not YAML that can be parsed")
			root = nil
		}
	}()
	tokens := lexer.Tokenize(strings.ReplaceAll(string(text), "\r\n", "\n"))
	if !r.admit(tokens) {
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		r.fault(position{1, 1}, "the file holds no policy: `vpsops policy init` writes one to begin with")
		return nil
	}
	root = r.node(file.Docs[0].Body)
	if root.kind != mapping {
		r.fault(root.pos, "a policy is a mapping that begins with version: 1")
		return nil
	}
	return root
}

func (r *reader) syntax(err error) {
	var placed interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if !errors.As(err, &placed) {
		r.fault(position{1, 1}, "this is not YAML: %s", shown(err.Error()))
		return
	}
	r.fault(at(placed.GetToken()), "this is not YAML: %s", visible(placed.GetMessage()))
}

// visible writes out what doesn't show of a text that may quote the file.
func visible(text string) string {
	var b strings.Builder
	for _, c := range text {
		if c < ' ' || c == 0x7f || c == utf8.RuneError || isHidden(c) {
			fmt.Fprintf(&b, "\\u%04X", c)
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}

// left out of the language: what makes a file mean another thing than it shows.
var refusedTokens = map[token.Type]string{
	token.AnchorType:      "an anchor (&): write the value where it is meant",
	token.AliasType:       "an alias (*): write the value where it is meant, and a glob in quotes",
	token.TagType:         "a tag (!): write the plain value, and text in quotes",
	token.MergeKeyType:    "a merge key (<<): write the keys where they are meant",
	token.DirectiveType:   "a directive (%): a policy has none",
	token.MappingKeyType:  "a key with a question mark: write key: value",
	token.DocumentEndType: "a document's end (...): a file is one policy",
}

// admit tells whether tokens are of the language and can be parsed in a time
// that fits their number.
func (r *reader) admit(tokens token.Tokens) bool {
	depth, line, colons := 0, 0, 0
	for i, t := range tokens {
		if len(r.faults) > maxRefused {
			return false
		}
		if why, refused := refusedTokens[t.Type]; refused {
			r.fault(at(t), "a policy does not take %s", why)
			if t.Type == token.DirectiveType {
				return false
			}
			continue
		}
		pos := at(t)
		if pos.line != line {
			line, colons = pos.line, 0
		}
		switch t.Type {
		case token.DocumentHeaderType:
			if i > 0 && tokens[i-1].Type != token.CommentType {
				r.fault(pos, "a second document begins here: a file is one policy")
				return false
			}
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.MappingValueType:
			if depth <= 0 {
				colons++
			}
		}
		switch {
		case depth > maxFlowDepth, depth <= 0 && t.Type != token.CommentType && t.Type != token.StringType && pos.column > maxIndent && blockMark(t.Type):
			r.fault(pos, "this is nested too deeply for a policy")
			return false
		case colons > 1:
			r.fault(pos, "a second `: ` in one line: put text that holds one in quotes")
			return false
		}
	}
	return true
}

// maxRefused bounds what the parser gets to see that the language leaves out.
const maxRefused = 100

func blockMark(t token.Type) bool {
	return t == token.SequenceEntryType || t == token.MappingValueType
}

// node turns what the parser made into a node.
func (r *reader) node(n ast.Node) *node {
	switch n := n.(type) {
	case *ast.MappingNode:
		return r.mappingNode(n)
	case *ast.MappingValueNode:
		return r.mappingNode(&ast.MappingNode{Start: n.Start, Values: []*ast.MappingValueNode{n}})
	case *ast.SequenceNode:
		s := &node{kind: list, pos: at(n.Start)}
		for _, item := range n.Values {
			s.items = append(s.items, r.node(item))
		}
		return s
	case *ast.NullNode:
		return &node{kind: nothing, pos: at(n.GetToken())}
	case *ast.BoolNode:
		return &node{kind: truth, pos: at(n.GetToken()), text: n.GetToken().Value}
	case *ast.IntegerNode:
		return &node{kind: wholeNumber, pos: at(n.GetToken()), text: n.GetToken().Value}
	case *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return &node{kind: otherNumber, pos: at(n.GetToken()), text: n.GetToken().Value}
	case *ast.StringNode:
		return r.textNode(n.GetToken(), n.Value)
	case *ast.AnchorNode:
		return r.node(n.Value)
	case *ast.TagNode:
		return r.node(n.Value)
	case *ast.AliasNode, *ast.MergeKeyNode, *ast.MappingKeyNode:
		return &node{kind: refused, pos: at(n.GetToken()), text: n.GetToken().Value}
	case *ast.LiteralNode:
		return r.inert(&node{kind: quotedText, pos: at(n.Start), text: strings.TrimRight(n.Value.Value, "\n")})
	}
	pos := position{1, 1}
	if n != nil {
		pos = at(n.GetToken())
	}
	r.fault(pos, "a policy does not take this kind of value")
	return &node{kind: nothing, pos: pos}
}

func (r *reader) textNode(t *token.Token, value string) *node {
	n := &node{kind: plainText, pos: at(t), text: value}
	if t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType {
		n.kind = quotedText
	}
	return r.inert(n)
}

// inert refuses text with characters that don't show, which an escape can
// bring in.
func (r *reader) inert(n *node) *node {
	if i := strings.IndexFunc(n.text, func(c rune) bool { return c < ' ' || c == 0x7f || isHidden(c) }); i >= 0 {
		r.fault(n.pos, "text of a policy is one line without hidden characters: this holds %+q", []rune(n.text[i:])[0])
		n.kind = refused
	}
	return n
}

func (r *reader) mappingNode(n *ast.MappingNode) *node {
	m := &node{kind: mapping, pos: at(n.Start)}
	seen := make(map[string]position)
	for i, pair := range n.Values {
		key := r.node(pair.Key)
		if key.kind == refused {
			continue
		}
		if i == 0 && !n.IsFlowStyle {
			m.pos = key.pos
		}
		if first, twice := seen[key.text]; twice {
			r.fault(key.pos, "the key %s stands twice, first in line %d", shown(key.text), first.line)
			continue
		}
		if key.kind == nothing || key.kind == list || key.kind == mapping {
			r.fault(key.pos, "a key is a word")
			continue
		}
		seen[key.text] = key.pos
		m.keys = append(m.keys, key)
		value := r.node(pair.Value)
		if value.kind == nothing {
			value.pos = key.pos
		}
		m.items = append(m.items, value)
	}
	return m
}

// describe says what a node is, for who expected something else.
func (n *node) describe() string {
	switch n.kind {
	case nothing:
		return "nothing"
	case list:
		return "a list"
	case mapping:
		return "a mapping"
	case truth:
		return fmt.Sprintf("the truth value %s", n.text)
	case wholeNumber, otherNumber:
		return fmt.Sprintf("the number %s", shown(n.text))
	case quotedText:
		return fmt.Sprintf("the text %+q", n.text)
	}
	return shown(n.text)
}
