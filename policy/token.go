package policy

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Scope is what a bearer token may be used for. The set is closed.
type Scope string

// The scopes, as the policy file spells them.
const (
	ReadScope  Scope = "read"
	WriteScope Scope = "write"
)

var scopes = []Scope{ReadScope, WriteScope}

// Token is a bearer token of a person, known by its hash. A token without
// scopes may read.
type Token struct {
	ID      string  `json:"id"`
	SHA256  string  `json:"sha256"` // of the whole token, in lower-case hex
	Scopes  []Scope `json:"scopes,omitempty"`
	Expires string  `json:"expires,omitempty"` // a date or a time, from which on it opens nothing; never, if empty
}

// tokenRule is a token whose expiry is understood.
type tokenRule struct {
	id      Identity
	scopes  []Scope
	expires time.Time // zero means never
}

func newTokenRule(t Token, zone *time.Location) (tokenRule, error) {
	r := tokenRule{id: Identity{BearerToken, t.ID}, scopes: t.Scopes}
	if len(r.scopes) == 0 {
		r.scopes = []Scope{ReadScope}
	}
	if t.Expires == "" {
		return r, nil
	}
	var err error
	r.expires, err = parseMoment(t.Expires, zone)
	return r, err
}

// parseMoment reads a date (its first moment) or a time of the zone.
func parseMoment(text string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf(`%s is no time: write it such as 2027-06-30 or "2027-06-30 18:00"`, shown(text))
}

// opens tells whether the token is good at a time. A time that isn't known is
// past every expiry.
func (t *tokenRule) opens(at time.Time) bool {
	return t.expires.IsZero() || !at.IsZero() && at.Before(t.expires)
}

// Bearer is what a token is good for.
type Bearer struct {
	Identity Identity
	Scopes   []Scope
	Expires  time.Time // from which on it opens nothing; zero means never
}

// Token finds the token whose SHA-256, in lower-case hex, is given. It is not
// ok where the policy has no such token or it is past its expiry: the caller is
// then to be treated like one without a token. What the scopes leave out,
// [Policy.Decide] denies too.
func (p *Policy) Token(sha256hex string, at time.Time) (b Bearer, ok bool) {
	t, listed := p.tokens[sha256hex]
	if !listed || !t.opens(at) {
		return Bearer{}, false
	}
	return Bearer{Identity: t.id, Scopes: slices.Clone(t.scopes), Expires: t.expires}, true
}

// Expiring is a token that the policy lists and that has an end.
type Expiring struct {
	Person, ID string
	Expires    time.Time
}

// Expiring are the tokens that open nothing any more at a time, or soon after, the first
// to end first; all tells whether no other is listed.
func (p *Policy) Expiring(at time.Time, soon time.Duration) (ending []Expiring, all bool) {
	for _, t := range p.tokens {
		if !t.opens(at.Add(soon)) {
			ending = append(ending, Expiring{p.PersonOf(t.id), t.id.ID, t.expires})
		}
	}
	slices.SortFunc(ending, func(a, b Expiring) int {
		return cmp.Or(a.Expires.Compare(b.Expires), cmp.Compare(a.Person, b.Person), cmp.Compare(a.ID, b.ID))
	})
	return ending, len(p.tokens) > 0 && len(ending) == len(p.tokens)
}

// tokenRefuses tells why an asker's own token doesn't carry an ask, or "".
func (p *Policy) tokenRefuses(a *Ask) (floor, why string) {
	if a.Actor.Identity.Kind != BearerToken {
		return "", ""
	}
	t, listed := p.tokensByID[a.Actor.Identity.ID]
	switch {
	case !listed:
		return "", ""
	case !t.opens(a.At):
		return FloorToken, tokenExpired
	case !a.Action.Reads() && !slices.Contains(t.scopes, WriteScope):
		return FloorScope, scopeMissing
	}
	return "", ""
}
