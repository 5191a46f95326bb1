package main

import (
	"fmt"
	"io"
	"net"
	"strings"
)

// startScreen is what whoever starts serve reads. The sign-in link stands here
// and nowhere in the log.
func (c *core) startScreen(w io.Writer, front, admin net.Listener) {
	mcp := fmt.Sprintf("http://%s/mcp", front.Addr())
	origin := c.pageOrigin(front)
	fmt.Fprintf(w, "vpsops %s\n\n", version)
	fmt.Fprintf(w, "mcp:      %s\n", mcp)
	fmt.Fprintf(w, "page:     %s/requests\n", origin)
	fmt.Fprintf(w, "sign in:  %s\n", c.signInLink(origin, "/requests"))
	fmt.Fprintf(w, "api:      %s%s\n", c.api, map[bool]string{true: " (simulated)"}[c.sandbox])
	fmt.Fprintf(w, "health:   http://%s/healthz and /readyz\n\n", admin.Addr())
	fmt.Fprintf(w, "%s\n", c.postureWords())
	fmt.Fprintf(w, "\nConnect an assistant:\n")
	fmt.Fprintf(w, "  Claude Code     claude mcp add --transport http vpsops %s\n", mcp)
	fmt.Fprintf(w, "  Claude Desktop  claude_desktop_config.json:\n                  {\"mcpServers\": {\"vpsops\": {\"command\": \"npx\", \"args\": [\"-y\", \"mcp-remote\", %q]}}}\n", mcp)
	fmt.Fprintf(w, "  VS Code         code --add-mcp '{\"name\":\"vpsops\",\"type\":\"http\",\"url\":%q}'\n", mcp)
	fmt.Fprintf(w, "  Cursor          .cursor/mcp.json: {\"mcpServers\": {\"vpsops\": {\"url\": %q}}}\n\n", mcp)
}

// postureWords says in a few sentences who may do what.
func (c *core) postureWords() string {
	who, pol := c.identity.ID, c.policy.current.Load()
	var words []string
	say := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	switch {
	case c.cfg.ReadOnly:
		say("Read-only (VPSOPS_READ_ONLY): nothing is changed, whoever asks.")
	case c.policy.file != "":
		say("The policy %s is in force, for %s.", c.policy.file, counted(len(pol.People()), "person", "persons"))
	case c.cfg.OAuth != nil && !c.sandbox:
		say("Without a policy (VPSOPS_POLICY) nobody is listed, so no caller is let in.")
	case c.sandbox:
		say("Callers on this machine are %s. Reading and start are free; create, update, stop and reboot\nwant a yes in the assistant's dialog or on the page; a rename and a delete want %s on the page.", who, who)
	default:
		say("Callers on this machine are %s and may read. Without a policy (VPSOPS_POLICY), serve changes\nnothing; \"vpsops mcp\" serves one person with the built-in rules.", who)
	}
	switch {
	case c.cfg.OAuth != nil && pol.HasTokens():
		say("Callers need an access token of %s, or one of the policy's bearer tokens.", c.cfg.OAuth.Issuer)
	case c.cfg.OAuth != nil:
		say("Callers need an access token of %s.", c.cfg.OAuth.Issuer)
	case pol.HasTokens():
		say("Callers need one of the policy's bearer tokens.")
	case c.policy.file != "":
		say("Callers on this machine are %s.", who)
	}
	if c.slack != nil {
		say("Slack is on (%s): people ask by /vps, and vote on cards.", c.slack.ways())
	}
	if c.cfg.OIDC != nil {
		say("People sign in on the page by %s.", c.cfg.OIDC.Issuer)
	}
	if pol.PersonOf(c.identity) == "" {
		say("The policy does not list %s, for whom the sign-in link is: set VPSOPS_PERSON to one of its people.", who)
	}
	for _, id := range pol.Unsafe() {
		say("UNSAFE: the grant %s has unsafe_allow: it lets changes run without anybody's yes.", id)
	}
	if len(c.gate.Accounts) == 0 {
		say("No API token is set: tools answer with how to set VPS_API_TOKEN.")
	}
	return strings.Join(words, "\n")
}
