package main

import (
	"fmt"
	"slices"
	"strings"

	"vpsops/policy"
)

const (
	mostNames = 4 // more persons are counted
	mostKinds = 3 // more kinds of persons, too
)

// leave is how far a person may ask for an action.
type leave int

const (
	never  leave = iota
	partly       // on some servers, or by some ways
	freely
)

// leaveOf is what the grants let a person ask for, by the actions' order.
func leaveOf(pol *policy.Policy, person string, of []policy.Action) []leave {
	may := make([]leave, len(of))
	for _, g := range pol.Document().Grants {
		if !slices.ContainsFunc(g.Who, func(who string) bool { return slices.Contains(pol.Members(who), person) }) {
			continue
		}
		how := freely
		if len(g.Servers)+len(g.Through)+len(g.Channels) > 0 {
			how = partly
		}
		for i, a := range of {
			if slices.Contains(g.Actions, a) {
				may[i] = max(may[i], how)
			}
		}
	}
	return may
}

func changes() []policy.Action {
	return slices.DeleteFunc(policy.Actions(), func(a policy.Action) bool { return !a.ChangesServer() })
}

func reads() []policy.Action {
	return slices.DeleteFunc(policy.Actions(), func(a policy.Action) bool { return !a.Reads() })
}

// whoMay says in a sentence who may ask for which changes.
func whoMay(pol *policy.Policy) string {
	type kind struct {
		may    []leave
		people []string
	}
	var kinds []kind
	var readers, idle []string
	changers := 0
	for _, person := range pol.People() {
		may := leaveOf(pol, person, changes())
		switch {
		case slices.Max(may) > never:
			changers++
			i := slices.IndexFunc(kinds, func(k kind) bool { return slices.Equal(k.may, may) })
			if i < 0 {
				i, kinds = len(kinds), append(kinds, kind{may: may})
			}
			kinds[i].people = append(kinds[i].people, person)
		case slices.Max(leaveOf(pol, person, reads())) > never:
			readers = append(readers, person)
		default:
			idle = append(idle, person)
		}
	}
	var text []string
	switch {
	case changers == 0:
		text = append(text, "nobody may ask for a change")
	case len(kinds) > mostKinds:
		text = append(text, fmt.Sprintf("%d of %s may ask for changes", changers, counted(len(pol.People()), "person", "persons")))
	default:
		may := " may ask"
		for _, k := range kinds {
			text = append(text, names(k.people)+may+" for "+leaveWords(k.may))
			may = ""
		}
		text = []string{strings.Join(text, ", ")}
	}
	if len(readers) > 0 {
		text = append(text, names(readers)+" may only read")
	}
	if len(idle) > 0 {
		text = append(text, names(idle)+" may do nothing")
	}
	if len(pol.Usergroups()) > 0 {
		text = append(text, "Slack's user groups add to that")
	}
	return strings.Join(text, "; ")
}

func leaveWords(may []leave) string {
	words := make(map[leave][]string)
	for i, a := range changes() {
		words[may[i]] = append(words[may[i]], string(a))
	}
	some := func(l leave) string {
		if len(words[l]) == len(may) {
			return "any change"
		}
		return series(words[l])
	}
	switch {
	case len(words[partly]) == 0:
		return some(freely)
	case len(words[freely]) == 0:
		return some(partly) + " within limits"
	}
	return some(freely) + " and within limits " + some(partly)
}

// whatWants says in a sentence whose yes the changes want that anybody may ask
// for.
func whatWants(pol *policy.Policy) string {
	doc := pol.Document()
	var always, sometimes []string
	others := false // some guarded change may go by its asker's own yes
	denies := slices.ContainsFunc(doc.Guards, func(g policy.Guard) bool { return g.Deny != "" })
	for _, a := range changes() {
		if !slices.ContainsFunc(doc.Grants, func(g policy.Grant) bool { return slices.Contains(g.Actions, a) }) {
			continue
		}
		switch approved(doc, a) {
		case freely:
			always = append(always, string(a))
			continue
		case partly:
			sometimes = append(sometimes, string(a))
		}
		others = true
	}
	var text string
	switch {
	case len(always)+len(sometimes) == 0 && !others:
		return ""
	case len(always)+len(sometimes) == 0:
		text = "The asker's own yes will do"
	case len(sometimes) == 0:
		text = "Another person approves " + series(always)
	case len(always) == 0:
		text = "In some cases another person approves " + series(sometimes)
	default:
		text = "Another person approves " + series(always) + ", and in some cases " + series(sometimes)
	}
	if others && len(always)+len(sometimes) > 0 {
		text += "; else the asker's own yes will do"
	}
	if denies {
		text += "; and some of it is denied by a guard"
	}
	return text + "."
}

// approved tells whether an action wants another's approval: wherever it is
// asked for, in some cases, or never.
func approved(doc policy.Document, a policy.Action) leave {
	how := never
	for _, g := range doc.Guards {
		if g.Require == nil || g.Require.Approve == 0 || !slices.Contains(g.Actions, a) {
			continue
		}
		if len(g.Servers)+len(g.Who)+len(g.Through)+len(g.Channels)+len(g.UnlessChannels)+len(g.During) == 0 {
			return freely
		}
		how = partly
	}
	for _, b := range doc.Budgets {
		if b.Over != nil && b.Over.Approve > 0 && slices.Contains(b.Actions, a) {
			how = partly
		}
	}
	return how
}

func names(people []string) string {
	if len(people) > mostNames {
		return counted(len(people), "person", "persons")
	}
	return series(people)
}

// series is "a, b and c".
func series(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// wrap breaks a text into lines of at most width characters, where it has
// blanks.
func wrap(text string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case column == 0:
		case column+1+n > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
