package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Document is a policy as it is written, before [New] has checked it. Its
// fields are the vocabulary of the policy file.
type Document struct {
	Version    int                      `json:"version"`
	Timezone   string                   `json:"timezone,omitempty"` // of windows and dates, such as Europe/Berlin; UTC if empty
	People     map[string]Person        `json:"people,omitempty"`
	Groups     map[string]Group         `json:"groups,omitempty"`
	ServerSets map[string][]ServerMatch `json:"server_sets,omitempty"`
	Unmatched  string                   `json:"unmatched,omitempty"` // the set that a server in no set counts as
	Grants     []Grant                  `json:"grants,omitempty"`
	Guards     []Guard                  `json:"guards,omitempty"`
	Budgets    []Budget                 `json:"budgets,omitempty"`
	Limits     Limits                   `json:"limits"`
	Tests      []Test                   `json:"tests,omitempty"`
}

// Person is somebody who may be known to vpsops under several identities.
type Person struct {
	Slack  []string `json:"slack,omitempty"`  // "TEAM/USER"
	OIDC   []string `json:"oidc,omitempty"`   // "ISSUER|SUBJECT"
	Local  []string `json:"local,omitempty"`  // names of OS users
	Tokens []Token  `json:"tokens,omitempty"` // bearer tokens by their hashes
}

// Group is a set of persons, named directly or through other groups.
type Group struct {
	People          []string `json:"people,omitempty"`
	Groups          []string `json:"groups,omitempty"`
	SlackUsergroups []string `json:"slack_usergroups,omitempty"` // "TEAM/GROUP"; those of its members count who are listed persons
}

// ServerMatch is one alternative of a server set: every key that is given must
// match, and the values within a key are alternatives.
type ServerMatch struct {
	IDs      []string `json:"ids,omitempty"`
	Name     []string `json:"name,omitempty"` // globs of * and ? over the whole name
	Location []string `json:"location,omitempty"`
	Plan     []string `json:"plan,omitempty"` // a plan's id or name
	OS       []string `json:"os,omitempty"`   // a system's id or name
	Account  []string `json:"account,omitempty"`
}

// Grant says who may ask for what. What no grant covers is denied.
type Grant struct {
	ID       string   `json:"id"`
	Who      []string `json:"who"` // persons, groups, or "everyone" (every person listed)
	Actions  []Action `json:"actions"`
	Servers  []string `json:"servers,omitempty"` // server sets; none means every server
	Through  []Front  `json:"through,omitempty"`
	Channels []string `json:"channels,omitempty"` // ids of Slack channels

	// UnsafeAllow lets what it grants run without anybody's yes, where no guard
	// asks for one; never a delete, which no such grant may name, nor a rename.
	// See [Policy.Unsafe].
	UnsafeAllow bool `json:"unsafe_allow,omitempty"`
}

// Guard says what must also hold for what it matches: a requirement, or a
// denial.
type Guard struct {
	ID             string   `json:"id"`
	Why            string   `json:"why,omitempty"`
	Actions        []Action `json:"actions"`
	Servers        []string `json:"servers,omitempty"`
	Who            []string `json:"who,omitempty"`
	Through        []Front  `json:"through,omitempty"`
	Channels       []string `json:"channels,omitempty"`
	UnlessChannels []string `json:"unless_channels,omitempty"`
	During         []Window `json:"during,omitempty"` // none means always
	Require        *Require `json:"require,omitempty"`
	Deny           string   `json:"deny,omitempty"`        // the text shown to who is denied
	BreakGlass     *Require `json:"break_glass,omitempty"` // what lifts the denial, for a person who asks for it
	AskIn          string   `json:"ask_in,omitempty"`      // the Slack channel where its card goes
}

// Require is what a guard asks of humans: a confirmation by the asker, or the
// approval of some of a group. The zero Factor means [PersonFactor].
type Require struct {
	ConfirmAsker bool   `json:"confirm_asker,omitempty"`
	Approve      int    `json:"approve,omitempty"`
	From         string `json:"from,omitempty"` // a group, with Approve
	Factor       Factor `json:"factor,omitempty"`
	TypeName     bool   `json:"type_name,omitempty"`
	Reason       bool   `json:"reason,omitempty"`
}

// Limits bound how long and how often a person can be asked. A zero field
// takes its value from [DefaultLimits].
type Limits struct {
	RequestTTL            time.Duration `json:"request_ttl"`              // a pending request lives this long
	RunWithin             time.Duration `json:"run_within"`               // an approved one must be claimed in this time
	OpenRequestsPerPerson int           `json:"open_requests_per_person"` // for each front end
	DenyCooldown          time.Duration `json:"deny_cooldown"`            // after a person's denial of the same ask
}

// DefaultLimits is what a policy that says nothing about limits has.
var DefaultLimits = Limits{
	RequestTTL:            15 * time.Minute,
	RunWithin:             5 * time.Minute,
	OpenRequestsPerPerson: 5,
	DenyCooldown:          30 * time.Minute,
}

func (l Limits) withDefaults() Limits {
	if l.RequestTTL == 0 {
		l.RequestTTL = DefaultLimits.RequestTTL
	}
	if l.RunWithin == 0 {
		l.RunWithin = DefaultLimits.RunWithin
	}
	if l.OpenRequestsPerPerson == 0 {
		l.OpenRequestsPerPerson = DefaultLimits.OpenRequestsPerPerson
	}
	if l.DenyCooldown == 0 {
		l.DenyCooldown = DefaultLimits.DenyCooldown
	}
	return l
}

// hash identifies what the document says: equal documents, equal hash.
func (d Document) hash() string {
	text, err := json.Marshal(d)
	if err != nil { // no field of Document can fail to marshal
		panic(err)
	}
	sum := sha256.Sum256(append([]byte("vpsops policy 1\n"), text...))
	return hex.EncodeToString(sum[:])
}
