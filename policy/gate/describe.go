package gate

import (
	"cmp"
	"fmt"
	"strings"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

const (
	maxShownName  = 80  // runes of a foreign name in a sentence
	maxShownValue = 260 // of one that is sent: a hostname has up to 253, and counts by its end
)

// What says in a few words what a request would do, to which server and, of
// several accounts, in which. All that the call would set stands in it: it is what
// people say yes to where nothing else is shown. What of it comes from outside is
// inert, here and in the view's other words; names from the policy stand as they
// are: whoever keeps it is trusted.
func (v View) What() string { return v.deed() + v.glassWords() }

func (v View) deed() string {
	s, name, where := v.Shown, inert.Name(v.Shown.Name(), maxShownName), v.inAccount()
	switch {
	case s.Server == nil && s.After == nil:
		return v.asked() + where
	case v.Action == policy.Create:
		return fmt.Sprintf("create %s (%s%s)%s", name, v.createdWords(), v.createWords(), where)
	case v.Action == policy.Update:
		return fmt.Sprintf("update %s (id %s)%s: %s", name, v.ServerID, where, changeWords(s.Changes))
	}
	return fmt.Sprintf("%s %s (id %s)%s", v.Action, name, v.ServerID, where)
}

func (v View) inAccount() string {
	if !v.Several || v.Account == "" {
		return ""
	}
	return " in account " + inert.Text(v.Account, maxShownName)
}

// asked says what was asked before anything was looked up: the asker's own
// words for the server.
func (v View) asked() string {
	switch {
	case v.Action == policy.Create && v.Operation.Create != nil:
		return "create " + inert.Name(v.Operation.Create.Name, maxShownName)
	case v.Operation.Server.Text != "":
		return string(v.Action) + " " + inert.Name(v.Operation.Server.Text, maxShownName)
	}
	return string(v.Action) + " a server"
}

// createdWords name the new server once there is one.
func (v View) createdWords() string {
	if id, known := v.Created(); known {
		return "id " + id.String() + ", "
	}
	return ""
}

func (v View) createWords() string {
	after := v.Shown.After
	plan := "plan " + after.PlanID.String()
	if after.Plan != "" {
		plan += " " + inert.Words(after.Plan, maxShownName)
	}
	system := "system " + after.OSID.String()
	if after.OS != "" {
		system += " " + inert.Words(after.OS, maxShownName)
	}
	price := "price unknown"
	if v.Shown.MonthlyPrice != "" {
		price = inert.Words(v.Shown.MonthlyPrice, maxShownName) + " a month"
	}
	words := []string{plan, system, "in " + inert.Words(after.Location, maxShownValue), price}
	return strings.Join(append(words, v.extraWords()...), ", ")
}

// extraWords are what a create may leave out, where it doesn't: who can log in
// first, since nothing else shows who will own the server.
func (v View) extraWords() (words []string) {
	after := v.Shown.After
	if key, asked := v.SSHKey(); asked {
		words = append(words, "SSH key "+key.String())
	}
	if after.Backups != nil {
		words = append(words, "backups "+map[bool]string{true: "on", false: "off"}[*after.Backups])
	}
	if after.Hostname != "" {
		words = append(words, "hostname "+inert.Name(after.Hostname, maxShownValue))
	}
	return words
}

// SSHKey is the key that will open a new server, where one was asked for. No server
// tells its own, so it is in the operation alone.
func (v View) SSHKey() (key vpsapi.ID, asked bool) {
	if c := v.Operation.Create; c != nil && c.SSHKeyID != nil {
		return *c.SSHKeyID, true
	}
	return vpsapi.ID{}, false
}

func changeWords(changes []Change) string {
	words := make([]string, len(changes))
	for i, c := range changes {
		if c.Field == "backups_enabled" {
			words[i] = "backups from " + switchText(c.From) + " to " + switchText(c.To)
			continue
		}
		words[i] = fmt.Sprintf("%s from %q to %q", c.Field, inert.Text(c.From, maxShownValue), inert.Text(c.To, maxShownValue))
	}
	return strings.Join(words, ", ")
}

func switchText(enabled string) string {
	switch enabled {
	case "true":
		return "on"
	case "false":
		return "off"
	}
	return inert.Text(enabled, maxShownValue)
}

// Message says how a request stands and what its asker does next.
func (v View) Message() string {
	switch v.State {
	case ledger.Pending:
		if v.Barred != "" {
			return fmt.Sprintf("Not done yet: %s. What holds now says no, whoever votes: %s.", v.What(), inert.Text(v.Barred, maxForeign))
		}
		return fmt.Sprintf("Not done yet: to %s, %s.%s", v.What(), v.needWords(), v.problemWords())
	case ledger.Approved, ledger.Executing:
		if isHeldBack(v.Request) {
			return fmt.Sprintf("Not done yet: %s; %s.", v.What(), v.foreign())
		}
		if v.Elsewhere {
			return fmt.Sprintf("Approved, and not carried out by this vpsops, which has another API account: %s. One with the account that it was asked for does so while it lasts.", v.What())
		}
		return fmt.Sprintf("Approved and being carried out: %s.", v.What())
	case ledger.Succeeded:
		return v.successMessage()
	case ledger.Failed:
		return fmt.Sprintf("Failed: %s; %s.", v.What(), v.foreign())
	case ledger.Unknown:
		return v.unknownMessage()
	case ledger.Denied:
		return v.deniedMessage()
	}
	return fmt.Sprintf("Not done (%s): %s; %s.", v.State, v.What(), v.foreign())
}

// problemWords say that those who could decide may not know of it.
func (v View) problemWords() string {
	var b strings.Builder
	for _, p := range v.Problems {
		fmt.Fprintf(&b, " They could not be told: %s.", strings.TrimSuffix(inert.Line(p, maxShownName*2), "."))
	}
	return b.String()
}

const maxForeign = 550 // runes of a request's own message

// foreign is the request's own message, which may hold the API's or a person's
// words.
func (v View) foreign() string {
	return strings.TrimSuffix(inert.Text(v.Request.Message, maxForeign), ".")
}

func (v View) successMessage() string {
	done := fmt.Sprintf("Done: %s.", v.What())
	if !settles(v.Action) {
		return done
	}
	if v.Gone() || v.SettledAt.IsZero() {
		return fmt.Sprintf("Accepted: %s. %s%s", v.What(), v.Whereabouts(), v.afterAccepted())
	}
	if v.SendingAt.IsZero() {
		return done
	}
	return fmt.Sprintf("Done: %s. It is %s after %s.", v.What(), inert.Name(v.ServerStatus, maxShownName/2), took(v.Request))
}

// afterAccepted is what an assistant does next about a server that has not
// arrived.
func (v View) afterAccepted() string {
	switch {
	case v.Gone():
		return ". Tell the user, and ask for nothing in its place by yourself: list_servers shows what is there, and a person finds in the audit trail whether it was deleted through vpsops."
	case v.Astray():
		return ". Look at it with get_server and tell the user, instead of waiting on or asking again; get_request tells should it arrive yet."
	}
	return "; get_request with wait_seconds follows it."
}

func (v View) unknownMessage() string {
	next := "The server is being looked at to find out; do not ask again, get_request tells the end"
	if v.Action == policy.Reboot {
		next = "A reboot leaves no trace to tell it by: look at the server before anybody asks again"
	}
	return fmt.Sprintf("Unknown whether it happened: %s. The call was sent once, and what came back does not tell. %s.", v.What(), next)
}

func (v View) deniedMessage() string {
	return fmt.Sprintf("Denied: %s; %s%s.", v.What(), v.foreign(), ruleWords(v.Rules))
}

// ruleWords name the rules that deny, where any do.
func ruleWords(all []policy.Rule) string {
	var rules []string
	for _, r := range all {
		if r.Effect == policy.Deny || r.Kind == policy.FloorRule {
			rules = append(rules, r.ID)
		}
	}
	if len(rules) == 0 {
		return ""
	}
	return ". Rule: " + strings.Join(rules, ", ")
}

// needWords says whose vote is missing, and by what rule.
func (v View) needWords() string {
	var words []string
	for _, m := range v.Missing {
		words = append(words, m.words())
	}
	if len(words) == 0 {
		return "votes are being counted"
	}
	return strings.Join(words, " and ")
}

func (m Missing) words() string {
	var w strings.Builder
	if m.ByAsker() {
		fmt.Fprintf(&w, "%s must confirm", cmp.Or(strings.Join(m.Eligible, ", "), "the asker, who is no longer listed,"))
	} else {
		fmt.Fprintf(&w, "%d of %s must approve", m.Count, m.From)
		could := strings.Join(m.Eligible, ", ")
		if m.TooFew != "" {
			could = strings.TrimPrefix(could+"; "+m.TooFew, "; ")
		}
		if could != "" {
			fmt.Fprintf(&w, " (%s)", could)
		}
	}
	switch m.Factor {
	case policy.PersonFactor:
		w.WriteString(" in person")
	case policy.Passkey:
		w.WriteString(" with a passkey")
	}
	for _, extra := range []struct {
		wanted bool
		text   string
	}{{m.TypeName, "typing the server's name"}, {m.Reason, "giving a reason"}} {
		if extra.wanted {
			w.WriteString(", " + extra.text)
		}
	}
	fmt.Fprintf(&w, " (rule %s)", strings.Join(m.Rules, ", "))
	return w.String()
}

// Wanted says what a request wants in all, a line each: for records, which are read
// without the policy that knows who could give it.
func (v View) Wanted() []string {
	lines := make([]string, len(v.Needs))
	for i, n := range v.Needs {
		m := Missing{Need: n}
		if n.ByAsker() {
			m.Eligible = []string{inert.Text(v.Person, maxShownName)}
		}
		lines[i] = m.words()
	}
	return lines
}

// NeedLines says what is still missing, a line each, for who waits for it.
func (v View) NeedLines() []string {
	lines := make([]string, len(v.Missing))
	for i, m := range v.Missing {
		lines[i] = m.words()
	}
	return lines
}
