package mcphttp

import "strings"

// challenge is a WWW-Authenticate header (RFC 6750, 3; RFC 9728, 5.1). Its
// texts are fixed words and addresses: none needs a quote.
type challenge struct {
	Metadata    string // the metadata's address; "" without OAuth
	Error       string // "" where no credential was sent
	Description string
	Scope       string // what a token would need
}

func (c challenge) String() string {
	realm := "vpsops"
	if c.Metadata != "" {
		realm = ""
	}
	var params []string
	for _, p := range []struct{ name, value string }{
		{"realm", realm}, {"resource_metadata", c.Metadata}, {"error", c.Error}, {"error_description", c.Description}, {"scope", c.Scope},
	} {
		if p.value != "" {
			params = append(params, p.name+`="`+p.value+`"`)
		}
	}
	return "Bearer " + strings.Join(params, ", ")
}
