package policy

// IdentityKind says which authority vouches for an [Identity].
type IdentityKind string

// The kinds of identity. Each one's ID is immutable at its authority: a Slack
// team and user ("T024BE7LD/U061F7AUR"), an OIDC issuer and subject
// ("https://id.example.com|00u1abc"), a token's own id, an OS user's name.
const (
	SlackUser   IdentityKind = "slack"
	OIDCSubject IdentityKind = "oidc"
	BearerToken IdentityKind = "token"
	LocalUser   IdentityKind = "local"
)

// Identity is one account of a person at one authority. It is comparable.
// Display names and e-mail addresses are never identities.
type Identity struct {
	Kind IdentityKind `json:"kind"`
	ID   string       `json:"id"`
}

func (i Identity) String() string { return string(i.Kind) + ":" + i.ID }

// Actor is who asks, as a front end has authenticated it. The person behind it
// is looked up in the policy, never taken from the front end.
type Actor struct {
	Identity Identity
	Front    Front
	Channel  string // the Slack channel's id; empty elsewhere
	Client   string // what the MCP client calls itself: a claim, shown as one
	ReadOnly bool   // the credential carries no scope to change anything
}
