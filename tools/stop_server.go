package tools

import "vpsops/policy"

var stopServer = spec{
	name: "stop_server", title: "Stop a server",
	description: "Shut a running server down: what runs on it is out of service. A person confirms.",
	input:       powerInput, output: outcomeSchema, destructive: true, idempotent: true, changes: true, account: true,
	run: power(policy.Stop),
}
