#!/usr/bin/env bash
# Holds the fake Slack against Bolt, and the cards against Slack's types. It
# reaches nothing but this machine and the npm registry, and leaves nothing
# behind but node_modules.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v npm >/dev/null; then
	echo "slack-interop: npm is not installed; install Node.js, which brings it" >&2
	exit 1
fi
npm ci --loglevel=error
node types.mjs
CGO_ENABLED=0 go test -C ../.. -count 1 -tags bolt -run TestBolt -v ./slackbot/fakeslack
