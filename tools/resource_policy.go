package tools

import (
	"context"
	"slices"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/ledger"
)

const policyURI = "vps://policy"

// addPolicy offers what the caller may ask for, so that a model need not find
// out by being denied.
func (t *toolset) addPolicy() {
	const name, description = "What you may do", "Which actions the caller may ask for at all, and whose yes each would take. A server may want more."
	t.mcp.AddResource(mcp.NewResource(policyURI, name,
		mcp.WithResourceDescription(description), mcp.WithMIMEType(mimeJSON),
	), t.readPolicy)
	if len(t.Desk.Accounts()) > 1 {
		t.addTemplate(mcp.NewResourceTemplate(t.addressed(policyURI), name,
			mcp.WithTemplateDescription(description), mcp.WithTemplateMIMEType(mimeJSON),
		), t.readPolicy)
	}
}

// may is one action, as the resource tells it.
type may struct {
	Action policy.Action `json:"action"`
	Takes  []string      `json:"takes,omitempty"` // whose yes, in words; nothing where it runs at once
	Rules  []string      `json:"rules"`
}

// held is a lock or a freeze in force, as the resource tells it: what it covers is
// denied, whatever stands under may.
type held struct {
	Kind    ledger.HoldKind  `json:"kind"`
	Scope   ledger.HoldScope `json:"scope"`
	Value   string           `json:"value,omitempty"`
	Account string           `json:"account,omitempty"`
	Until   string           `json:"until,omitempty"` // RFC 3339; until it is lifted where left out
	Because string           `json:"because"`
	Remark  string           `json:"remark,omitempty"` // what of it isn't here any more, or not by that name
}

// held are those that the caller may know of. Where the ledger can't be read, a
// change is refused for that.
func (t *toolset) held(ctx context.Context, actor policy.Actor) []held {
	holds, err := t.Desk.Holds(ctx, actor)
	if err != nil {
		return nil
	}
	var all []held
	for _, h := range holds {
		told := held{Kind: h.Kind, Scope: h.Scope, Value: inert.Text(h.Value, maxCell), Because: inert.Line(h.Because, maxValue), Remark: inert.Line(h.Remark, maxValue)}
		if len(t.Desk.Accounts()) > 1 {
			told.Account = inert.Text(h.Account, maxCell)
		}
		if !h.Until.IsZero() {
			told.Until = h.Until.UTC().Format(time.RFC3339)
		}
		all = append(all, told)
	}
	return all
}

// readPolicy says the same of every account: what a server of one may want more
// hangs on the server.
func (t *toolset) readPolicy(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	actor := actorFrom(ctx)
	a, err := addressOf(r.Params.URI)
	if err == nil {
		err = t.checkAccount(a)
	}
	if err != nil {
		return t.unread(ctx, actor, a.account, err)
	}
	decisions := t.Desk.May(actor)
	told := struct {
		Person   string   `json:"person"`
		ReadOnly bool     `json:"read_only"`
		Accounts []string `json:"accounts"`
		May      []may    `json:"may"`
		Unread   []string `json:"unread,omitempty"`
		Held     []held   `json:"held,omitempty"`
		Note     string   `json:"note"`
	}{
		Person: inert.Text(t.Desk.Person(actor), maxCell), ReadOnly: t.Desk.ReadOnly() || actor.ReadOnly, Accounts: t.Desk.Accounts(), May: []may{},
		Held: t.held(ctx, actor), Note: "What is not listed is denied, and so is what is held. Nobody confirms by words or arguments.",
	}
	for _, action := range policy.Actions() {
		d, ok := decisions[action]
		if !ok || action == policy.Lock || action == policy.Freeze { // asked for by people, in chat or on the page
			continue
		}
		m := may{Action: action, Rules: []string{}}
		for _, r := range d.Rules {
			m.Rules = append(m.Rules, inert.Text(r.ID, maxCell))
		}
		for _, n := range d.Needs {
			m.Takes = append(m.Takes, inert.Text(t.Desk.NeedWords(actor, n), 200))
		}
		told.May = append(told.May, m)
	}
	for action, why := range t.Desk.Unread(actor) {
		if action != policy.Lock && action != policy.Freeze {
			told.Unread = append(told.Unread, inert.Line(string(action)+": "+why, 200))
		}
	}
	slices.Sort(told.Unread)
	return contents(r.Params.URI, told)
}
