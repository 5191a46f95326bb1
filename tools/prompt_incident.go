package tools

import "fmt"

var incident = prompt{
	name: "incident", title: "A server misbehaves",
	description: "Find out what is wrong with a server, and bring it back with the gentlest step that helps.",
	arguments: []promptArgument{
		{name: "server", description: "id, or exact name, hostname or address", required: true},
		{name: "symptom", description: "what is seen, such as: the shop answers 502 since 14:00"},
	},
	text: func(g given) string {
		return fmt.Sprintf(`
A server misbehaves: %s. What is seen: %s.

1. get_server shows its status, load and message. list_servers with its location shows whether its neighbours are well; if several are down, say so before anything else.
2. Tell me what you found, what you take for the cause and how sure you are, and what you would do.
3. Then the gentlest step that fits:
   - active and loaded: look inside first, if I can; a reboot loses what would tell the cause.
   - stopped: start_server. If I didn't expect it to be stopped, ask me first.
   - hung: reboot_server, with the symptom as the reason.
   - provisioning, starting, stopping or rebooting: wait and look again; don't act on top of it.
   - suspended: only the provider lifts that; tell me.
   Never stop, update or delete anything here.
4. When it is done, get_server once more. Close with: what was seen, the cause, what was done with its request ids, what is still open.
`, g.or("server", "ask me which"), g.or("symptom", "ask me, if it isn't plain"))
	},
}
