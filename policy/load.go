package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unicode/utf8"
)

// What a policy file may hold at most. A file past one of them isn't read.
const (
	maxFileSize  = 1 << 20
	maxFileLines = 20_000
	maxTabs      = 100 // in one line: within quotes each costs the scanner a look at the rest of it
)

// LoadFile is [Load] of a file. An error of reading it is returned as it is,
// wrapped with the operation; a file that is too large is a *[LoadError].
func LoadFile(path string) (*Policy, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("load the policy: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("load the policy: %w", err)
	}
	return Load(path, text)
}

var errTooLarge = errors.New("it is too large to be a policy: at most 1 MiB")

// Load reads a policy file, checks it and runs the tests in it. The text is
// YAML 1.2 of a closed vocabulary, without anchors, aliases, merge keys and
// tags; name stands in messages. The error is a *[LoadError] with every fault
// of the file: such a policy is never used.
func Load(name string, text []byte) (*Policy, error) {
	p, r := readPolicy(name, text)
	if p != nil {
		r.runTests(p)
	}
	if len(r.faults) > 0 {
		return nil, r.err()
	}
	return p, nil
}

// Parse is [Load] without the tests: for whoever wants to see how they end. A
// policy whose tests fail must not be put in force.
func Parse(name string, text []byte) (*Policy, error) {
	p, r := readPolicy(name, text)
	if len(r.faults) > 0 {
		return nil, r.err()
	}
	return p, nil
}

// readPolicy makes a policy of a text. It counts only where the reader found no
// fault, and there is none where a fault obscures what the text means.
func readPolicy(name string, text []byte) (*Policy, *reader) {
	r := newReader(name, text)
	if r.refuse(text) {
		return nil, r
	}
	root := r.parse(text)
	if root == nil {
		return nil, r
	}
	doc := r.document(root)
	p, fs := build(doc)
	r.place(&doc, fs)
	r.place(&doc, p.unreachable())
	if slices.ContainsFunc(r.faults, Fault.obscures) || fs.obscure() { // of many, only the first are placed
		return nil, r
	}
	p.warnings = r.located(p.doubts())
	for i := range doc.Tests {
		p.testLines = append(p.testLines, r.where(index("tests", i)).line)
	}
	return p, r
}

// runTests makes a fault of every test that fails.
func (r *reader) runTests(p *Policy) {
	for i, result := range p.RunTests() {
		if !result.Passed {
			r.place(&p.doc, faults{{path: index("tests", i), Message: "test failed: " + result.Problem}})
		}
	}
}

// refuse tells whether a text is nothing to parse at all.
func (r *reader) refuse(text []byte) bool {
	bad := func(at int, why string) bool {
		before := text[:at]
		line := bytes.Count(before, []byte("\n")) + 1
		column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
		r.fault(position{line, column}, "%s", why)
		return true
	}
	if len(text) > maxFileSize {
		return bad(0, errTooLarge.Error())
	}
	if n := bytes.Count(text, []byte("\n")); n >= maxFileLines {
		return bad(0, fmt.Sprintf("it has %d lines: a policy has at most %d", n+1, maxFileLines))
	}
	indent, tabs := true, 0 // nothing but spaces, and tabs, in the line yet
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRune(text[i:])
		switch {
		case c == utf8.RuneError && size == 1:
			return bad(i, "this is not UTF-8 text")
		case c == '\t' && indent:
			return bad(i, "a tab cannot indent: use spaces")
		case c == '\t' && tabs == maxTabs:
			return bad(i, fmt.Sprintf("a line of a policy has at most %d tabs: use spaces", maxTabs))
		case c == '\r' && !bytes.HasPrefix(text[i:], []byte("\r\n")):
			return bad(i, "a line ends here without a line feed: save the file with usual line ends")
		case c < ' ' && c != '\n' && c != '\r' && c != '\t', c == 0x7f, isHidden(c):
			return bad(i, fmt.Sprintf("a hidden character (U+%04X) stands here: remove it, or write it as \"\\u%04X\"", c, c))
		}
		indent = c == '\n' || indent && c == ' '
		switch c {
		case '\t':
			tabs++
		case '\n':
			tabs = 0
		}
		i += size
	}
	return false
}

// isHidden tells whether a character could make a reviewer read another file
// than the program does: directions, joiners, other line ends, a byte order mark.
func isHidden(c rune) bool {
	return slices.ContainsFunc([][2]rune{
		{0x80, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xe0000, 0xe007f},
	}, func(r [2]rune) bool { return r[0] <= c && c <= r[1] })
}

// err is the faults in the order of the file.
func (r *reader) err() error {
	slices.SortStableFunc(r.faults, func(a, b Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return &LoadError{slices.CompactFunc(r.faults, func(a, b Fault) bool {
		return a.Line == b.Line && a.Column == b.Column && a.Message == b.Message
	})}
}
