package card

import (
	"strconv"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot/command/runner"
	"vpsops/vpsapi"
)

// warnings are what must be seen before all else, a line each, the dangerous
// one first.
func warnings(v gate.View) (all []md) {
	former := v.Shown.FormerNames
	v.Shown.FormerNames = nil // they get frames of their own
	for i, line := range runner.Warnings(v) {
		sign := md("⚠️ ")
		if i == 0 && v.Action == policy.Delete {
			sign = "🛑 "
		}
		all = append(all, sign+bold(prose(line, maxProse)))
	}
	if newName(v) != "" {
		all = append(all, "⚠️ *"+renames+"*")
	}
	if len(former) > 0 {
		all = append(all, "⚠️ *It was lately called* "+names(former))
	}
	for _, r := range v.Rules {
		if r.BreakGlass {
			all = append(all, "🚨 *Break-glass*: it goes against the rule "+name(r.ID)+", which denies it: "+prose(r.Why, maxReason))
		}
	}
	if isOdd(v, former) {
		all = append(all, oddName)
	}
	return all
}

// renames is what a new name does.
const renames = "Rules and people that go by the name will take it for another server."

const oddName md = "⚠️ *The name may not be what it looks like*: it holds more than plain letters, digits and signs."

// names are some foreign names, a frame each.
func names(all []string) md {
	var framed []md
	for _, s := range all[:min(len(all), maxMentions)] {
		framed = append(framed, name(s))
	}
	if more := len(all) - maxMentions; more > 0 {
		framed = append(framed, md(plural(more, "other")))
	}
	return join(", ", framed...)
}

func isOdd(v gate.View, former []string) bool {
	for _, s := range append([]string{v.Shown.Name(), newName(v)}, former...) {
		if inert.Suspicious(s) {
			return true
		}
	}
	return false
}

// warningTexts are the warnings for the fallback.
func warningTexts(v gate.View) []string {
	texts := []string{headline(v)}
	if all := runner.Warnings(v); len(all) > 0 {
		texts[0] += " " + all[0]
		texts = append(texts, all[1:]...)
	}
	if newName(v) != "" {
		texts = append(texts, renames)
	}
	for _, r := range v.Rules {
		if r.BreakGlass {
			texts = append(texts, "Break-glass: it goes against the rule "+inert.Text(r.ID, maxName)+", which denies it.")
		}
	}
	if isOdd(v, v.Shown.FormerNames) {
		texts = append(texts, "The name may not be what it looks like.")
	}
	return texts
}

// facts are the server as it is now, or as it would be made.
func (w *Writer) facts(v gate.View) (all []md) {
	switch s := v.Shown; {
	case s.Server != nil:
		all = append(changes(s), w.serverLines(v, s.Server)...)
	case s.After != nil:
		all = append(all, w.orderLines(v, s)...)
	default:
		all = append(all, "*Server*  "+name(called(v))+", as it was asked: it was not looked up"+w.account(v))
	}
	return all
}

// account says where several accounts are which one it is.
func (w *Writer) account(v gate.View) md { return w.accountOf(v.Account) }

func (w *Writer) accountOf(account string) md {
	if len(w.Accounts) < 2 || account == "" {
		return ""
	}
	return ", account " + name(account)
}

func (w *Writer) serverLines(v gate.View, f *gate.Facts) []md {
	what := join(", ", word(f.Plan), word(f.OS))
	if made := v.CreatedAt.Sub(f.CreatedAt); !f.CreatedAt.IsZero() {
		what += ", made " + md(age(made)) + " ago"
	}
	all := []md{
		"*Server*  " + code(f.Name, maxLong) + ", id " + word(f.ID.String()) + ", " + status(f.Status),
		"*Where*  " + place(f.Address, f.Location) + w.account(v),
		"*What*  " + what,
	}
	if f.Hostname != "" && f.Hostname != f.Name {
		all = append(all, "*Hostname*  "+code(f.Hostname, maxLong))
	}
	if b := f.Backups; b != nil && v.Action == policy.Delete {
		all = append(all, "*Backups*  "+onOff(b))
	}
	return all
}

func place(address, location string) md {
	if address == "" {
		return word(location) + ", no address yet"
	}
	return name(address) + " in " + word(location)
}

func onOff(b *bool) md {
	switch {
	case b == nil:
		return "not known"
	case *b:
		return "on"
	}
	return "off"
}

// changes are what an update would change, from what to what.
func changes(s gate.Shown) (all []md) {
	for _, c := range s.Changes {
		if c.Field == "backups_enabled" {
			all = append(all, "*Changes*  backups: "+switched(c.From)+" → "+switched(c.To))
			continue
		}
		all = append(all, "*Changes*  "+word(c.Field)+": "+code(c.From, maxLong)+" → "+code(c.To, maxLong))
	}
	return all
}

func switched(value string) md {
	switch value {
	case "true":
		return "on"
	case "false":
		return "off"
	}
	return word(value)
}

func (w *Writer) orderLines(v gate.View, s gate.Shown) []md {
	f := s.After
	price := md("*not known*")
	if s.MonthlyPrice != "" {
		price = "*" + word(s.MonthlyPrice) + "* a month, until somebody deletes it"
	}
	all := []md{
		"*Price*  " + price,
		"*Name*  " + name(f.Name),
		"*Plan*  " + named(f.Plan, f.PlanID),
		"*System*  " + named(f.OS, f.OSID),
		"*Where*  " + word(f.Location) + w.account(v),
	}
	if f.Hostname != "" {
		all = append(all, "*Hostname*  "+code(f.Hostname, maxLong))
	}
	if f.Backups != nil {
		all = append(all, "*Backups*  "+onOff(f.Backups))
	}
	if c := v.Operation.Create; c != nil && c.SSHKeyID != nil {
		all = append(all, "*SSH key*  id "+word(c.SSHKeyID.String()))
	}
	if n := len(s.SameName); n > 0 {
		all = append(all, "*Same name*  "+md(plural(n, "server"))+" already: "+sameNames(s.SameName))
	}
	return all
}

func named(s string, id vpsapi.ID) md {
	if s == "" {
		return "id " + word(id.String())
	}
	return word(s) + " (id " + word(id.String()) + ")"
}

const maxSame = 5

func sameNames(ids []vpsapi.ID) md {
	var all []md
	for _, id := range ids[:min(len(ids), maxSame)] {
		all = append(all, "id "+word(id.String()))
	}
	if more := len(ids) - maxSame; more > 0 {
		all = append(all, md(strconv.Itoa(more)+" more"))
	}
	return join(", ", all...)
}

// status is a server's status with a sign for the eye.
func status(s vpsapi.Status) md { return md(sign(s)) + " " + word(string(s)) }

func sign(s vpsapi.Status) string {
	switch {
	case s == vpsapi.StatusActive:
		return "🟢"
	case s == vpsapi.StatusStopped:
		return "⚫"
	case s == vpsapi.StatusSuspended:
		return "🔴"
	case s.Transitional():
		return "🟡"
	}
	return "⚪"
}

// memory is a number of megabytes as people say it.
func memory(mb int64) string {
	if mb >= 1024 && mb%512 == 0 {
		return strconv.FormatFloat(float64(mb)/1024, 'f', -1, 64) + " GB"
	}
	return strconv.FormatInt(mb, 10) + " MB"
}

// Limits after which a server that is on its way is late, from the send on.
const (
	overdueReboot = 3 * time.Minute
	overduePower  = 2 * time.Minute
	overdueCreate = 10 * time.Minute // "may take 2-5 minutes", says the API
)

// Overdue tells whether an accepted action should have arrived by now: its card
// then says so loudly.
func Overdue(v gate.View, now time.Time) bool {
	limit, known := OverdueAfter(v.Action)
	return known && v.Outcome == gate.OutcomeAccepted && !v.SendingAt.IsZero() && now.Sub(v.SendingAt) >= limit
}

// OverdueAfter is the time from the send in which a server should have arrived.
func OverdueAfter(a policy.Action) (time.Duration, bool) {
	switch a {
	case policy.Reboot:
		return overdueReboot, true
	case policy.Start, policy.Stop:
		return overduePower, true
	case policy.Create:
		return overdueCreate, true
	}
	return 0, false
}
