package command

import (
	"fmt"
	"strings"

	"vpsops/policy"
)

// Help says what one may say. may is what the person may ask for here, and how
// that would end at the least: a command for nothing of it is left out. readOnly
// says that nobody may change anything. With a command's name it is about that
// one; with a wrong one, what was meant by it.
func Help(may map[policy.Action]policy.Decision, readOnly bool, command string) string {
	if command == "" {
		return overview(may, readOnly)
	}
	r, err := verbOf(word{text: command, equals: -1})
	if err != nil {
		return err.Error()
	}
	return r.help(may, readOnly)
}

// offered tells whether the person may do it here at all.
func (r rule) offered(may map[policy.Action]policy.Decision) bool {
	_, granted := may[r.action]
	return r.action == "" || granted
}

const readOnlyWords = "vpsops runs read-only (VPSOPS_READ_ONLY): nothing is changed, whoever asks.\n"

func overview(may map[policy.Action]policy.Decision, readOnly bool) string {
	var b strings.Builder
	widest := 0
	for _, r := range rules {
		widest = max(widest, len(r.short()))
	}
	for _, r := range rules {
		if r.offered(may) {
			fmt.Fprintf(&b, "%-*s  %s%s\n", widest, r.short(), r.about, ends(may, r.action))
		}
	}
	if b.WriteByte('\n'); readOnly {
		b.WriteString(readOnlyWords)
	}
	b.WriteString("help COMMAND says more. SERVER is an id, or an exact name, hostname or address; id:12345 is the id alone.\n")
	return b.String()
}

// short is the usage without what may be left out.
func (r rule) short() string {
	text, _, _ := strings.Cut(r.usage, " [")
	if strings.Contains(text, "=") {
		return string(r.verb)
	}
	return text
}

// ends says whose yes an ask would want.
func ends(may map[policy.Action]policy.Decision, a policy.Action) string {
	switch may[a].Effect {
	case policy.Confirm:
		return " (you confirm)"
	case policy.Approve:
		return " (others approve)"
	}
	return ""
}

func (r rule) help(may map[policy.Action]policy.Decision, readOnly bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s.\n", r.usage, strings.ToUpper(r.about[:1])+r.about[1:])
	if r.long != "" {
		b.WriteString(r.long + "\n")
	}
	switch {
	case readOnly && r.action.ChangesServer():
		b.WriteString(readOnlyWords)
	case !r.offered(may):
		fmt.Fprintf(&b, "You may not do this here: no grant gives you %s.\n", r.action)
	case may[r.action].Effect == policy.Confirm:
		b.WriteString("You are asked to confirm it.\n")
	case may[r.action].Effect == policy.Approve:
		b.WriteString("Others must approve it.\n")
	}
	return b.String()
}
