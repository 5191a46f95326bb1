package card

import (
	"fmt"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/command/runner"
	"vpsops/vpsapi"
)

// Server is one server as it is now, with what can be asked of it as it is.
func (w *Writer) Server(r runner.Server) Message {
	blocks := []slack.Block{header(sign(r.Status) + " " + title(r.Name))}
	if len(r.Holds) > 0 {
		blocks = append(blocks, section(w.holdLines(r.Holds)...))
	}
	blocks = append(blocks, section(w.serverFacts(r)...))
	if r.Message != "" {
		blocks = append(blocks, small("The API remarks:"), quote(inert.Line(r.Message, maxReason)))
	}
	blocks = append(blocks, buttons(w.power(r)...)...)
	s := r.Server
	return message(blocks, fmt.Sprintf("%s is %s: id %s, %s, %s, %s.", title(s.Name), inert.Text(string(s.Status), maxName),
		inert.Text(s.ID.String(), maxName), textOr(s.IPAddress, "no address yet"), textOr(s.Location, "-"), textOr(s.Plan.Name, "-")))
}

func textOr(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return inert.Text(s, maxName)
}

func (w *Writer) serverFacts(r runner.Server) []md {
	all := []md{
		"*Status*  " + word(string(r.Status)) + ", id " + word(r.ID.String()),
		"*Where*  " + place(r.IPAddress, r.Location) + w.accountOf(r.Account),
	}
	if r.IPv6Address != "" {
		all = append(all, "*IPv6*  "+name(r.IPv6Address))
	}
	if r.Hostname != "" {
		all = append(all, "*Hostname*  "+code(r.Hostname, maxLong))
	}
	all = append(all,
		"*Plan*  "+word(r.Plan.Name)+": "+size(r.Plan.VCPUs, r.Plan.Memory, r.Plan.Storage),
		"*System*  "+word(r.OS.Name),
		"*Backups*  "+onOff(r.BackupsEnabled))
	if u := r.ResourceUsage; u != nil {
		all = append(all, "*Load*  "+load(u, r.Plan))
	}
	if !r.CreatedAt.IsZero() {
		all = append(all, "*Age*  "+md(age(w.Now().Sub(r.CreatedAt)))+", made "+date(r.CreatedAt))
	}
	if inert.Suspicious(r.Name) || inert.Suspicious(r.Hostname) {
		all = append(all, oddName)
	}
	return all
}

func size(vcpus, memoryMB, storageGB int64) md {
	return md(fmt.Sprintf("%d vCPU, %s, %d GB", vcpus, memory(memoryMB), storageGB))
}

// load is what a server uses of what it has.
func load(u *vpsapi.ResourceUsage, of vpsapi.ServerPlan) md {
	const mbPerGB = 1024
	return md(fmt.Sprintf("CPU %.0f %%, memory %.1f of %.1f GB, disk %.1f of %d GB, traffic %.1f GB",
		u.CPUPercent, float64(u.MemoryUsed)/mbPerGB, float64(of.Memory)/mbPerGB, u.DiskUsed, of.Storage, u.BandwidthUsed))
}

// power is what can be asked of a server in its state. Each only asks: what is
// dangerous shows a card to confirm first.
func (w *Writer) power(r runner.Server) (all []slack.BlockElement) {
	p := Press{Server: r.ID.String(), Account: r.Account}
	add := func(action, label string) { all = append(all, w.button(action, label, p)) }
	switch {
	case w.ReadOnly:
	case r.Status == vpsapi.StatusActive:
		add(ActReboot, "Reboot…")
		add(ActStop, "Stop…")
	case r.Status == vpsapi.StatusStopped:
		add(ActStart, "Start…")
	case r.Status.Transitional(), r.Status == vpsapi.StatusSuspended:
	default: // a status that is not known: the API says what goes
		add(ActStart, "Start…")
		add(ActReboot, "Reboot…")
		add(ActStop, "Stop…")
	}
	add(ActShow, "Look again")
	return all
}

func (w *Writer) holdLines(holds []gate.HoldInForce) []md {
	all := make([]md, len(holds))
	for i, h := range holds {
		if all[i] = w.holdLine(h.Hold, ""); h.Remark != "" {
			all[i] += " (" + prose(h.Remark, maxReason) + ")"
		}
	}
	return all
}

// holdLine says what is kept from changes, by whom, until when and why.
func (w *Writer) holdLine(h ledger.Hold, server string) md {
	verb := md("❄️ *Frozen*")
	if h.Kind == ledger.LockHold {
		verb = "🔒 *Locked*"
	}
	until := md("until it is lifted")
	if !h.Until.IsZero() {
		until = "until " + date(h.Until)
	}
	return verb + ": " + w.heldBack(h, server) + ", by " + name(h.Owner) + ", " + until + ": " + prose(h.Because, maxReason)
}

func scope(s ledger.HoldScope) md {
	switch s {
	case ledger.ScopeServer:
		return "server"
	case ledger.ScopeSet:
		return "the servers of"
	case ledger.ScopePerson:
		return "what is asked by"
	case ledger.ScopeAccount:
		return "the account"
	}
	return "everything"
}

func valueOf(h ledger.Hold) md {
	if h.Value == "" {
		return ""
	}
	return name(h.Value)
}

func (w *Writer) holdText(h ledger.Hold, server string) string {
	verb := "Frozen: "
	if h.Kind == ledger.LockHold {
		verb = "Locked: "
	}
	until := "until it is lifted"
	if !h.Until.IsZero() {
		until = "until " + utc(h.Until)
	}
	return verb + holdSubject(h, server) + w.accountText(h.Account) + ", by " + inert.Text(h.Owner, maxName) + ", " + until + "."
}
