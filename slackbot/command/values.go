package command

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vpsops/internal/nearest"
)

// hostOnly takes off what Slack or a browser's address bar puts around a host.
func hostOnly(value string) (string, error) {
	for {
		bare := strings.TrimSuffix(value, "/")
		for _, scheme := range []string{"http://", "https://"} {
			bare = strings.TrimPrefix(bare, scheme)
		}
		if bare = strings.TrimSpace(bare); bare == value {
			break
		}
		value = bare
	}
	if value == "" {
		return "", errors.New("has no value behind it")
	}
	return value, nil
}

// oneOf takes a word of a closed set.
func oneOf(valid []string) func(string) (string, error) {
	return func(value string) (string, error) {
		for _, v := range valid {
			if strings.EqualFold(v, value) {
				return v, nil
			}
		}
		text := "is one of " + strings.Join(valid, ", ") + ", not " + quoted(value)
		if near := nearest.Word(value, valid); near != "" {
			text += ": did you mean " + near + "?"
		}
		return "", errors.New(text)
	}
}

// units are a duration's, the largest first.
var units = []struct {
	letter string
	length time.Duration
}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}}

const maxDays = 90

// parseDuration reads durations such as 30m, 2h, 3d and 1w, as the policy file
// spells them.
func parseDuration(text string) (time.Duration, error) {
	for _, u := range units {
		number, is := strings.CutSuffix(strings.ToLower(text), u.letter)
		if !is {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 31)
		if err == nil && n > 0 && n <= uint64(maxDays*24*time.Hour/u.length) {
			return time.Duration(n) * u.length, nil
		}
	}
	return 0, fmt.Errorf("%s is no time that it can last: write a whole number and m, h, d or w, such as 30m or 2h; 90d at most", quoted(text))
}

// durationText writes a duration as parseDuration reads it.
func durationText(d time.Duration) string {
	for _, u := range units {
		if d >= u.length && d%u.length == 0 {
			return strconv.FormatInt(int64(d/u.length), 10) + u.letter
		}
	}
	return strconv.FormatInt(int64(d/time.Minute), 10) + "m"
}

func takeTopic(c *Command, w word) error {
	if c.Topic != "" {
		return errors.New("one command at a time")
	}
	name := strings.ToLower(w.text)
	if slices.Contains(verbOrder, Verb(name)) {
		c.Topic = Verb(name)
		return nil
	}
	if instead := insteadOf(name); instead != "" {
		return errors.New(instead)
	}
	return &UnknownWordError{Verb: VerbHelp, What: "command", Word: w.text, Near: nearestVerb(name), Valid: verbNames()}
}

func takeText(c *Command, w word) error {
	c.Text = strings.TrimSpace(c.Text + " " + strings.TrimSpace(w.text))
	if c.Text == "" {
		return errors.New("the text to look for is empty")
	}
	return nil
}

func takeWhich(c *Command, w word) error {
	valid := []string{string(Mine), string(Open)}
	for _, v := range valid {
		if w.is(v) && c.Which == "" {
			c.Which = Which(v)
			return nil
		}
	}
	if c.Which != "" {
		return errors.New("mine or open, not both")
	}
	near := nearest.Word(w.text, valid)
	switch strings.ToLower(w.text) {
	case "pending", "waiting":
		near = string(Open)
	case "own", "my", "me":
		near = string(Mine)
	}
	return &UnknownWordError{Verb: VerbRequests, What: "kind", Word: w.text, Near: near, Valid: valid}
}

func takeRequest(c *Command, w word) error {
	switch id := strings.TrimSpace(w.text); {
	case c.Request != "":
		return errors.New("one request at a time")
	case id == "":
		return errors.New("the request's id is empty")
	case len(id) > len(requestMark) && strings.EqualFold(id[:len(requestMark)], requestMark):
		c.Request = strings.ToLower(id) // a phone writes a line's words with a capital
	default:
		c.Request = id
	}
	return nil
}

// requestMark is what the ids of requests begin with; they have no capitals.
const requestMark = "req_"

// takeScope reads SET, set:S, person:P, account:A or all.
func takeScope(c *Command, w word) error {
	text := strings.TrimSpace(w.text)
	switch {
	case c.Scope != "":
		return errors.New("one thing at a time")
	case text == "":
		return errors.New("what is it to freeze? The name is empty")
	case w.is(string(ScopeAll)):
		c.Scope = ScopeAll
		return nil
	}
	c.Scope, c.Target = ScopeSet, text
	if kind, name, cut := strings.Cut(text, ":"); cut {
		switch scope := Scope(strings.ToLower(kind)); scope {
		case ScopeSet, ScopePerson, ScopeAccount:
			c.Scope, c.Target = scope, strings.TrimSpace(name)
		default:
			valid := []string{"person:", "account:", "set:"}
			return &UnknownWordError{Verb: c.Verb, What: "kind", Word: kind + ":", Near: nearest.Word(kind, valid), Valid: valid}
		}
	} else if _, mention := MentionedUser(text); mention {
		c.Scope = ScopePerson
	}
	if c.Target == "" {
		return errors.New("a name is missing behind " + text)
	}
	return nil
}
