package main

import (
	"fmt"
	"io"
	"net"
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

// postureWords says in a sentence who may do what.
func (c *core) postureWords() string {
	who := c.identity.ID
	switch {
	case c.cfg.ReadOnly:
		return "Read-only (VPSOPS_READ_ONLY): nothing is changed, whoever asks."
	case c.sandbox:
		return fmt.Sprintf("Callers on this machine are %s. Reading and start are free; create, update, stop and reboot\nwant a yes in the assistant's dialog or on the page; a rename and a delete want %s on the page.", who, who)
	}
	text := fmt.Sprintf("Callers on this machine are %s and may read. Without a policy, serve changes nothing;\n\"vpsops mcp\" serves one person with the built-in rules.", who)
	if len(c.cfg.Accounts) == 0 {
		text += "\nNo API token is set: tools answer with how to set VPS_API_TOKEN."
	}
	return text
}
