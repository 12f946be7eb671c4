# shellcheck shell=bash
# Functions that the steps share: tools at pinned versions, and servers that are stopped when a step ends. Source it; do
# not run it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The go command caches the built tools.
golangci_lint() { go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 "$@"; }
govulncheck() { go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 "$@"; }

# need COMMAND: installs the Debian package of that name unless the command exists.
need() {
	command -v "$1" >/dev/null && return
	apt-get -qq update
	DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$1" >/dev/null
}

# node_tools: installs the programs of .ci/package.json, at the versions of package-lock.json.
node_tools() { npm ci --prefix .ci --no-audit --no-fund --silent; }

# nested_modules: lists the folders with their own go.mod, whose dependencies the server does not need.
nested_modules() { git ls-files '*/go.mod' | xargs -n1 dirname; }

# Steps write to $scratch only. When a step ends, its servers are stopped and $scratch is removed.
scratch=$(mktemp -d)
servers=()
clean_up() {
	if ((${#servers[@]})); then
		kill "${servers[@]}" 2>/dev/null || true # some may have ended by themselves
		wait "${servers[@]}" || true
	fi
	rm -rf "$scratch"
}
trap clean_up EXIT

free_port() {
	node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => {
		console.log(s.address().port); s.close() })'
}

# in_background NAME COMMAND…: runs the command in a new folder, with the step's stdin. Sets $pid and $log.
in_background() {
	local name=$1
	shift
	log=$scratch/$name.log
	mkdir -p "$scratch/$name"
	(cd "$scratch/$name" && exec "$@") <&0 >"$log" 2>&1 &
	pid=$!
	servers+=("$pid")
}

# wait_until COMMAND…: waits until the command succeeds. If $pid ends or 30 seconds pass, it prints $log and fails.
wait_until() {
	for _ in {1..150}; do
		"$@" >/dev/null 2>&1 && return
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.2
	done
	echo "Not ready: ${*}. Its log:" >&2
	cat "$log" >&2
	return 1
}

# start_bookplate NAME [SETTING=VALUE…]: starts the built server on a free port, with these settings only. Exports
# BASE_URL.
start_bookplate() {
	local name=$1 address
	shift
	address=127.0.0.1:$(free_port)
	[[ -x $scratch/bookplate ]] || go build -o "$scratch/bookplate" .
	in_background "$name" env -i ADDR="$address" "$@" "$scratch/bookplate"
	wait_until env -i ADDR="$address" "$scratch/bookplate" healthcheck
	export BASE_URL=http://$address
}

# start_demo: starts a demo on a free port. Exports BASE_URL, and DEMO_EMAIL and DEMO_PASSWORD of its administrator.
start_demo() {
	local address
	address=127.0.0.1:$(free_port)
	[[ -x $scratch/bookplate ]] || go build -o "$scratch/bookplate" .
	in_background demo env -i HOME="$HOME" ADDR="$address" PUBLIC_URL=http://books.example.com "$scratch/bookplate" demo
	wait_until demo_administrator
	read -r DEMO_EMAIL DEMO_PASSWORD < <(demo_administrator)
	export DEMO_EMAIL DEMO_PASSWORD BASE_URL=http://$address
}

# demo_administrator: prints the address and the password of the demo's administrator.
demo_administrator() { grep -o 'admin@example.com .*' "$log"; }
