package tools

import (
	"fmt"

	"vpsops/policy"
)

var newServer = prompt{
	name: "new-server", title: "Make a server",
	description: "Choose plan, system and place for a new server, agree on the price, make it and see it come up.",
	arguments: []promptArgument{
		{name: "purpose", description: "what it is for, such as: staging for the shop"},
		{name: "location", description: "datacenter code"},
		{name: "plan", description: "plan's name or id"},
	},
	action: policy.Create,
	text: func(g given) string {
		return fmt.Sprintf(`
I want a new server. For: %s. Where: %s. Plan: %s.

1. list_options shows plans with prices, locations and systems. list_servers shows how the others are named, and whether one that we have would do: say so, it is cheaper.
2. Propose in one message: name (in the manner of the others, and nobody's yet), plan with its price a month and why not the next smaller, location, system, backups on or off, SSH key if I have one. Wait for my yes.
3. create_server once, with the purpose as the reason. A name that is taken already may mean that it was made: look before you ask again.
4. get_request with wait_seconds until it has settled; it takes some minutes. Close with id, name, address and monthly price.
`, g.or("purpose", "ask me"), g.or("location", "propose"), g.or("plan", "propose"))
	},
}
