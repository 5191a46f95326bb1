package card

import (
	"strconv"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

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
	if w.accountText(account) == "" {
		return ""
	}
	return ", account " + name(account)
}

// accountText is accountOf for the fallback.
func (w *Writer) accountText(account string) string {
	if len(w.Accounts) < 2 || account == "" {
		return ""
	}
	return ", account " + inert.Text(account, maxName)
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
	all = append(all, extras(v, f)...)
	if n := len(s.SameName); n > 0 {
		all = append(all, "*Same name*  "+md(plural(n, "server"))+" already: "+sameNames(s.SameName))
	}
	return all
}

// extras are what an order may leave out, where it doesn't.
func extras(v gate.View, f *gate.Facts) (all []md) {
	if f.Hostname != "" {
		all = append(all, "*Hostname*  "+code(f.Hostname, maxLong))
	}
	if f.Backups != nil {
		all = append(all, "*Backups*  "+onOff(f.Backups))
	}
	if key, asked := v.SSHKey(); asked {
		all = append(all, "*SSH key*  id "+word(key.String()))
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
