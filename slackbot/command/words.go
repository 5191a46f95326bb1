package command

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine bounds a line; Slack's own are shorter.
const maxLine = 8000

// word is one word of a line.
type word struct {
	text   string
	equals int  // the place of the first = that was not quoted, or -1
	quoted bool // at least in part: it is a value, whatever it says
}

// is tells whether the word is this one of the language's own.
func (w word) is(keyword string) bool { return !w.quoted && strings.EqualFold(w.text, keyword) }

// Opening and closing quotes are not told apart: keyboards mix them, and German
// and French ones open with what English ones close with.
const (
	doubleQuotes = "\"“”„‟«»"
	singleQuotes = "'‘’‚‛"
	codeQuotes   = "`" // around what was copied from a card
	codeFence    = "```"
)

// quotesLike returns the quotes that may close what r opens, or "".
func quotesLike(r rune) string {
	for _, like := range []string{doubleQuotes, singleQuotes, codeQuotes} {
		if strings.ContainsRune(like, r) {
			return like
		}
	}
	return ""
}

// dash is what a keyboard made a dash of, or 0: an em dash were two hyphens.
func dash(r rune) string {
	switch r {
	case '‐', '‑', '‒', '–', '−':
		return "-"
	case '—', '―':
		return "--"
	}
	return ""
}

// splitter takes a line apart.
type splitter struct {
	rest  string
	words []word
}

// split returns the words of a line, and the reason behind because, which is
// nobody's grammar: an apostrophe in it quotes nothing.
func split(line string) (words []word, reason string, given bool, err error) {
	if len(line) > maxLine {
		return nil, "", false, &UsageError{Problem: "that is too long for a command; say it shorter"}
	}
	s := splitter{rest: strings.ToValidUTF8(line, "\uFFFD")}
	for {
		s.rest = strings.TrimLeftFunc(s.rest, unicode.IsSpace)
		if s.rest == "" {
			return s.words, "", false, nil
		}
		w, err := s.word()
		if err != nil {
			return nil, "", false, err
		}
		if len(s.words) > 0 && w.is("because") {
			return s.words, prose(s.rest), true, nil
		}
		s.words = append(s.words, w)
	}
}

// word reads up to the next space that is not quoted.
func (s *splitter) word() (word, error) {
	w := word{equals: -1}
	var b strings.Builder
	for mayOpen := true; s.rest != ""; {
		r, size := utf8.DecodeRuneInString(s.rest)
		if unicode.IsSpace(r) {
			break
		}
		if like := quotesLike(r); mayOpen && like != "" {
			if strings.HasPrefix(s.rest, codeFence) { // Slack's for a block: both ends are as one quote
				s.rest = strings.Replace(s.rest, codeFence, codeQuotes, 2)
			}
			s.rest = s.rest[size:]
			if !s.quotation(&b, like) {
				return w, &UsageError{Problem: "a quote is opened and not closed: put another " + string(r) + " behind it"}
			}
			w.quoted, mayOpen = true, false
			continue
		}
		mayOpen = r == '=' && w.equals < 0
		if mayOpen {
			w.equals = b.Len()
		}
		s.rest = s.rest[s.take(&b, r, size, dash(r)):]
	}
	if w.text = b.String(); !w.quoted {
		w.text = w.text[:w.equals+1] + plainOf(w.text[w.equals+1:])
	}
	return w, nil
}

// plainOf takes off what makes a word bold, as it is copied from a card, or strikes it
// through. Names do begin and end with _, so what makes one italic stays.
func plainOf(s string) string {
	if len(s) > 2 && (s[0] == '*' || s[0] == '~') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// take writes what stands at the beginning of the rest, and returns its size.
func (s *splitter) take(b *strings.Builder, r rune, size int, instead string) int {
	if means, formSize := slackForm(s.rest); formSize > 0 {
		b.WriteString(means)
		return formSize
	}
	if instead != "" {
		b.WriteString(instead)
	} else {
		b.WriteRune(r)
	}
	return size
}

// quotation reads up to the closing quote. A backslash takes what follows as it
// is.
func (s *splitter) quotation(b *strings.Builder, closing string) bool {
	for s.rest != "" {
		r, size := utf8.DecodeRuneInString(s.rest)
		switch {
		case strings.ContainsRune(closing, r):
			s.rest = s.rest[size:]
			return true
		case r == '\\' && len(s.rest) > size:
			s.rest = s.rest[size:]
			r, size = utf8.DecodeRuneInString(s.rest)
			b.WriteRune(r)
			s.rest = s.rest[size:]
		default:
			s.rest = s.rest[s.take(b, r, size, ""):]
		}
	}
	return false
}

// prose is a reason as it was meant: without Slack's forms, line breaks and
// quotes around the whole.
func prose(s string) string {
	var b strings.Builder
	for s != "" {
		means, size := slackForm(s)
		if size == 0 {
			_, size = utf8.DecodeRuneInString(s)
			means = s[:size]
		}
		b.WriteString(means)
		s = s[size:]
	}
	text := strings.Join(strings.Fields(b.String()), " ")
	for {
		inner, wrapped := unwrap(text)
		if !wrapped {
			return text
		}
		text = inner
	}
}

// unwrap takes the quotes off a text that is quoted as a whole.
func unwrap(s string) (string, bool) {
	first, size := utf8.DecodeRuneInString(s)
	like := quotesLike(first)
	last, lastSize := utf8.DecodeLastRuneInString(s)
	if like == "" || len(s) < size+lastSize || !strings.ContainsRune(like, last) {
		return s, false
	}
	inner := s[size : len(s)-lastSize]
	if strings.ContainsAny(inner, like) {
		return s, false
	}
	return strings.TrimSpace(inner), true
}
