package config

import "slices"

func (p *parser) oauth(e *environment) *OAuth {
	const issuer, audience, others = "VPSOPS_OAUTH_ISSUER", "VPSOPS_OAUTH_AUDIENCE", "VPSOPS_OAUTH_"
	if e.OAuthIssuer == "" && e.OAuthAudience == "" {
		return nil
	}
	// A token of the right issuer for another service must not open this one.
	p.needs(issuer, e.OAuthIssuer, others)
	p.needs(audience, e.OAuthAudience, others)
	p.plainWord(audience, e.OAuthAudience)
	return &OAuth{Issuer: p.issuer(issuer, e.OAuthIssuer), Audience: e.OAuthAudience}
}

func (p *parser) oidc(e *environment) *OIDC {
	const (
		issuer, id, secret = "VPSOPS_OIDC_ISSUER", "VPSOPS_OIDC_CLIENT_ID", "VPSOPS_OIDC_CLIENT_SECRET"
		others             = "VPSOPS_OIDC_"
	)
	if e.OIDCIssuer == "" && e.OIDCClientID == "" && e.OIDCClientSecret == "" {
		return nil
	}
	p.needs(issuer, e.OIDCIssuer, others)
	p.needs(id, e.OIDCClientID, others)
	p.plainWord(id, e.OIDCClientID)
	return &OIDC{
		Issuer:       p.issuer(issuer, e.OIDCIssuer),
		ClientID:     e.OIDCClientID,
		ClientSecret: p.secret(secret, e.OIDCClientSecret),
	}
}

// needs finds a variable unset that the others of its group call for. One that
// couldn't be read is no second fault.
func (p *parser) needs(name, value, others string) {
	unreadable := slices.ContainsFunc(p.faults, func(f Fault) bool {
		return f.Variable == name || f.Variable == name+fileSuffix
	})
	if value == "" && !unreadable {
		p.fault(name, "isn't set, and the other %s variables need it", others)
	}
}
