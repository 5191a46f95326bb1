package tools

import (
	"fmt"

	"vpsops/policy"
)

var decommission = prompt{
	name: "decommission", title: "Take a server out of service",
	description: "Stop a server, see that nobody misses it, then delete it: it takes a person's yes and can't be undone.",
	arguments: []promptArgument{
		{name: "server", description: "id, or exact name, hostname or address", required: true},
		{name: "reason", description: "why it goes; the approvers read it"},
	},
	action: policy.Delete,
	text: func(g given) string {
		return fmt.Sprintf(`
A server is to go for good: %s. Why: %s.

1. get_server: repeat its id, name, address, location and plan to me, and wait until I say that this is the one. If the name is several servers', ask me; never pick.
2. Ask me whether its data is saved elsewhere, and what still points at its address (DNS, load balancers, jobs). Go on only when I have answered.
3. stop_server with the reason. Deleting can't be undone and stopping can: propose to leave it stopped for some days, and delete it now only if I say so.
4. delete_server with the id and the name from step 1, and the reason. Approvers decide, not we two.
5. When it is done, list_servers with its name as the query: say whether it is gone, and give me the request ids.
`, g.or("server", "ask me which"), g.or("reason", "ask me; whoever approves it will"))
	},
}
