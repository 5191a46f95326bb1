package tools

import "vpsops/policy"

var startServer = spec{
	name: "start_server", title: "Start a server",
	description: "Power on a stopped server. Usually done at once, unasked.",
	input:       powerInput, output: outcomeSchema, idempotent: true, changes: true, account: true,
	run: power(policy.Start),
}
