# Each check runs a step of .ci/run, so that a check that passes here also passes in CI.
.DEFAULT_GOAL := help
.PHONY: help run build test bench soak fmt screenshots ci lint vulnerabilities race fuzz binaries image compose proxy examples contract browser

help: ## show this list
	@awk -F ':.*## ' '/^[a-z ]+:.*## / { n = split($$1, t, " "); for (i = 1; i <= n; i++) \
		printf "make %-16s %s\n", t[i], $$2 }' Makefile

run: ## start the server on port 5000, data in data/
	go run .

build: ## one static binary, ./bookplate
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bookplate .

bench: ## the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

soak: ## an hour of mixed load: memory, open files and the log of SQLite must not grow (Linux)
	go test -run '^$$' -bench Soak -benchtime 1h -timeout 2h -v ./tests

fmt: ## format the code
	bash -c 'source .ci/lib.sh && golangci_lint fmt'

screenshots: ## the pictures of docs/screenshots, from the demo (root)
	@.ci/run $@

ci: ## all checks below, in the order of .ci/run
	.ci/run

test: ## the tests
lint: ## format, linters, tidy modules, shell scripts
vulnerabilities: ## known vulnerabilities in the code that is called
race: ## the tests under the race detector
fuzz: ## every fuzz target for 2,000 inputs, or for FUZZTIME=1m
binaries: ## build for macOS and Windows
image: ## the Dockerfile's steps without a container engine (root)
compose: ## the compose files against the compose specification
proxy: ## the server behind Caddy and nginx with the files of deploy/, and the systemd unit
examples: ## the README's examples
contract: ## the OpenAPI document, and the Postman collection against both engines
browser: ## the web app and the other pages in headless Chromium

test lint vulnerabilities race fuzz binaries image compose proxy examples contract browser:
	@.ci/run $@
