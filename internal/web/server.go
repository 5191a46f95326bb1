package web

import (
	"context"
	"errors"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

// lookTime bounds how long a page waits for the API: what was shown when it
// was asked is better than no page.
const (
	lookTime = 5 * time.Second
	listTime = 20 * time.Second // a long list is many calls
)

// fact is one line about a server.
type fact struct {
	Label string
	Value string
	Odd   bool   // the value may not be what it looks like
	Was   string // what it was when this was asked, where that is another
}

// serverCard is what a page tells of the server a request is about.
type serverCard struct {
	Heading string
	Notice  string // what stands in the way of seeing it as it is now
	Changed bool   // it is not as it was when this was asked
	Facts   []fact
	Former  []fact // names that it bore lately
	Changes []change
}

type change struct {
	Field, From, To string
	Odd             bool
}

// serverOf describes the server of a request: as it is now while that matters
// to a decision, else as it was.
func (p *page) serverOf(ctx context.Context, v gate.View) serverCard {
	now := p.Now()
	c := serverCard{Heading: "The server, as it was when this was asked"}
	switch {
	case v.Action == policy.Create && v.Shown.After != nil:
		made := *v.Shown.After
		made.ID, _ = v.Created()
		c.Heading, c.Facts = "The new server", append(factLines(made, now), keyLine(v)...)
		return c
	case v.Shown.Server == nil:
		c.Notice = "Nothing is known of the server."
		return c
	}
	shown := *v.Shown.Server
	c.Facts = factLines(shown, now)
	for _, name := range v.Shown.FormerNames {
		c.Former = append(c.Former, fact{Value: inertName(name), Odd: inert.Suspicious(name)})
	}
	for _, ch := range v.Shown.Changes {
		c.Changes = append(c.Changes, change{fieldWords(ch.Field), inertValue(ch.From), inertValue(ch.To), inert.Suspicious(ch.To)})
	}
	if v.State.Open() {
		p.addNow(ctx, v, shown, &c)
	}
	return c
}

// addNow reads the server and sets what it is beside what was asked about.
func (p *page) addNow(ctx context.Context, v gate.View, shown gate.Facts, c *serverCard) {
	current, err := p.look(ctx, v.Account, shown.ID)
	switch {
	case errors.Is(err, vpsapi.ErrNotFound):
		c.Changed, c.Notice = true, "This server is gone. An approval would do nothing."
		return
	case err != nil:
		p.Logger.Info("a server could not be read for the page", "request", v.ID, "error", err)
		c.Notice = "The server cannot be read right now. Below is how it was when this was asked; it is read once more before anything is sent."
		return
	}
	c.Heading = "The server, as it is now"
	seen := factsOf(current)
	c.Facts = factLines(seen, p.Now())
	before := factLines(shown, p.Now())
	for i := range c.Facts {
		if rawFacts(seen)[i] != rawFacts(shown)[i] {
			c.Facts[i].Was, c.Changed = before[i].Value, true
		}
	}
	switch {
	case !seen.CreatedAt.Equal(shown.CreatedAt) || seen.Address != shown.Address:
		c.Notice = "This is not the server that was asked about: another one now has its id or address. An approval would do nothing."
	case c.Changed:
		c.Notice = "The server has changed since this was asked. Unless it is again as it was, nothing will be sent."
	}
}

func (p *page) look(ctx context.Context, account string, id vpsapi.ID) (vpsapi.Server, error) {
	source, err := p.Ballot.Source(account)
	if err != nil {
		return vpsapi.Server{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return source.Reader.GetServer(ctx, id)
}

func factsOf(s vpsapi.Server) gate.Facts {
	return gate.Facts{
		ID: s.ID, Name: s.Name, Hostname: s.Hostname, Address: s.IPAddress, Location: s.Location,
		PlanID: s.Plan.ID, Plan: s.Plan.Name, OSID: s.OS.ID, OS: s.OS.Name,
		Status: s.Status, Backups: s.BackupsEnabled, CreatedAt: s.CreatedAt.UTC(),
	}
}

var factLabels = [...]string{"Name", "State", "ID", "Hostname", "Address", "Location", "Plan", "System", "Backups", "Created"}

// rawFacts are the values behind the lines, in the order of factLabels: they
// are compared, and never shown.
func rawFacts(f gate.Facts) [len(factLabels)]string {
	made := ""
	if !f.CreatedAt.IsZero() {
		made = f.CreatedAt.UTC().Format(time.RFC3339Nano)
	}
	return [...]string{
		f.Name, string(f.Status), f.ID.String(), f.Hostname, f.Address, f.Location,
		withID(f.Plan, f.PlanID), withID(f.OS, f.OSID), yesNo(f.Backups), made,
	}
}

// factLines are a server's facts, safe to show. Lines that say nothing are
// kept, so that two lists of them stand beside each other.
func factLines(f gate.Facts, now time.Time) []fact {
	raw := rawFacts(f)
	lines := make([]fact, len(raw))
	for i, value := range raw {
		lines[i] = fact{Label: factLabels[i], Value: inertValue(value), Odd: inert.Suspicious(value)}
	}
	if made := momentOf(f.CreatedAt, now); made.Exact != "" {
		lines[len(lines)-1].Value = made.Far + " (" + made.Exact + ")"
	}
	return lines
}

// keyLine is the key that will open a new server.
func keyLine(v gate.View) []fact {
	if key, asked := v.SSHKey(); asked {
		return []fact{{Label: "SSH key", Value: withID("", key)}}
	}
	return nil
}

func withID(name string, id vpsapi.ID) string {
	switch {
	case id.IsZero():
		return name
	case name == "":
		return "id " + id.String()
	}
	return name + " (id " + id.String() + ")"
}

func yesNo(b *bool) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return "on"
	}
	return "off"
}

func fieldWords(field string) string {
	if field == "backups_enabled" {
		return "backups"
	}
	return inertName(field)
}
