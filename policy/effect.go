package policy

import "fmt"

// Effect is how an ask ends, in order of strictness.
type Effect int

// The effects; a larger one is stricter.
const (
	Allow   Effect = iota // it runs at once
	Confirm               // the asker must say yes
	Approve               // others must say yes
	Deny                  // it does not run
)

var effectNames = [...]string{"allow", "confirm", "approve", "deny"}

func (e Effect) String() string {
	if e < Allow || e > Deny {
		return "none"
	}
	return effectNames[e]
}

// MarshalText writes the effect as the policy file spells it.
func (e Effect) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads what MarshalText writes; anything else is an error.
func (e *Effect) UnmarshalText(text []byte) error {
	for i, name := range effectNames {
		if name == string(text) {
			*e = Effect(i)
			return nil
		}
	}
	return fmt.Errorf("policy: unknown effect %q: it is allow, confirm, approve or deny", text)
}

// Factor is how sure we are that a human, and not a program, gave a vote.
// A larger one is surer.
type Factor int

// The factors. Client is the MCP client's own dialog or the console's prompt:
// it trusts the client program. Person is a human signed in on Slack or on the
// page. Passkey is WebAuthn with user verification for exactly this effect.
const (
	Client Factor = iota + 1
	PersonFactor
	Passkey
)

var factorNames = map[Factor]string{Client: "client", PersonFactor: "person", Passkey: "passkey"}

func (f Factor) String() string {
	if s, ok := factorNames[f]; ok {
		return s
	}
	return "none"
}

// MarshalText writes the factor as the policy file spells it.
func (f Factor) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads what MarshalText writes; anything else is an error.
func (f *Factor) UnmarshalText(text []byte) error {
	for v, name := range factorNames {
		if name == string(text) {
			*f = v
			return nil
		}
	}
	return fmt.Errorf("policy: unknown factor %q: it is client, person or passkey", text)
}
