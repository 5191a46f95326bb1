package card

import (
	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// later is the face of a request that waits for nobody's vote: what became of
// it, by whom, and nothing to vote with.
func (w *Writer) later(v gate.View) Message {
	blocks := []slack.Block{header(headline(v)), said(w.story(v))}
	blocks = append(blocks, section(w.record(v)...), small(join("\n", rules(v), requestID(v))))
	blocks = append(blocks, w.reason(v)...)
	blocks = append(blocks, buttons(w.afterwards(v)...)...)
	return message(blocks, w.story(v), askerText(v), reasonText(v))
}

// story says in sentences how it stands.
func (w *Writer) story(v gate.View) string {
	text := statement(v)
	switch {
	case v.State == ledger.Executing && !v.SendingAt.IsZero(),
		v.Outcome == gate.OutcomeAccepted && !v.SendingAt.IsZero():
		text += " Sent " + elapsed(w.Now().Sub(v.SendingAt)) + " ago."
	case v.State == ledger.Succeeded && !v.SendingAt.IsZero() && v.SettledAt.IsZero() && !v.EndedAt.IsZero():
		text += " It took " + took(v.EndedAt.Sub(v.SendingAt)) + "."
	case v.State == ledger.Denied && !refusedByPerson(v):
		text += " It was the policy that said no; nothing was sent."
	case v.Outcome == gate.OutcomeDenied:
		text += " Nothing was sent."
	}
	return text
}

func refusedByPerson(v gate.View) bool {
	for _, vote := range v.Votes {
		if !vote.Approve {
			return true
		}
	}
	return false
}

// record is what stays to be known of a request that is decided.
func (w *Writer) record(v gate.View) []md {
	var all []md
	if s := v.Shown.Server; s != nil {
		all = append(all, "*Server*  "+name(s.Name)+", id "+word(v.ServerID)+", "+place(s.Address, s.Location))
	} else if v.ServerID != "" {
		all = append(all, "*Server*  "+name(called(v))+", id "+word(v.ServerID))
	}
	if v.Action == policy.Create && v.Shown.MonthlyPrice != "" {
		all = append(all, "*Price*  "+word(v.Shown.MonthlyPrice)+" a month")
	}
	if len(w.Accounts) > 1 && v.Account != "" {
		all = append(all, "*Account*  "+name(v.Account))
	}
	all = append(all, w.asker(v))
	if by := refusers(v); v.State == ledger.Denied && by != "" {
		all = append(all, "*Denied by the rule*  "+by)
	}
	return append(all, w.votes(v)...)
}

// afterwards is what may be pressed once nothing is to be voted on: a look at
// the server where its state is in question.
func (w *Writer) afterwards(v gate.View) []slack.BlockElement {
	if v.State != ledger.Unknown || v.ServerID == "" {
		return nil
	}
	return []slack.BlockElement{w.button(ActShow, "Show "+title(called(v)), serverPress(v))}
}

func serverPress(v gate.View) Press { return Press{Server: v.ServerID, Account: v.Account} }

// overdue is the face of a server that should have arrived and has not.
func (w *Writer) overdue(v gate.View) Message {
	since := elapsed(w.Now().Sub(v.SendingAt))
	now := "The API took it " + since + " ago, and the server is still " + lastSeen(v) + ". It goes on being watched. Look at it; if it hangs, stop it and start it."
	head := "🚨 " + title(called(v)) + " " + missing(v.Action) + " after " + since
	blocks := []slack.Block{header(head), said(now)}
	blocks = append(blocks, section(w.record(v)...), small(join("\n", rules(v), requestID(v))))
	blocks = append(blocks, w.reason(v)...)
	if p := serverPress(v); p.Server != "" {
		blocks = append(blocks, buttons(
			w.button(ActShow, "Show", p),
			w.button(ActStop, "Stop", p),
			w.button(ActStart, "Start", p),
		)...)
	}
	return message(blocks, head+".", now, statement(v), askerText(v), reasonText(v))
}

func missing(a policy.Action) string {
	switch a {
	case policy.Reboot:
		return "has not come back"
	case policy.Stop:
		return "has not stopped"
	case policy.Create:
		return "is not ready"
	}
	return "has not started"
}

func lastSeen(v gate.View) string {
	if v.ServerStatus == "" {
		return "on its way"
	}
	return inert.Text(v.ServerStatus, maxName)
}
