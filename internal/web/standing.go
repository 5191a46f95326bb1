package web

import (
	"fmt"
	"net/http"
	"strings"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
)

// standingPage is the policy as the visitor has it.
type standingPage struct {
	layout
	Identity string
	OwnOnly  bool
	ReadOnly bool
	Accounts []string
	May      []mayRow
	MayNot   []string
	Approve  []approvalRow
}

// mayRow is an action that the visitor may ask for.
type mayRow struct {
	Name  string
	How   string
	Needs []need
	Rules []rule
}

// approvalRow is a rule by which the visitor may approve what others ask.
type approvalRow struct {
	Rule    string
	Why     string
	Actions string
	Servers string
	How     string
	With    string // who else could
}

var actionNames = map[policy.Action]string{
	policy.List: "see the list of servers", policy.Get: "see one server", policy.Create: "create a server", policy.Update: "change or rename a server",
	policy.Delete: "delete a server", policy.Start: "start a server", policy.Stop: "stop a server", policy.Reboot: "restart a server",
	policy.Lock: "lock a server", policy.Freeze: "freeze several servers",
}

// showStanding shows what the visitor may ask for and what they may approve.
func (p *page) showStanding(w http.ResponseWriter, r *http.Request, v visitor) {
	page := standingPage{
		layout: p.layoutAt(herePolicy, "What you may do", v), Identity: inertName(v.Identity.String()), OwnOnly: v.OwnOnly,
		ReadOnly: p.Ballot.ReadOnly(), Accounts: p.shownAccounts(),
	}
	may, unread := p.Ballot.May(v.actor()), p.Ballot.Unread(v.actor())
	for _, action := range policy.Actions() {
		d, allowed := may[action]
		if !allowed {
			not := actionNames[action]
			if why := unread[action]; why != "" {
				not += ": " + why
			}
			page.MayNot = append(page.MayNot, not)
			continue
		}
		page.May = append(page.May, p.mayRow(v, action, d))
	}
	for _, a := range p.Ballot.Approvals(v.actor()) {
		page.Approve = append(page.Approve, approvalOf(a))
	}
	p.render(w, r, http.StatusOK, "policy", page)
}

func (p *page) mayRow(v visitor, action policy.Action, d policy.Decision) mayRow {
	row := mayRow{Name: actionNames[action], How: "at once", Rules: ruleRows(d.Rules), Needs: p.wouldNeed(v, d.Needs)}
	switch d.Effect {
	case policy.Confirm:
		row.How = "once you have confirmed it"
	case policy.Approve:
		row.How = "once others have approved it"
	}
	return row
}

func approvalOf(a gate.Approval) approvalRow {
	row := approvalRow{
		Rule: inertName(a.Rule), Why: inert.Line(a.Why, maxReason), Servers: "every server",
		How: fmt.Sprintf("%d of %s", a.Count, inertName(a.From)), With: inert.Text(strings.Join(a.Others, ", "), 300),
	}
	actions := make([]string, len(a.Actions))
	for i, action := range a.Actions {
		actions[i] = string(action)
	}
	row.Actions = strings.Join(actions, ", ")
	if len(a.Servers) > 0 {
		row.Servers = inert.Text(strings.Join(a.Servers, ", "), 300)
	}
	if how := howToVote(a.Need); how != "" {
		row.How += ", " + how
	}
	if a.BreakGlass {
		row.How += ", to lift a denial"
	}
	return row
}
