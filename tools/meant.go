package tools

import (
	"slices"
	"strings"
	"unicode"

	"vpsops/internal/nearest"
)

// nouns are what tools are of, by the words for it.
var nouns = map[string]string{
	"server": "server", "vps": "server", "vm": "server", "instance": "server", "machine": "server", "host": "server", "droplet": "server",
	"request": "request",
	"option":  "option", "plan": "option", "location": "option", "datacenter": "option", "image": "option",
}

// verbs are the words for what tools do, beside the tools' own.
var verbs = func() map[string]string {
	means := make(map[string]string)
	for verb, words := range map[string]string{
		"list":   "ls enumerate",
		"get":    "show describe inspect read view display fetch query check monitor watch status stat stats top info details wait wait_for poll follow",
		"create": "add new launch provision deploy make",
		"update": "set put patch rename modify edit change",
		"delete": "remove rm destroy terminate drop",
		"start":  "resume boot power_on turn_on",
		"stop":   "shutdown shut_down halt power_off turn_off poweroff",
		"reboot": "restart power_cycle",
		"cancel": "abort withdraw",
	} {
		for word := range strings.FieldsSeq(words) {
			means[word] = verb
		}
	}
	return means
}()

// toolMeant is the tool of those there are that an invented name likely means, or "".
// The verb decides: all share their endings, and what is merely like a verb may be its
// contrary. So it is one slip away at most, or a word for the same.
func toolMeant(name string, there []string) string {
	verb, noun, more := takenApart(name)
	tool := toolOf(verb, noun)
	switch {
	case !slices.Contains(there, tool):
		return ""
	case more && !strings.HasPrefix(tool, "get_") && !strings.HasPrefix(tool, "list_"):
		return "" // a change of something of the server's is another than the server's
	}
	return tool
}

// takenApart is a tool's name as verb and noun, and whether more follows them. The noun
// is in the singular but where it is servers.
func takenApart(name string) (verb, noun string, more bool) {
	if len(name) > maxEcho {
		return "", "", false
	}
	words := wordsOf(name)
	for len(words) > 1 && (words[0] == "mcp" || words[0] == "vpsops") {
		words = words[1:]
	}
	isNoun := func(word string) bool { return nounOf(word) != "" }
	if len(words) > 2 && words[0] == "vps" && slices.ContainsFunc(words[1:], isNoun) {
		words = words[1:]
	}
	at := slices.IndexFunc(words, isNoun)
	if at < 0 {
		return strings.Join(words, "_"), "", false
	}
	noun = nounOf(words[at])
	if at == 0 { // server_delete
		return strings.Join(words[1:], "_"), noun, false
	}
	return strings.Join(words[:at], "_"), noun, at+1 < len(words)
}

// wordsOf are a name's words in lower case, however they are joined.
func wordsOf(name string) []string {
	var spaced strings.Builder
	before := ' '
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			spaced.WriteByte(' ')
		}
		spaced.WriteRune(unicode.ToLower(r))
		before = r
	}
	return strings.FieldsFunc(spaced.String(), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func nounOf(word string) string {
	if noun := nouns[word]; noun != "" {
		return noun
	}
	if one, plural := strings.CutSuffix(word, "s"); plural && nouns[one] != "" {
		if nouns[one] == "server" {
			return "servers"
		}
		return nouns[one]
	}
	for _, noun := range []string{"servers", "server", "request", "option"} {
		if len(word) > 4 && nearest.Distance(word, noun) <= 1 {
			return noun
		}
	}
	return ""
}

// toolOf is the tool that does this to that; "" where nothing does.
func toolOf(verb, noun string) string {
	verb = verbMeant(verb)
	reads := verb == "get" || verb == "list"
	switch {
	case noun == "option" && reads:
		return listOptions.name
	case noun == "request" && reads:
		return getRequest.name
	case noun == "request" && (verb == "delete" || verb == "stop" || verb == "cancel"), noun == "" && verb == "cancel":
		return cancelRequest.name
	case verb == "", noun == "option", noun == "request":
		return ""
	case verb == "list", noun == "servers" && reads:
		return listServers.name
	}
	return verb + "_server"
}

// verbMeant is the tools' own verb for a word, or "".
func verbMeant(word string) string {
	own := []string{"list", "get", "create", "update", "delete", "start", "stop", "reboot", "cancel"}
	switch {
	case slices.Contains(own, word):
		return word
	case verbs[word] != "":
		return verbs[word]
	case len(word) < 3:
		return ""
	}
	at := slices.IndexFunc(own, func(verb string) bool { return nearest.Distance(word, verb) == 1 })
	if at < 0 {
		return ""
	}
	return own[at]
}
