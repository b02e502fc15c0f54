# Vendgate: what a person types. Prerequisites: Rust, a C compiler, make.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test drills fuzz shots bench lint fmt coverage deny

# More tests than cores run side by side, because most of them wait for another
# process; the heavy ones queue inside the harness.
export RUST_TEST_THREADS ?= 8

# Passed to the test runner: make test ARGS=smoke
ARGS ?=

# How often make drills plays each drill, each time in other circumstances.
SEEDS ?= 20

# How long make fuzz plays each of its targets.
FUZZ_SECONDS ?= 60

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

run: ## a demo shop on this machine; it prints its address when it is ready
	cargo run --release -- demo

test: ## everything, against private PostgreSQL, Redis and Chromium instances
	bash .ci/prerequisites
	cargo test --features failpoints --lib --test it -- $(ARGS)

drills: ## every fault drill with SEEDS=20 seeds, outages as long as specified (docs/DRILLS.md)
	bash .ci/prerequisites
	cargo test --features failpoints --test it --no-run
	for seed in $$(seq 1 $(SEEDS)); do \
		echo "=== seed $$seed of $(SEEDS)"; \
		DRILL_SEED=$$seed DRILL_FULL=1 cargo test --features failpoints --test it -- drills:: $(ARGS); \
	done

fuzz: ## every reader of foreign bytes, mutated for FUZZ_SECONDS=60 each
	bash .ci/prerequisites
	FUZZ_SECONDS=$(FUZZ_SECONDS) cargo test --features failpoints --test it -- fuzz:: $(ARGS)

shots: ## a picture of every page, narrow and wide, light and dark, in both languages, into target/shots
	bash .ci/prerequisites
	cargo test --features failpoints --test it -- --ignored shots::

bench: ## speed against bare writes of the same rows, on both engines (docs/BENCH.md)
	bash .ci/prerequisites
	cargo bench --bench spine

lint: ## clippy, warnings are errors
	cargo clippy --all-targets --features failpoints -- -D warnings

fmt: ## format the sources
	cargo fmt

# LLVM's tools must match the compiler's LLVM 22 (Debian: llvm-22).
coverage: ## line coverage by the same tests; needs cargo-llvm-cov and llvm-22
	bash .ci/prerequisites
	LLVM_COV=$${LLVM_COV:-/usr/lib/llvm-22/bin/llvm-cov} \
	LLVM_PROFDATA=$${LLVM_PROFDATA:-/usr/lib/llvm-22/bin/llvm-profdata} \
	cargo llvm-cov --features failpoints --lib --test it --summary-only

deny: ## licences, bans and sources of all dependencies; needs cargo-deny
	@cargo deny --version >/dev/null 2>&1 || { echo "cargo-deny is missing: cargo install --locked cargo-deny"; exit 1; }
	cargo deny --all-features check licenses bans sources
