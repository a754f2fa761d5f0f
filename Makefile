# `make help` lists what there is. What is missing on the machine is installed by scripts/install.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

DATA ?= data/demo
KESHER := cargo run --quiet -p server --bin kesher --

.PHONY: help
help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'

.PHONY: run
run: ## the demo: builds what is needed, then prints a one-time sign-in link (DATA=data/demo)
	@scripts/install build
	@$(MAKE) web
	@cargo build -p server --bin kesher
	@mkdir -p $(DATA)
	@exec $(KESHER) demo --data $(DATA)

.PHONY: build
build: ## the web app and the release binary, target/release/kesher
	@scripts/install build
	@$(MAKE) web
	@cargo build --release -p server --bin kesher

.PHONY: test
test: ## all that CI checks, with the time of each part
	@scripts/test

.PHONY: check
check: ## the quick look: format, lints, types, unit tests
	@scripts/install build
	@scripts/check

.PHONY: faults
faults: ## the long crash test: kill -9, on both databases (ROW=takeover for one row)
	@scripts/install test
	@$(MAKE) web
	@cargo build --workspace --bins --features server/planted-faults
	@scripts/test-postgres --durable -- target/debug/faults $(if $(ROW),--row $(ROW))

.PHONY: bench
bench: ## the loads beside the bare baselines, as ratios
	@scripts/install test
	@$(MAKE) web
	@cargo build --release --workspace --bins
	@scripts/test-postgres --durable -- cargo run --release -p bench --bin bench -- $(ARGS)

.PHONY: shots
shots: ## pictures of every screen, in both languages, wide and narrow, light and dark
	@scripts/install test
	@$(MAKE) web
	@cargo build -p server --bin kesher
	@npm --prefix web run shots

.PHONY: audit
audit: ## known weaknesses in the packages; says so when it could not look
	@scripts/audit

.PHONY: fmt
fmt: ## format the Rust code, and the web code where it has a formatter
	@cargo fmt --all
	@if [ -e web/package.json ]; then npm --prefix web run format --if-present; fi

.PHONY: openapi
openapi: ## write docs/api/openapi.json, docs/guides/numbers.*.md and the web client's types again
	@mkdir -p docs/api docs/guides
	@$(KESHER) openapi > docs/api/openapi.json.new && mv docs/api/openapi.json.new docs/api/openapi.json
	@for language in en he; do $(KESHER) capabilities --language $$language > docs/guides/numbers.$$language.md.new && mv docs/guides/numbers.$$language.md.new docs/guides/numbers.$$language.md; done
	@if [ -e web/openapi/package-lock.json ]; then scripts/install build && scripts/web-types; fi

.PHONY: clean-data
clean-data: ## forget the demo's data
	@if [ -e $(DATA) ] && [ $(DATA) != data/demo ] && [ ! -e $(DATA)/demo.json ]; then echo "$(DATA) is not a demo's data: left alone"; exit 1; fi
	@rm -rf -- $(DATA)

# The crates `server` and `sandbox` carry web/dist inside them, so it is built before they are compiled,
# and again only when a source of it has changed.
WEB_SOURCES := $(if $(wildcard web/package.json),$(shell find web \( -name node_modules -o -path web/dist -o -path web/e2e -o -path web/shots -o -path web/test-results \) -prune -o -type f -print))

.PHONY: web
web: $(if $(WEB_SOURCES),web/dist/.built)

web/dist/.built: $(WEB_SOURCES)
	npm --prefix web run build
	@mkdir -p web/dist && touch $@
