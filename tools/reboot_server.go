package tools

import "vpsops/policy"

var rebootServer = spec{
	name: "reboot_server", title: "Reboot a server",
	description: "Restart a running server: a short outage. A person confirms. For a stopped one use start_server.",
	input:       powerInput, output: outcomeSchema, destructive: true, changes: true, account: true,
	run: power(policy.Reboot),
}
