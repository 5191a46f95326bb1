package card

import (
	"strings"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/command/runner"
)

// later is the face of a request that waits for nobody's yes: what became of it, by
// whom, and what may be pressed still.
func (w *Writer) later(v gate.View) Message {
	blocks := []slack.Block{header(headline(v)), said(w.story(v))}
	blocks = append(blocks, section(w.record(v)...), smallPrint(v))
	blocks = append(blocks, reason(v)...)
	blocks = append(blocks, buttons(w.afterwards(v)...)...)
	return message(blocks, statement(v), w.storyText(v), askerText(v), reasonText(v))
}

// storyText is of the story what the statement before it, in the fallback, doesn't say.
func (w *Writer) storyText(v gate.View) string {
	switch {
	case v.HeldBack():
		return triedAgain
	case v.Elsewhere, v.State == ledger.Unknown, v.State == ledger.Failed:
		return ""
	case notDone(v.State) != "" && saysNothingSent(v.Request.Message):
		return ""
	case notDone(v.State) != "":
		return nothingSent
	}
	return w.story(v)
}

func saysNothingSent(said string) bool {
	return strings.Contains(strings.ToLower(said), strings.ToLower(strings.TrimSuffix(nothingSent, ".")))
}

const (
	triedAgain  = "It is tried again by itself; a no ends it."
	nothingSent = "Nothing was sent."
)

// story says in sentences how it stands, for who has read the headline.
func (w *Writer) story(v gate.View) string {
	said := inert.Sentence(v.Request.Message, maxProse)
	switch v.State {
	case ledger.Approved:
		if v.HeldBack() {
			return said + " " + triedAgain
		}
		if v.Elsewhere {
			return "It has the votes it needs, and " + v.ElsewhereWords() + "."
		}
		return "It has the votes it needs and is about to be carried out."
	case ledger.Executing:
		if v.SendingAt.IsZero() {
			return "It has the votes it needs and is being carried out."
		}
		return "The call was sent " + w.since(v) + " ago; the API has not answered yet."
	case ledger.Succeeded:
		return w.success(v)
	case ledger.Failed:
		return said
	case ledger.Unknown:
		return notKnown(v.Action)
	}
	if v.State == ledger.Denied && refusedByPerson(v) {
		said = ""
	}
	if saysNothingSent(said) {
		return said
	}
	return strings.TrimSpace(said + " " + nothingSent)
}

func (w *Writer) since(v gate.View) string { return elapsed(w.Now().Sub(v.SendingAt)) }

func (w *Writer) success(v gate.View) string {
	said, over := inert.Sentence(v.Request.Message, maxProse), v.SettledAt
	if over.IsZero() {
		over = v.EndedAt
	}
	switch {
	case v.Gone():
		return "The API took it. " + v.Whereabouts() + ". /vps list shows what is there, and /vps " + runner.TrailOf(v) + " whether it was deleted through vpsops."
	case v.Astray():
		return "The API took it " + w.since(v) + " ago. " + v.Whereabouts() + "; this card follows it all the same."
	case v.Outcome == gate.OutcomeAccepted && v.SendingAt.IsZero():
		return "The API took it. The server is " + lastSeen(v) + "; this card follows it."
	case v.Outcome == gate.OutcomeAccepted:
		return "The API took it " + w.since(v) + " ago. The server is " + lastSeen(v) + "; this card follows it."
	case v.SendingAt.IsZero() || over.IsZero():
		return strings.TrimSpace("It is done. " + said)
	}
	after := took(over.Sub(v.SendingAt)) + " after the call. "
	switch {
	case v.Action == policy.Delete:
		return strings.TrimSpace("The server is gone, " + after + said)
	case v.ServerStatus == "":
		return strings.TrimSpace("It is done, " + after + said)
	}
	return strings.TrimSpace("The server is " + lastSeen(v) + ", " + after + said)
}

func notKnown(a policy.Action) string {
	const lost = "Whether it happened is not known: the call was sent once, and what came back does not tell. "
	if a == policy.Reboot {
		return lost + "A reboot leaves no trace to tell it by: look at the server before anybody asks again."
	}
	return lost + "The server is being looked at to find out, and nothing is sent again. Do not ask again: this card tells the end."
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
		all = append(all, "*Server*  "+name(s.Name)+", id "+word(v.ServerID)+", "+place(s.Address, s.Location)+w.account(v))
	} else if v.ServerID != "" {
		all = append(all, "*Server*  "+name(called(v))+", id "+word(v.ServerID)+w.account(v))
	} else if account := w.account(v); account != "" {
		all = append(all, "*Server*  "+name(called(v))+account)
	}
	all = append(all, changes(v.Shown)...)
	if v.Action == policy.Create && v.Shown.MonthlyPrice != "" {
		all = append(all, "*Price*  "+word(v.Shown.MonthlyPrice)+" a month")
	}
	if f := v.Shown.After; v.Action == policy.Create && f != nil {
		all = append(all, "*Plan*  "+named(f.Plan, f.PlanID), "*System*  "+named(f.OS, f.OSID), "*Where*  "+word(f.Location))
		all = append(all, extras(v, f)...)
	}
	all = append(all, w.asker(v))
	if by := refusers(v); v.State == ledger.Denied && by != "" && !refusedByPerson(v) {
		all = append(all, "*Denied by the rule*  "+by)
	}
	all = append(all, w.votes(v)...)
	if v.HeldBack() {
		all = append(all, "*Expires*  "+date(v.ExpiresAt))
	}
	return all
}

// afterwards is what may be pressed once no yes is wanted: a no to what is held back,
// a look at the server where its state is in question.
func (w *Writer) afterwards(v gate.View) []slack.BlockElement {
	switch {
	case v.HeldBack():
		return w.refusals(v)
	case v.State == ledger.Unknown && v.ServerID != "":
		return []slack.BlockElement{w.button(ActShow, "Show "+title(called(v)), serverPress(v))}
	}
	return nil
}

func serverPress(v gate.View) Press { return Press{Server: v.ServerID, Account: v.Account} }
