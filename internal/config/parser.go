package config

import (
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"strconv"
	"strings"
	"unicode"
)

// parser turns text into values and collects what can't be right. Each method
// returns a zero value for a fault, and for an unset variable none.
type parser struct {
	from   map[string]string // a variable's name -> NAME_FILE, where it came from one
	faults []Fault
}

func (p *parser) fault(name, format string, args ...any) {
	p.faults = append(p.faults, Fault{
		Variable: p.setBy(name),
		Problem:  fmt.Sprintf(format, args...),
		Example:  name + "=" + exampleOf(name),
	})
}

// setBy is the name that a variable was set by.
func (p *parser) setBy(name string) string {
	if file, ok := p.from[name]; ok {
		return file
	}
	return name
}

// credentials are what passwords in addresses and the known kinds of token have
// in common. Any may be pasted into the wrong variable.
var credentials = []string{"@", "vps_", "vpsops_", "xox", "xapp-"}

// shown quotes a value that is no secret, unless one seems to have got into it.
func shown(value string) string {
	const longest = 80
	for _, mark := range credentials {
		if strings.Contains(strings.ToLower(value), mark) {
			return `"…"`
		}
	}
	if runes := []rune(value); len(runes) > longest {
		value = string(runes[:longest]) + "…"
	}
	return strconv.Quote(value)
}

func (p *parser) boolean(name, value string) bool {
	b, err := strconv.ParseBool(value)
	if err != nil {
		p.fault(name, "is %s, neither true nor false", shown(value))
	}
	return b
}

func (p *parser) oneOf(name, value string, choices ...string) string {
	if value == "" {
		return ""
	}
	for _, choice := range choices {
		if strings.EqualFold(value, choice) {
			return choice
		}
	}
	p.fault(name, "is %s, not one of %s", shown(value), strings.Join(choices, ", "))
	return ""
}

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

func (p *parser) level(name, value string) slog.Level {
	return levels[p.oneOf(name, value, "debug", "info", "warn", "error")]
}

// person defaults to the OS user, and for one without a name to its number: it
// is matched with the policy's people, so a stand-in must match nobody.
func (p *parser) person(name, value string) string {
	if value == "" {
		return OSUser()
	}
	switch {
	case strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }):
		p.fault(name, "is %s, which holds a character that can't be seen", shown(value))
	case strings.TrimSpace(value) != value:
		p.fault(name, "is %s, which begins or ends with a blank", shown(value))
	}
	return value
}

// OSUser is who runs the program, as VPSOPS_PERSON has it by default.
func OSUser() string {
	u, err := user.Current()
	if err != nil || u.Username == "" {
		return "uid-" + strconv.Itoa(os.Getuid())
	}
	// Windows says DOMAIN\name.
	return u.Username[strings.LastIndexByte(u.Username, '\\')+1:]
}

// secret takes one word: what ends up in a header or a form must not break it,
// and a stray space is the usual slip in pasting one.
func (p *parser) secret(name, value string) Secret {
	p.plainWord(name, value)
	return NewSecret(value)
}

// plainWord finds anything but printable ASCII without spaces. The value isn't
// shown: it may be a secret.
func (p *parser) plainWord(name, value string) {
	if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		p.fault(name, "holds white space or another character that can't belong there")
	}
}

// path refuses what is none: the text of a file in the place of its path, as NAME_FILE
// gives it to whoever takes that for the path. It isn't shown.
func (p *parser) path(name, value string) string {
	const longest = 4096
	if len(value) <= longest && !strings.ContainsFunc(value, unicode.IsControl) {
		return value
	}
	problem := "holds a text where the path of a file belongs"
	if set := p.setBy(name); set != name {
		problem = fmt.Sprintf("names a file that holds a text where a path belongs; %s is itself a path", name)
	}
	p.fault(name, "%s", problem)
	return ""
}

// list splits at commas, trims each item and leaves out empty ones.
func list(value string) []string {
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
