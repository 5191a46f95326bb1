package command

import (
	"errors"
	"slices"
	"strings"

	"vpsops/internal/nearest"
)

// Parse reads a line. An empty one is help. Errors are an *UnknownWordError or a
// *UsageError and say what to write instead; nothing is guessed.
func Parse(line string) (Command, error) {
	words, reason, explained, err := split(line)
	if err != nil {
		return Command{}, err
	}
	if len(words) > 0 && words[0].is("please") {
		words = words[1:]
	}
	if len(words) == 0 {
		return Command{Verb: VerbHelp}, nil
	}
	r, err := verbOf(words[0])
	if err != nil {
		return Command{}, ofAll(err, words[1:])
	}
	p := parser{rule: r, command: Command{Verb: r.verb}, words: words[1:]}
	for len(p.words) > 0 {
		if err := p.next(); err != nil {
			return Command{}, err
		}
	}
	return p.finish(reason, explained)
}

func verbOf(w word) (rule, error) {
	name := strings.ToLower(w.text)
	if r, ok := ruleOf(Verb(name)); ok && !w.quoted {
		return r, nil
	}
	if instead := insteadOf(name); instead != "" {
		return rule{}, &UsageError{Problem: instead}
	}
	return rule{}, &UnknownWordError{What: "command", Word: w.text, Near: nearestVerb(name), Valid: verbNames()}
}

// ofAll is an unknown verb's error, unless what is behind it shows that another word
// for stop was said of all servers.
func ofAll(err error, words []word) error {
	var unknown *UnknownWordError
	if errors.As(err, &unknown) && unknown.Near == string(VerbStop) && len(words) > 0 && MeansAll(words[0].text) {
		return &UsageError{Problem: HowToStopAll}
	}
	return err
}

// nearestVerb is the verb that was likely meant, or "". One that does more than look must
// be one slip away, or a longer or shorter form of the word: what is merely like it may
// say the contrary.
func nearestVerb(name string) string {
	if verb, known := otherWords[name]; known {
		return string(verb)
	}
	near := nearest.Word(name, verbNames())
	if slices.Contains(harmless, Verb(near)) || strings.HasPrefix(name, near) || strings.HasPrefix(near, name) || nearest.Distance(name, near) <= 1 {
		return near
	}
	return ""
}

// parser reads the words behind a verb.
type parser struct {
	rule    rule
	command Command
	words   []word
	given   []string // keys and flags so far
}

func (p *parser) wrong(problem string) error {
	return &UsageError{Verb: p.rule.verb, Problem: problem, Usage: p.rule.usage}
}

func (p *parser) next() error {
	w := p.words[0]
	p.words = p.words[1:]
	switch {
	case w.equals >= 0:
		return p.setKey(w.text[:w.equals], strings.TrimSpace(w.text[w.equals+1:]))
	case p.rule.timed && w.is("for"):
		return p.setFor()
	}
	for _, f := range p.rule.flags {
		if w.is(f.name) && (f.name != shareFlag.name || len(p.words) == 0) {
			*f.field(&p.command) = true
			return p.once(f.name)
		}
	}
	return p.positional(w)
}

// once refuses what is said twice: which of the two was meant?
func (p *parser) once(name string) error {
	if slices.Contains(p.given, name) {
		return p.wrong(name + " is given twice")
	}
	p.given = append(p.given, name)
	return nil
}

func (p *parser) setKey(name, value string) error {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	for _, k := range p.rule.allKeys() {
		if k.name == name {
			return p.setValue(k, value)
		}
	}
	var valid []string
	for _, k := range p.rule.allKeys() {
		valid = append(valid, k.name+"=")
	}
	near := nearest.Word(name, valid)
	return &UnknownWordError{Verb: p.rule.verb, What: "key", Word: name + "=", Near: near, Valid: valid}
}

func (p *parser) setValue(k key, value string) error {
	if err := p.once(k.name + "="); err != nil {
		return err
	}
	if value == "" {
		return p.wrong(k.name + "= has no value behind it")
	}
	if k.check != nil {
		checked, err := k.check(value)
		if err != nil {
			return p.wrong(k.name + "= " + err.Error())
		}
		value = checked
	}
	*k.field(&p.command) = value
	return nil
}

func (p *parser) setFor() error {
	if err := p.once("for"); err != nil {
		return err
	}
	if len(p.words) == 0 {
		return p.wrong("for how long? Write for example for 2h")
	}
	d, err := parseDuration(p.words[0].text)
	if err != nil {
		return p.wrong(err.Error())
	}
	p.command.For, p.words = d, p.words[1:]
	return nil
}

func (p *parser) positional(w word) error {
	if p.rule.server && p.command.Server == "" {
		text, err := hostOnly(strings.TrimSpace(w.text))
		if err != nil {
			return p.wrong("the server has no name")
		}
		p.command.Server = text
		return nil
	}
	if p.rule.words != nil {
		err := p.rule.words(&p.command, w)
		var unknown *UnknownWordError
		if err == nil || errors.As(err, &unknown) {
			return err
		}
		return p.wrong(err.Error())
	}
	return p.tooMuch(w)
}

// tooMuch is met by a word for which there is no place, most often a misspelt
// flag or a key without its =.
func (p *parser) tooMuch(w word) error {
	var valid []string
	for _, f := range p.rule.flags {
		valid = append(valid, f.name)
	}
	for _, k := range p.rule.keys {
		valid = append(valid, k.name+"=")
	}
	if p.rule.because {
		valid = append(valid, "because")
	}
	if w.is(shareFlag.name) && slices.Contains(valid, shareFlag.name) {
		return p.wrong(shareFlag.name + " stands at the end")
	}
	if near := nearest.Word(w.text, valid); near != "" && !w.quoted {
		return &UnknownWordError{Verb: p.rule.verb, What: "word", Word: w.text, Near: near, Valid: valid}
	}
	if p.command.StopsAll() {
		return p.wrong(HowToStopAll)
	}
	problem := "there is no place for " + quoted(w.text)
	if p.rule.server && p.command.Server != "" {
		problem += " behind the server"
	}
	return p.wrong(problem)
}

func (p *parser) finish(reason string, explained bool) (Command, error) {
	c, r := p.command, p.rule
	switch {
	case explained && !r.because:
		return Command{}, p.wrong("it takes no because")
	case explained && reason == "":
		return Command{}, p.wrong("because of what? The reason is missing")
	case r.whyNeeds && !explained:
		return Command{}, p.wrong("say why, for whoever meets it: because …")
	case r.needs != "" && c.Server == "" && c.Request == "":
		problem := r.needs + " is missing"
		if r.found != "" {
			problem += ": " + r.found
		}
		return Command{}, p.wrong(problem)
	}
	c.Because = reason
	if c.Verb == VerbFreeze || c.Verb == VerbUnfreeze {
		return p.finishScope(c)
	}
	return c, nil
}

// finishScope says what a freeze is of. Whoever writes account=A means what is in
// that account, and never more: all of it is the account itself.
func (p *parser) finishScope(c Command) (Command, error) {
	if c.Scope == "" {
		c.Scope = ScopeAll
	}
	switch {
	case c.Account == "":
	case c.Scope == ScopeAll:
		c.Scope, c.Target, c.Account = ScopeAccount, c.Account, ""
	case c.Scope == ScopeAccount && c.Target != c.Account:
		return Command{}, p.wrong("two accounts are named: account:" + c.Target + " and account=" + c.Account)
	case c.Scope == ScopeAccount:
		c.Account = ""
	}
	return c, nil
}
