package main

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
)

// startScreen is what whoever starts serve reads: one screen, with lines that
// begin "mcp:", "page:" and so on for programs. The sign-in link stands here and
// nowhere in the log.
func (c *core) startScreen(w io.Writer, front, admin net.Listener) {
	var b strings.Builder
	origin, mcp := c.pageOrigin(front), c.mcpOrigin(front)+"/mcp"
	fmt.Fprintf(&b, "vpsops %s\n", version)
	if own := "http://" + front.Addr().String(); own != c.mcpOrigin(front) {
		fmt.Fprintf(&b, "listens:  %s\n", own)
	}
	fmt.Fprintf(&b, "mcp:      %s\n", mcp)
	fmt.Fprintf(&b, "page:     %s/requests\n", origin)
	fmt.Fprintf(&b, "sign in:  %s\n", c.signInLink(origin, "/requests"))
	fmt.Fprintf(&b, "api:      %s%s\n", c.api, map[bool]string{true: " (simulated)"}[c.sandbox])
	fmt.Fprintf(&b, "health:   http://%s/healthz and /readyz\n", addressOf(admin))
	if missing := c.missing(); len(missing) > 0 {
		fmt.Fprintf(&b, "missing:  %s\n", strings.Join(missing, ", "))
	}
	fmt.Fprintf(&b, "\n%s\n\n", c.postureWords())
	fmt.Fprintf(&b, "%s\n", c.clientWords(mcp))
	fmt.Fprint(w, b.String()) // at once: nobody who waits for a line reads half a screen
}

// mcpOrigin is where clients reach /mcp.
func (c *core) mcpOrigin(l net.Listener) string {
	if u := c.cfg.PublicURL; u != nil {
		return originOf(u)
	}
	return "http://" + addressOf(l)
}

// addressOf is the address by which this machine reaches a listener: one that
// listens everywhere has none of its own.
func addressOf(l net.Listener) string {
	if tcp, ok := l.Addr().(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return l.Addr().String()
}

// missing is what would do more if it were set, in words that fit one line.
func (c *core) missing() (words []string) {
	say := func(absent bool, what string) {
		if absent {
			words = append(words, what)
		}
	}
	say(len(c.gate.Accounts) == 0, "VPS_API_TOKEN")
	say(c.policy.file == "" && !c.sandbox, "VPSOPS_POLICY")
	if c.slack == nil {
		say(true, "Slack (SLACK_BOT_TOKEN)")
	} else {
		say(c.cfg.Slack.ApprovalsChannel == "", "SLACK_APPROVALS_CHANNEL")
	}
	say(c.cfg.OIDC == nil, "sign-in (VPSOPS_OIDC_ISSUER)")
	return words
}

// clientWords say how assistants are connected. Where they bring a token of the
// policy's, its place stands there.
func (c *core) clientWords(mcp string) string {
	quoted := strconv.Quote(mcp)
	lines := []string{
		"Connect an assistant:",
		"  Claude Code     claude mcp add --transport http vpsops " + mcp,
		inTwo(`  Claude Desktop  claude_desktop_config.json: {"mcpServers": {"vpsops": {"command": "npx", `, `"args": ["-y", "mcp-remote", `+quoted+`]}}}`),
		inTwo(`  VS Code         code --add-mcp '{"name":"vpsops","type":"http",`, `"url":`+quoted+`}'`),
		inTwo(`  Cursor          .cursor/mcp.json: {"mcpServers": {"vpsops": `, `{"url": `+quoted+`}}}`),
	}
	if c.cfg.OAuth == nil && c.policy.current.Load().HasTokens() {
		lines = []string{
			"Connect an assistant, with its token (vpsops token new) for $VPSOPS_TOKEN:",
			inTwo("  Claude Code     claude mcp add --transport http vpsops "+mcp+` \`, `--header "Authorization: Bearer $VPSOPS_TOKEN"`),
			inTwo(`  Claude Desktop  claude_desktop_config.json: {"mcpServers": {"vpsops": {"command": "npx", "args":`,
				`["-y", "mcp-remote", `+quoted+",\n      "+`"--header", "Authorization: Bearer $VPSOPS_TOKEN"]}}}`),
			inTwo(`  VS Code         code --add-mcp '{"name":"vpsops","type":"http","headers":`,
				`{"Authorization":"Bearer '"$VPSOPS_TOKEN"'"},"url":`+quoted+`}'`),
			inTwo(`  Cursor          .cursor/mcp.json: {"mcpServers": {"vpsops": {"headers": `,
				`{"Authorization": "Bearer ${env:VPSOPS_TOKEN}"}, "url": `+quoted+`}}}`),
		}
	}
	return strings.Join(lines, "\n")
}

// inTwo puts what does not fit one line on a second, where a shell and JSON both
// take a break.
func inTwo(line, rest string) string {
	if len(line)+len(rest) <= screenWidth {
		return line + rest
	}
	return strings.TrimRight(line, " ") + "\n      " + rest
}

const screenWidth = 100

// postureWords says in a few sentences who may do what.
func (c *core) postureWords() string {
	who, pol := c.identity.ID, c.policy.current.Load()
	var words []string
	say := func(format string, args ...any) {
		words = append(words, wrap(fmt.Sprintf(format, args...), screenWidth))
	}
	switch {
	case c.cfg.ReadOnly:
		say("Read-only (VPSOPS_READ_ONLY): nothing is changed, whoever asks.")
	case c.policy.file != "":
		say("The policy %s is in force: %s. %s", c.policy.file, whoMay(pol), whatWants(pol))
	case c.cfg.OAuth != nil && !c.sandbox:
		say("Without a policy (VPSOPS_POLICY) nobody is listed, so no caller is let in.")
	case c.sandbox:
		say("Callers on this machine are %s. Reading and start are free; create, update, stop and reboot want a yes in the assistant's dialog or on the page; a rename and a delete want %s on the page.", who, who)
	default:
		say("Callers on this machine are %s and may read. Without a policy (VPSOPS_POLICY), serve changes nothing; \"vpsops mcp\" serves one person with the built-in rules.", who)
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
	for _, warning := range slices.Concat(c.cfg.Warnings, c.cfg.Risks) {
		say("Mind: %s", warning)
	}
	if len(c.gate.Accounts) == 0 {
		say("No API token is set: tools answer with how to set VPS_API_TOKEN.")
	}
	return strings.Join(words, "\n")
}
