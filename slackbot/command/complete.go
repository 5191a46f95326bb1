package command

import (
	"slices"
	"strings"
)

// Kind says of what a word could be one.
type Kind string

// The kinds that a [Source] is asked for.
const (
	KindServer   Kind = "server"
	KindLocation Kind = "location"
	KindPlan     Kind = "plan"
	KindOS       Kind = "os"
	KindAccount  Kind = "account"
	KindRequest  Kind = "request"
	KindSet      Kind = "set"
	KindStatus   Kind = "status"
	KindSwitch   Kind = "switch"
)

// Source is what completion draws on.
type Source struct {
	Standing
	Words func(kind Kind, account string) []string
}

// Complete returns what the last word of a line could become, the whole word
// each. A line that ends in a space begins a new word.
func Complete(line string, from Source) []string {
	words, _, explained, err := split(line)
	if err != nil || explained {
		return nil
	}
	last := ""
	if n := len(words); n > 0 && !endsInSpace(line) {
		last, words = words[n-1].text, words[:n-1]
	}
	if len(words) == 0 {
		return startingWith(last, from.verbs())
	}
	r, known := ruleOf(Verb(strings.ToLower(words[0].text)))
	if !known {
		return nil
	}
	return startingWith(last, r.candidates(words[1:], last, from))
}

func endsInSpace(line string) bool {
	return line != strings.TrimRight(line, " \t\u00a0")
}

func (s Source) verbs() []string {
	var verbs []string
	for _, r := range rules {
		if s.offered(r) {
			verbs = append(verbs, string(r.verb))
		}
	}
	return verbs
}

func (s Source) words(kind Kind, account string) []string {
	switch {
	case kind == KindStatus:
		return statuses
	case kind == KindSwitch:
		return switches
	case kind == "" || s.Words == nil:
		return nil
	}
	return s.Words(kind, account)
}

// candidates are all words that could come behind those that stand there.
func (r rule) candidates(before []word, last string, from Source) []string {
	var given []string
	account := ""
	for _, w := range before {
		name, v, _ := strings.Cut(w.text, "=")
		if given = append(given, strings.ToLower(name)); name == accountKey.name {
			account = v
		}
	}
	if name, _, cut := strings.Cut(last, "="); cut {
		return r.values(strings.ToLower(name), account, from)
	}
	var found []string
	for _, k := range r.allKeys() {
		several := k.name != accountKey.name || len(from.words(KindAccount, "")) > 1
		if several && !slices.Contains(given, k.name) {
			found = append(found, k.name+"=")
		}
	}
	for _, f := range r.flags {
		if !slices.Contains(given, f.name) {
			found = append(found, f.name)
		}
	}
	if r.timed && !slices.Contains(given, "for") {
		found = append(found, "for")
	}
	if r.because {
		found = append(found, "because")
	}
	return append(r.places(before, account, from), found...)
}

func (r rule) values(name, account string, from Source) []string {
	var found []string
	for _, k := range r.allKeys() {
		if k.name != name {
			continue
		}
		for _, v := range from.words(k.kind, account) {
			found = append(found, name+"="+value(v))
		}
	}
	return found
}

// places are what the words without a key could be.
func (r rule) places(before []word, account string, from Source) (found []string) {
	if slices.ContainsFunc(before, func(w word) bool { return w.equals < 0 }) {
		return nil
	}
	switch {
	case r.server:
		for _, v := range from.words(KindServer, account) {
			found = append(found, written(v))
		}
	case r.verb == VerbHelp:
		found = from.verbs()
	case r.verb == VerbRequests:
		found = []string{string(Mine), string(Open)}
	case r.verb == VerbRequest, r.verb == VerbCancel:
		found = from.words(KindRequest, account)
	case r.verb == VerbFreeze, r.verb == VerbUnfreeze:
		found = append(slices.Clone(from.words(KindSet, account)), "person:", "account:", string(ScopeAll))
	}
	return found
}

// startingWith keeps what begins like a word, whichever its case.
func startingWith(prefix string, words []string) []string {
	var found []string
	for _, w := range words {
		if len(w) >= len(prefix) && strings.EqualFold(w[:len(prefix)], prefix) {
			found = append(found, w)
		}
	}
	return found
}
