package gate

import (
	"time"

	"vpsops/policy"
	"vpsops/vpsapi"
)

// Facts are what a fresh read of the API said of a server. They are what a
// person is shown and what must still hold when the call is sent.
type Facts struct {
	ID        vpsapi.ID     `json:"id"`
	Name      string        `json:"name"`
	Hostname  string        `json:"hostname,omitempty"`
	Address   string        `json:"address,omitempty"`
	Location  string        `json:"location"`
	PlanID    vpsapi.ID     `json:"plan_id"`
	Plan      string        `json:"plan"`
	OSID      vpsapi.ID     `json:"os_id"`
	OS        string        `json:"os"`
	Status    vpsapi.Status `json:"status"`
	Backups   *bool         `json:"backups,omitempty"`
	CreatedAt time.Time     `json:"created_at"`
}

func factsOf(s vpsapi.Server) Facts {
	return Facts{
		ID: s.ID, Name: s.Name, Hostname: s.Hostname, Address: s.IPAddress, Location: s.Location,
		PlanID: s.Plan.ID, Plan: s.Plan.Name, OSID: s.OS.ID, OS: s.OS.Name,
		Status: s.Status, Backups: s.BackupsEnabled, CreatedAt: s.CreatedAt.UTC(),
	}
}

// sameServer tells whether two reads are of one incarnation: an id alone could
// have been given out again.
func (f Facts) sameServer(o Facts) bool {
	return f.ID.Equal(o.ID) && f.CreatedAt.Equal(o.CreatedAt) && f.Address == o.Address
}

// same tells whether nothing that was shown has changed.
func (f Facts) same(o Facts) bool {
	return f.sameServer(o) && f.Name == o.Name && f.Hostname == o.Hostname && f.Location == o.Location &&
		f.PlanID.Equal(o.PlanID) && f.Plan == o.Plan && f.OSID.Equal(o.OSID) && f.Status == o.Status && sameBool(f.Backups, o.Backups)
}

func sameBool(a, b *bool) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func (f Facts) forPolicy(account string) *policy.Server {
	return &policy.Server{
		ID: f.ID.String(), Name: f.Name, Location: f.Location,
		PlanID: f.PlanID.String(), Plan: f.Plan, OSID: f.OSID.String(), OS: f.OS, Account: account,
	}
}

// Shown is everything a person sees before they vote, but for what only the
// operation holds (a create's key) and the asker's reason. The digest of all three
// is what a vote is for.
type Shown struct {
	Server       *Facts   `json:"server,omitempty"` // as it is now; nil for a create
	After        *Facts   `json:"after,omitempty"`  // as it would be; for a create and an update
	Changes      []Change `json:"changes,omitempty"`
	MonthlyPrice string   `json:"monthly_price,omitempty"` // of a create; "" where it cannot be read
	FormerNames  []string `json:"former_names,omitempty"`  // that the server bore lately, as far as is known
	Warnings     []string `json:"warnings,omitempty"`      // see [View.Warnings] for all there are

	// SameName are the servers that bear the name of a create already. What
	// became of a create whose answer was lost is told from them.
	SameName []vpsapi.ID `json:"same_name,omitempty"`
}

// Change is one field that an update would change.
type Change struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// Name is the name a person types to show that they mean this server.
func (s Shown) Name() string {
	switch {
	case s.Server != nil:
		return s.Server.Name
	case s.After != nil:
		return s.After.Name
	}
	return ""
}

// PolicyServer is a server of an account as the policy looks at it.
func PolicyServer(s vpsapi.Server, account string) policy.Server {
	return *factsOf(s).forPolicy(account)
}
