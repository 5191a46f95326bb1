package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// reader turns a file into a document and remembers where everything stood.
type reader struct {
	file   string
	lines  []string
	faults []Fault
	places map[string]position
	broken map[string]bool // parts with a fault already, which would only lead to others
}

func newReader(name string, text []byte) *reader {
	lines := strings.SplitN(string(text[:min(len(text), maxFileSize)]), "\n", maxFileLines+1)
	return &reader{file: name, lines: lines, places: make(map[string]position), broken: make(map[string]bool)}
}

const maxExcerpt = 120

func (r *reader) locate(f Fault, pos position) Fault {
	f.File, f.Line, f.Column = r.file, pos.line, pos.column
	if pos.line <= len(r.lines) {
		line := r.lines[pos.line-1]
		line = line[:min(len(line), 16*maxExcerpt)]
		f.Excerpt = strings.ToValidUTF8(strings.TrimSpace(line), "\uFFFD")
		if runes := []rune(f.Excerpt); len(runes) > maxExcerpt {
			f.Excerpt = string(runes[:maxExcerpt]) + "..."
		}
	}
	return f
}

func (r *reader) fault(pos position, format string, args ...any) {
	if len(r.faults) >= maxFaults {
		return
	}
	r.faults = append(r.faults, r.locate(Fault{Message: fmt.Sprintf(format, args...)}, pos))
}

// wrong adds a fault about the part at a path.
func (r *reader) wrong(n *node, path, format string, args ...any) {
	r.broken[part(path)] = true
	r.fault(n.pos, format, args...)
}

// unknown adds a fault about a word that is none of those there are.
func (r *reader) unknown(n *node, path, what, word, rest string, there []string) {
	before := len(r.faults)
	if r.wrong(n, path, "unknown %s %s%s", what, shown(word), rest); len(r.faults) > before {
		r.faults[before].Suggestion = r.nearest(word, there)
	}
}

// nearest is the word that may be meant, or "" where so much is wrong already that
// nobody asks.
func (r *reader) nearest(word string, there []string) string {
	if len(r.faults) > maxSuggested {
		return ""
	}
	return nearest(word, there)
}

// part is the rule, person, group, set or section that a path is in.
func part(path string) string {
	section, rest, _ := strings.Cut(path, ".")
	if strings.Contains(section, "[") || rest == "" {
		return section
	}
	name, _, _ := strings.Cut(rest, ".")
	name, _, _ = strings.Cut(name, "[")
	return section + "." + name
}

// where is the place of a path, or of the nearest part around it.
func (r *reader) where(path string) position {
	for path != "" {
		if pos, ok := r.places[path]; ok {
			return pos
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return position{1, 1}
}

func (r *reader) located(fs []Fault) []Fault {
	placed := make([]Fault, len(fs))
	for i, f := range fs {
		placed[i] = r.locate(f, r.where(f.path))
	}
	return placed
}

// place adds faults of the document, but those that only follow from what
// couldn't be read.
func (r *reader) place(doc *Document, fs faults) {
	unsure := false // who is in a group
	for p := range r.broken {
		unsure = unsure || doc.membersHangOn(p)
	}
	for _, f := range fs {
		if (f.ofWord || !r.broken[part(f.path)]) && (!f.ofMembers || !unsure) && len(r.faults) < maxFaults {
			r.faults = append(r.faults, r.located([]Fault{f})...)
			unsure = unsure || doc.membersHangOn(part(f.path))
		}
	}
}

// membersHangOn tells whether a fault in a part leaves open who there is and who
// is in which group. A person whose accounts are wrong is one all the same.
func (d *Document) membersHangOn(part string) bool {
	section, name, _ := strings.Cut(part, ".")
	_, listed := d.People[name]
	return section == "groups" || section == "people" && !listed
}

// read takes in a value at a path.
type read func(n *node, path string)

type field struct {
	key string
	read
}

// unknownKey adds a fault about a key that is none of those there are. One that
// is near to one of them leaves open what the part around it means, and so do
// those that come when much is wrong; any other says nothing that the rest could
// lack.
func (r *reader) unknownKey(key *node, path, what string, there []string) {
	if len(r.faults) >= maxSuggested || nearest(key.text, there) != "" {
		r.unknown(key, path, "key", key.text, " in "+what, there)
		return
	}
	before := len(r.faults)
	if r.fault(key.pos, "unknown key %s in %s", shown(key.text), what); len(r.faults) > before {
		r.faults[before].apart = true
	}
}

// fields reads a mapping of known keys.
func (r *reader) fields(n *node, path, what string, known ...field) {
	if n.kind != mapping {
		if n.kind != refused {
			r.wrong(n, path, "%s is a mapping, not %s", what, n.describe())
		}
		return
	}
	if _, placed := r.places[path]; !placed {
		r.places[path] = n.pos
	}
	for i, key := range n.keys {
		f := slices.IndexFunc(known, func(f field) bool { return f.key == key.text })
		if f < 0 {
			words := make([]string, len(known))
			for i, k := range known {
				words[i] = k.key
			}
			r.unknownKey(key, path, what, words)
			continue
		}
		at := known[f].key
		if path != "" {
			at = path + "." + at
		}
		r.places[at] = n.items[i].pos
		if n.items[i].kind == refused {
			r.broken[part(at)] = true
			continue
		}
		if n.items[i].kind == nothing {
			r.wrong(key, at, "%s has no value: give one or leave the key out", key.text)
			continue
		}
		known[f].read(n.items[i], at)
	}
}

// maxEntries is how many persons, groups, sets, rules and tests each there may
// be, so that looking at each beside each other ends soon.
const maxEntries = 2000

func (r *reader) few(n *node, path, what string) bool {
	if len(n.items) > maxEntries {
		r.wrong(n, path, "%s are at most %d: here are %d", what, maxEntries, len(n.items))
		return false
	}
	return true
}

// named reads a mapping of names that the file chooses.
func (r *reader) named(what string, each func(name string, n *node, path string)) read {
	return func(n *node, path string) {
		if n.kind != mapping {
			r.wrong(n, path, "%s is a mapping of names, not %s", path, n.describe())
			return
		}
		if !r.few(n, path, path) {
			return
		}
		for i, key := range n.keys {
			at := path + "." + key.text
			r.places[at] = key.pos
			switch {
			case !isName(key.text):
				r.wrong(key, at, "%s is no name for a %s: "+nameShape, shown(key.text), what)
			case n.items[i].kind == refused:
				r.broken[part(at)] = true
			case n.items[i].kind == nothing:
				r.wrong(key, at, "%s has no value: give one or leave the key out", shown(key.text))
			default:
				each(key.text, n.items[i], at)
			}
		}
	}
}

// list reads a list of mappings.
func (r *reader) list(what string, each read) read {
	return func(n *node, path string) {
		if n.kind != list {
			r.wrong(n, path, "%s is a list, not %s", path, n.describe())
			return
		}
		if !r.few(n, path, what) {
			return
		}
		for i, item := range n.items {
			at := index(path, i)
			r.places[at] = item.pos
			each(item, at)
		}
	}
}

// values reads one value or a list of them.
func (r *reader) values(n *node, path string, each read) {
	items := []*node{n}
	if n.kind == list {
		if items = n.items; len(items) == 0 {
			r.wrong(n, path, noList)
		}
		if !r.few(n, path, "values") {
			return
		}
	}
	for i, item := range items {
		if item.kind == refused {
			r.broken[part(path)] = true
			continue
		}
		r.places[index(path, i)] = item.pos
		each(item, index(path, i))
	}
}

// maxText is how long a word or a sentence may be, in bytes.
const maxText = 500

// text reads a piece of text into a value of its own kind.
func text[S ~string](r *reader, into *S) read {
	return func(n *node, path string) {
		switch {
		case n.kind != plainText && n.kind != quotedText:
			r.wrong(n, path, "%s is text, not %s%s", lastKey(path), n.describe(), quoteHint(n))
		case n.text == "" || len(n.text) > maxText:
			r.wrong(n, path, "%s is text of 1 to %d bytes", lastKey(path), maxText)
		default:
			*into = S(n.text)
		}
	}
}

func quoteHint(n *node) string {
	switch n.kind {
	case truth, wholeNumber, otherNumber:
		return `: put it in quotes, "` + n.text + `"`
	}
	return ""
}

func lastKey(path string) string {
	path = path[strings.LastIndexByte(path, '.')+1:]
	if i := strings.IndexByte(path, '['); i > 0 {
		path = path[:i]
	}
	return path
}

func texts[S ~string](r *reader, into *[]S) read {
	return func(n *node, path string) {
		r.values(n, path, func(n *node, path string) {
			var s S
			if text(r, &s)(n, path); s != "" {
				*into = append(*into, s)
			}
		})
	}
}

// shaped reads texts of one shape.
func (r *reader) shaped(into *[]string, ok func(string) bool, shape string) read {
	return func(n *node, path string) {
		r.values(n, path, func(n *node, path string) {
			var s string
			if text(r, &s)(n, path); s == "" {
				return
			}
			if !ok(s) {
				r.wrong(n, path, "%s is no %s", shown(s), shape)
				return
			}
			*into = append(*into, s)
		})
	}
}

// ids reads ids of the API: numbers or text, kept as they are written.
func (r *reader) ids(into *[]string, what string) read {
	return func(n *node, path string) {
		r.values(n, path, func(n *node, path string) {
			var s string
			switch r.idText(&s)(n, path); {
			case s == "":
			case !isWhole(s):
				r.wrong(n, path, "%s is no %s%s", shown(s), what, writtenOut)
			default:
				*into = append(*into, s)
			}
		})
	}
}

func (r *reader) idText(into *string) read {
	return func(n *node, path string) {
		if n.kind == wholeNumber && isDecimal(n.text) {
			*into = n.text
			return
		}
		text(r, into)(n, path)
	}
}

func isDecimal(text string) bool {
	return text == "0" || text != "" && text[0] != '0' && len(text) <= 32 &&
		!slices.ContainsFunc([]byte(text), func(c byte) bool { return c < '0' || c > '9' })
}

// name reads a name that the file chooses.
func (r *reader) name(into *string) read {
	return func(n *node, path string) {
		if text(r, into)(n, path); *into != "" && !isName(*into) {
			r.wrong(n, path, "%s is no %s: "+nameShape, shown(*into), lastKey(path))
		}
	}
}

func (r *reader) flag(into *bool) read {
	return func(n *node, path string) {
		if n.kind != truth {
			r.wrong(n, path, "%s is true or false, not %s", lastKey(path), n.describe())
			return
		}
		*into = n.text == "true" || n.text == "True" || n.text == "TRUE"
	}
}

func (r *reader) whole(into *int, least, most int) read {
	return func(n *node, path string) {
		v, err := strconv.Atoi(n.text)
		if n.kind != wholeNumber || err != nil || !isDecimal(n.text) || v < least || v > most {
			r.wrong(n, path, "%s is a whole number from %d to %d, not %s", lastKey(path), least, most, n.describe())
			return
		}
		*into = v
	}
}

func (r *reader) money(into *Cents) read {
	return func(n *node, path string) {
		cents, err := parseCents(n.text)
		if n.kind != wholeNumber && n.kind != otherNumber {
			r.wrong(n, path, "%s is an amount such as 200 or 12.50, not %s", lastKey(path), n.describe())
			return
		}
		if err != nil {
			r.wrong(n, path, "%s", err)
			return
		}
		*into = cents
	}
}

func (r *reader) duration(into *time.Duration) read {
	return func(n *node, path string) {
		d, err := parseDuration(n.text)
		if n.kind == list || n.kind == mapping || n.kind == truth {
			err = fmt.Errorf("%s is a duration such as 15m or 2h, not %s", lastKey(path), n.describe())
		}
		if err != nil {
			r.wrong(n, path, "%s", err)
			return
		}
		*into = d
	}
}

// word reads one of a few words.
func (r *reader) word(what string, there []string, take func(string)) read {
	return func(n *node, path string) {
		var s string
		if text(r, &s)(n, path); s == "" {
			return
		}
		if !slices.Contains(there, s) {
			r.unknown(n, path, what, s, ": it is "+oneOf(there), there)
			return
		}
		take(s)
	}
}

func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
