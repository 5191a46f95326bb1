package command

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"vpsops/policy"
)

// Standing is what the person may ask for here, and how that would end at the
// least; why it isn't known whether they may what else there is; and whether nobody
// may change anything.
type Standing struct {
	May      map[policy.Action]policy.Decision
	Unread   map[policy.Action]string
	ReadOnly bool
}

// Help says what one may say: a command for nothing that the person may ask for is
// left out. With a command's name it is about that one; with a wrong one, what was
// meant by it.
func Help(s Standing, command string) string {
	if command == "" {
		return s.overview()
	}
	r, err := verbOf(word{text: command, equals: -1})
	if err != nil {
		return err.Error()
	}
	return s.help(r)
}

// offered tells whether the person may do it here at all.
func (s Standing) offered(r rule) bool {
	_, granted := s.May[r.action]
	return (r.action == "" || granted) && !s.refusedReadOnly(r)
}

func (s Standing) refusedReadOnly(r rule) bool {
	return s.ReadOnly && (r.loosens || r.action.ChangesServer())
}

const readOnlyWords = "vpsops runs read-only (VPSOPS_READ_ONLY): nothing is changed, whoever asks.\n"

func (s Standing) overview() string {
	var b strings.Builder
	widest := 0
	for _, r := range rules {
		widest = max(widest, len(r.short()))
	}
	for _, r := range rules {
		if s.offered(r) {
			fmt.Fprintf(&b, "%-*s  %s%s\n", widest, r.short(), r.about, ends(s.May, r.action))
		}
	}
	b.WriteByte('\n')
	for _, line := range UnreadLines(s.Unread) {
		b.WriteString(line + "\n")
	}
	if s.ReadOnly {
		b.WriteString(readOnlyWords)
	}
	b.WriteString("help COMMAND says more. SERVER is an id, or an exact name, hostname or address; id:12345 is the id alone.\n")
	return b.String()
}

// UnreadLines say what somebody may perhaps ask for, and why that isn't known.
func UnreadLines(unread map[policy.Action]string) (lines []string) {
	actions := make(map[string][]string) // by reason
	for _, a := range policy.Actions() {
		if why, is := unread[a]; is {
			actions[why] = append(actions[why], string(a))
		}
	}
	for _, why := range slices.Sorted(maps.Keys(actions)) {
		lines = append(lines, "You may perhaps "+strings.Join(actions[why], ", ")+"; "+why+".")
	}
	return lines
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

func (s Standing) help(r rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s.\n", r.usage, strings.ToUpper(r.about[:1])+r.about[1:])
	if r.long != "" {
		b.WriteString(r.long + "\n")
	}
	switch {
	case s.refusedReadOnly(r):
		b.WriteString(readOnlyWords)
	case !s.offered(r) && s.Unread[r.action] != "":
		fmt.Fprintf(&b, "You may perhaps do this here; %s, and no other grant gives you %s.\n", s.Unread[r.action], r.action)
	case !s.offered(r):
		fmt.Fprintf(&b, "You may not do this here: no grant gives you %s.\n", r.action)
	case s.May[r.action].Effect == policy.Confirm:
		b.WriteString("You are asked to confirm it.\n")
	case s.May[r.action].Effect == policy.Approve:
		b.WriteString("Others must approve it.\n")
	}
	return b.String()
}
