# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

.DEFAULT_GOAL := help
.PHONY: help deps build test test-deep test-release test-tsan demo demo-webhooks demo-live demo-custom demo-contact-center demo-sealed-letters
.PHONY: simulate mutants chaos chaos-soak chaos-age fuzz lint check-imports format bench clean

# A Swift that is not in PATH is found too; `make test SWIFT=/path/to/swift` names another one.
export SWIFT
swift := Scripts/swift

# Imports between our own targets are checked by the compiler, all others by Scripts/check-imports.
strict := --explicit-target-dependency-import-check error

# A build shows its progress on a terminal; elsewhere it speaks up only when something is wrong.
quiet := $(shell [ -t 2 ] || echo --quiet)

chaos = $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only "$(ONLY)") $(if $(JSON),--json)

formatted := $(wildcard Sources Tests Examples Benchmarks/Sources Benchmarks/Package.swift Package.swift)

help: ## Lists these targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

deps: ## Installs the system packages that are missing (apt; on macOS it says what to do).
	@Scripts/install-dependencies

build: deps ## Builds everything, tests too, with the layers enforced.
	@$(swift) build --build-tests $(strict) $(quiet)

test: build check-imports ## Builds and runs every test.
	@Scripts/run-tests $(strict)

test-release: deps ## Runs the same tests, optimised.
	@$(swift) build -c release --build-tests $(quiet)
	@Scripts/run-tests -c release

test-deep: build ## Holds Redis against the model for 2,000 sequences, or DIFFERENTIAL_SEEDS=first...last.
	@DIFFERENTIAL_SEEDS=$(or $(DIFFERENTIAL_SEEDS),2000) Scripts/run-tests $(strict) --filter Differential

test-tsan: deps ## Runs the tests of engine, wire and Redis under ThreadSanitizer.
	@Scripts/test-tsan

simulate: deps ## Plays SEEDS=3000 of the engine's simulation, optimised; SEEDS=7...7 plays one.
	@Scripts/simulate $(if $(SEEDS),"$(SEEDS)")

mutants: deps ## Breaks the product in each way of Tests/Mutants and lets simulation or tests find it; ONLY=name takes one.
	@Scripts/mutants $(if $(ONLY),"$(ONLY)")

chaos: ## Disturbs real workers on a real Redis in every known way; KILLS=1000, SEED=, ONLY=redis, JSON=1.
	@Scripts/chaos $(if $(KILLS),--kills $(KILLS)) $(chaos)

chaos-soak: ## The same in seeded mixtures; MINUTES=10, SEED=, JSON=1.
	@Scripts/chaos --soak $(or $(MINUTES),10) $(chaos)

fuzz: deps ## Attacks each decoder for SECONDS=60; TARGET=reply, entry, envelope or yaml alone, SEED= repeats.
	@SEED="$(SEED)" Scripts/fuzz $(or $(SECONDS),60) $(TARGET)

chaos-age: ## The same workers through everything for MINUTES=15: whether memory, descriptors, threads or keys grow.
	@Scripts/chaos --age $(or $(MINUTES),15) $(chaos)

demo: ## Runs Examples/Orders; the last line of stdout is JSON.
	@Scripts/run-example Orders

demo-webhooks: ## Runs Examples/Webhooks on a sample, or on FILE=webhooks.jsonl.
	@Scripts/run-example Webhooks $(if $(FILE),"$(FILE)",--sample 500)

demo-live: ## Runs Examples/LiveFeed; with Redis, WATCH=1 in other terminals watches too.
	@Scripts/run-example LiveFeed $(if $(WATCH),watch)

demo-custom: ## Runs Examples/CustomProvider over a directory of its own: CUSTOM_PROVIDER_PATH, by default in /tmp.
	@Scripts/run-example CustomProvider

demo-contact-center: ## Runs Examples/ContactCenter: connected streams, from inquiry to feedback.
	@Scripts/run-example ContactCenter

demo-sealed-letters: ## Runs Examples/SealedLetters: middleware that traces and encrypts whatever is published.
	@Scripts/run-example SealedLetters

lint: check-imports ## Checks format, imports, licence headers, links and what is left undone.
	@Scripts/check-imports --self-test
	@Scripts/check-sources
	@$(swift) format lint --strict --parallel --recursive $(formatted)

check-imports: ## Checks every import against Scripts/layers.txt.
	@Scripts/check-imports

format: ## Formats the sources in place.
	@$(swift) format --in-place --parallel --recursive $(formatted)

bench: deps ## Runs the benchmarks, optimised; ONLY=redis those whose name has this in it.
	@$(swift) build -c release --package-path Benchmarks $(quiet)
	@$(swift) run -c release --package-path Benchmarks --skip-build Bench $(if $(ONLY),--only "$(ONLY)")

clean: ## Removes what was built.
	@rm -rf .build Benchmarks/.build
