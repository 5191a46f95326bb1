package card

import (
	"strings"
	"unicode/utf8"

	"vpsops/internal/inert"
)

// md is mrkdwn that is safe to send: only what is ours is markup in it. A
// string becomes one through the functions of this file alone.
// (https://docs.slack.dev/messaging/formatting-message-text)
type md string

// The most runes of a foreign text.
const (
	maxName   = 64  // of one among others
	maxTitle  = 60  // of a name in a headline
	maxLong   = 260 // of a hostname, which may have 253
	maxReason = 600 // of a person's reason; more than the gate keeps of one
	maxProse  = 900 // of an error's or a policy's words
)

var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape makes an inert text hold none of Slack's control sequences. Bold,
// italics and code may still be in it.
func escape(s string) string { return entities.Replace(s) }

// code is a foreign text as it stands, in a frame of its own: within one, Slack
// knows no markup, no links and no emoji.
func code(s string, maxRunes int) md {
	s = inert.Text(s, maxRunes)
	if s == "" {
		return "–"
	}
	s = strings.ReplaceAll(s, "`", `\u{60}`) // the only thing that would end it
	// Slack takes no frame for one where a space stands inside its edge.
	if strings.HasPrefix(s, " ") {
		s = `\u{20}` + s[1:]
	}
	if strings.HasSuffix(s, " ") {
		s = s[:len(s)-1] + `\u{20}`
	}
	return md("`" + escape(s) + "`")
}

// name is a server's name, a hostname or whatever else anybody may choose.
func name(s string) md { return code(s, maxName) }

// word is a foreign text that is an ordinary word nearly always, such as a
// location's or a plan's; where it is not, it is framed.
func word(s string) md {
	s = inert.Text(s, maxName)
	if s == "" {
		return "–"
	}
	if !isOrdinary(s, "") {
		return code(s, maxName)
	}
	return md(s)
}

// prose is inert text of one line. Where anything in it could be markup, it is
// framed.
func prose(s string, maxRunes int) md {
	s = inert.Line(s, maxRunes)
	if s == "" {
		return "–"
	}
	if !isOrdinary(s, ",;:'?!=…’“”\"") || strings.Contains(s, "://") {
		return code(s, maxRunes)
	}
	return md(s)
}

// bold is bold, but for what is framed: that stands out as it is.
func bold(s md) md {
	if strings.Contains(string(s), "`") {
		return s
	}
	return "*" + s + "*"
}

// isOrdinary tells whether nothing in a text could be markup: letters, digits,
// single spaces between words, a little punctuation, and what else is given.
func isOrdinary(s, also string) bool {
	if s != strings.TrimSpace(s) || strings.Contains(s, "  ") || strings.Count(s, ":") > 1 {
		return false
	}
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
		case strings.ContainsRune(" .-+/()", r), strings.ContainsRune(also, r):
		default:
			return false
		}
	}
	return true
}

// title is a server's name in a headline, which is plain text: quoted where it
// is more than a name.
func title(s string) string {
	s = inert.Text(s, maxTitle)
	switch {
	case s == "":
		return "a server"
	case isOrdinary(s, "_") && !strings.Contains(s, " "):
		return s
	}
	return "“" + s + "”"
}

// units is a text's length as Slack may count it: in UTF-16, where it counts
// least in our favour.
func units(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if r > 0xffff {
			n++
		}
	}
	return n
}

// cut shortens plain text to a length in units.
func cut(s string, limit int) string {
	if units(s) <= limit {
		return s
	}
	n, end := 1, 0 // the ellipsis
	for i, r := range s {
		if n++; r > 0xffff {
			n++
		}
		if n > limit {
			break
		}
		end = i + utf8.RuneLen(r)
	}
	return strings.TrimRight(s[:end], " ") + "…"
}

// lines joins lines that fit into a length in units; where some don't, the last
// line says how many are missing. Nothing is cut within a line: half a frame is
// none.
func lines(limit int, all ...md) md {
	var b strings.Builder
	room := limit - 40 // for the last line
	left := 0
	for _, l := range all {
		if l == "" {
			continue
		}
		size := units(string(l)) + 1
		if size > room || left > 0 {
			left++
			continue
		}
		if room -= size; b.Len() > 0 {
			b.WriteString("\n")
		}
		b.WriteString(string(l))
	}
	if left > 0 {
		b.WriteString("\n" + plural(left, "line") + " more")
	}
	return md(strings.TrimPrefix(b.String(), "\n"))
}

func join(sep md, parts ...md) md {
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(string(sep))
		}
		b.WriteString(string(p))
	}
	return md(b.String())
}
