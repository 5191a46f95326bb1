package command_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vpsops/slackbot/command"
)

// awkward are texts in which something could pass for grammar.
func awkward() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{
			"because", "share", "all", "for", "open", "\"", "'", "’", "“", "„", "\\", "=", ":", "–", "—", "&amp;", "&", "<", ">", "&lt;",
			"<@U1>", "<@U1|x>", "<#C0>", "<http://a.example|b>", "<http://a", "mailto:", " ", "\u00a0", "\n", "set:", "person:", "\u202e", "\xff",
		}),
		rapid.StringMatching(`[a-zA-Z0-9.-]{1,8}`),
		rapid.String(),
	)
	return rapid.Map(rapid.SliceOfN(piece, 1, 6), func(pieces []string) string { return strings.Join(pieces, "") })
}

// normal is what Parse itself makes of a text in some place, or "" where it
// takes none of it.
func normal(t *rapid.T, line string, field func(command.Command) string) string {
	c, err := command.Parse(line)
	if err != nil {
		return ""
	}
	return field(c)
}

// Whatever somebody writes, if it is understood then it can be written out, and
// read back as the same.
func TestWhatIsWrittenOutIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		verb := rapid.SampledFrom(command.Verbs()).Draw(t, "verb")
		tail := rapid.SliceOfN(rapid.OneOf(
			awkward(),
			rapid.Map(awkward(), func(s string) string { return `"` + s + `"` }),
			rapid.Custom(func(t *rapid.T) string {
				key := rapid.SampledFrom([]string{"name", "account", "status", "location", "hostname", "plan", "os", "ssh-key", "backups"}).Draw(t, "key")
				return key + "=" + rapid.OneOf(awkward(), rapid.SampledFrom([]string{"on", "active", `"a b"`})).Draw(t, "value")
			}),
			rapid.SampledFrom([]string{"because it is so", "for 2h", "share", "replace", "break-glass"}),
		), 0, 4).Draw(t, "tail")
		readsBack(t, strings.Join(append([]string{string(verb)}, tail...), " "))
	})
}

func readsBack(t interface {
	Fatalf(format string, args ...any)
}, line string,
) {
	c, err := command.Parse(line)
	if err != nil {
		if err.Error() == "" || strings.ContainsAny(err.Error(), "\n\u202e\x1b") {
			t.Fatalf("a fault that can't be shown: %q", err)
		}
		return
	}
	again, err := command.Parse(c.String())
	if err != nil || again != c {
		t.Fatalf("%q\nis       %+v\nwritten  %q\nread as  %+v, %v", line, c, c.String(), again, err)
	}
}

// A command that a form filled in is written out and read back, too.
func TestCommandsMadeElsewhereAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string {
			return normal(t, `show "`+strings.NewReplacer(`"`, "", "\\", "").Replace(awkward().Draw(t, name))+`"`,
				func(c command.Command) string { return c.Server })
		}
		c := command.Command{
			Verb: command.VerbCreate, Account: text("account"), Name: text("name"), Plan: text("plan"), OS: text("os"),
			Location: text("location"), Backups: rapid.SampledFrom([]command.Switch{"", command.On, command.Off}).Draw(t, "backups"),
			Because: normal(t, "stop a because "+awkward().Draw(t, "because"), func(c command.Command) string { return c.Because }),
		}
		if got, err := command.Parse(c.String()); err != nil || got != c {
			t.Fatalf("%+v\nwritten %q\nread as %+v, %v", c, c.String(), got, err)
		}
		c = command.Command{
			Verb: command.VerbFreeze, Scope: rapid.SampledFrom([]command.Scope{command.ScopeSet, command.ScopePerson}).Draw(t, "scope"),
			Target: text("target"), Account: text("limit"), For: time.Duration(rapid.IntRange(0, 10_000).Draw(t, "minutes")) * time.Minute, Because: "x",
		}
		if c.Target == "" {
			return
		}
		if _, mention := command.MentionedUser(c.Target); mention {
			c.Scope = command.ScopePerson
		}
		if got, err := command.Parse(c.String()); err != nil || got != c {
			t.Fatalf("%+v\nwritten %q\nread as %+v, %v", c, c.String(), got, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, line := range []string{
		"", "list share", `create name="a b" plan=“x” because it's “so”`, "freeze <@U1|ana> for 2h because &lt;x&gt;",
		"show <http://a.example|a.example>", `list "share" account='b"`, "lock – for 90d because <#C1> &amp;lt;", "freeze set:\"all\" because \"'x'\"",
		`show "a\"b\\"`, "help ?", "unfreeze account=a", "stop \"because\" because because",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		readsBack(t, line)
		command.Complete(line, command.Source{})
	})
}
