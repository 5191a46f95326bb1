package tools

import "vpsops/policy"

var stopServer = spec{
	name: "stop_server", title: "Stop a server",
	description: "Shut down a running server; the user confirms.",
	input:       powerInput, output: outcomeSchema, destructive: true, idempotent: true, changes: true, account: true,
	run: power(policy.Stop),
}
