package command

import "strings"

// Slack sends what it recognizes in a line as <@U…>, <#C…|name>, <url|text>, and
// with should_escape the three characters &, < and > as entities
// (https://docs.slack.dev/messaging/formatting-message-text).

var entities = []struct{ written, means string }{{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}}

// slackForm reads what Slack wrote at the beginning of s. It returns what that
// means and its length in s, which is 0 where there is none.
func slackForm(s string) (means string, size int) {
	switch {
	case s == "":
	case s[0] == '&':
		for _, e := range entities {
			if strings.HasPrefix(s, e.written) {
				return e.means, len(e.written)
			}
		}
	case s[0] == '<':
		return bracketed(s)
	}
	return "", 0
}

// bracketed reads <…>. A person and a channel stay what they are, by their id
// alone: a name beside it is anybody's. Of a link its text is what was typed.
func bracketed(s string) (means string, size int) {
	end := strings.IndexAny(s[1:], "<>")
	if end < 1 || s[1+end] != '>' {
		return "", 0
	}
	inside, size := s[1:1+end], end+2
	what, label, labelled := strings.Cut(inside, "|")
	switch {
	case isMention(what):
		return "<" + what + ">", size
	case !isLink(what):
		return "", 0
	case labelled && label != "":
		return plain(label), size
	}
	return plain(strings.TrimPrefix(what, "mailto:")), size
}

// isMention tells whether what stands between the brackets is a person's or a
// channel's id.
func isMention(s string) bool {
	for _, kind := range []string{"@U", "@W", "#C", "#G"} {
		if id, is := strings.CutPrefix(s, kind); is && id != "" {
			return strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
		}
	}
	return false
}

func isLink(s string) bool {
	for _, scheme := range []string{"http://", "https://", "mailto:", "tel:"} {
		if len(s) > len(scheme) && strings.HasPrefix(s, scheme) {
			return true
		}
	}
	return false
}

// plain is text within a link, where only entities are Slack's.
func plain(s string) string {
	for _, e := range []int{1, 2, 0} { // &amp; last: what it leaves is the text's own
		s = strings.ReplaceAll(s, entities[e].written, entities[e].means)
	}
	return s
}

// MentionedUser returns the Slack user's id of a mention such as <@U061F7AUR>.
func MentionedUser(s string) (id string, ok bool) {
	id, ok = strings.CutPrefix(s, "<@")
	if !ok || !strings.HasSuffix(id, ">") || !isMention("@"+strings.TrimSuffix(id, ">")) {
		return "", false
	}
	return strings.TrimSuffix(id, ">"), true
}

// escape writes text so that slackForm finds nothing in it but mentions.
func escape(s string) string {
	if !strings.ContainsAny(s, "&<") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		means, size := slackForm(s[i:])
		switch {
		case size > 0 && means == s[i:i+size]: // a mention
			b.WriteString(means)
			i += size
			continue
		case s[i] == '&' && size > 0:
			b.WriteString("&amp;")
		case s[i] == '<':
			b.WriteString("&lt;")
		default:
			b.WriteByte(s[i])
		}
		i++
	}
	return b.String()
}
