package main

import (
	"html"
	"regexp"
	"strings"
)

// What mrkdwn is made of, in the order in which it is looked for: what stands in
// a frame is not looked into.
var (
	frame   = regexp.MustCompile("`([^`\n]+)`")
	control = regexp.MustCompile(`<([^<>]+)>`)
	strong  = regexp.MustCompile(`(^|[\s(>])\*([^*\n]+)\*`)
	slanted = regexp.MustCompile(`(^|[\s(>])_([^_\n]+)_`)
	struck  = regexp.MustCompile(`(^|[\s(>])~([^~\n]+)~`)
)

func mrkdwn(s string) string {
	var b strings.Builder
	for {
		at := frame.FindStringSubmatchIndex(s)
		if at == nil {
			return breaks(b.String() + outside(s))
		}
		b.WriteString(outside(s[:at[0]]) + "<code>" + html.EscapeString(html.UnescapeString(s[at[2]:at[3]])) + "</code>")
		s = s[at[1]:]
	}
}

// outside is mrkdwn that is in no frame.
func outside(s string) string {
	var b strings.Builder
	for {
		at := control.FindStringSubmatchIndex(s)
		if at == nil {
			b.WriteString(styled(s))
			break
		}
		b.WriteString(styled(s[:at[0]]) + reference(s[at[2]:at[3]]))
		s = s[at[1]:]
	}
	return b.String()
}

func styled(s string) string {
	s = html.EscapeString(html.UnescapeString(s))
	s = strong.ReplaceAllString(s, "$1<b>$2</b>")
	s = slanted.ReplaceAllString(s, "$1<i>$2</i>")
	return struck.ReplaceAllString(s, "$1<s>$2</s>")
}

// reference is what stands between < and >.
func reference(s string) string {
	what, label, _ := strings.Cut(s, "|")
	switch {
	case strings.HasPrefix(what, "@"):
		return "<span class=mention>" + html.EscapeString(what) + "</span>"
	case strings.HasPrefix(what, "!date^"):
		return "<span class=date>" + html.EscapeString(label) + "</span>"
	case strings.HasPrefix(what, "!"):
		return "<span class='mention alarm'>" + html.EscapeString(what) + "</span>"
	}
	return "<a>" + html.EscapeString(label+what) + "</a>"
}
