# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

.DEFAULT_GOAL := help
.PHONY: help deps build test test-cluster test-deep test-failover test-release test-tsan demo demo-webhooks demo-live demo-custom demo-contact-center demo-sealed-letters
.PHONY: cluster sentinel test-servers simulate mutants chaos chaos-cluster chaos-soak chaos-age fuzz lint check-imports format bench bench-check bench-peers clean

# Finds Swift outside PATH too; `make test SWIFT=/path/to/swift` uses another one.
export SWIFT
swift := Scripts/swift

# The compiler checks imports between our own targets, Scripts/check-imports checks all others.
strict := --explicit-target-dependency-import-check error

# A build shows its progress on a terminal; elsewhere it prints only warnings and errors.
quiet := $(shell [ -t 2 ] || echo --quiet)

chaos = $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only "$(ONLY)") $(if $(JSON),--json)

formatted := $(wildcard Sources Tests Examples Benchmarks/Sources Benchmarks/Package.swift Package.swift)

help: ## Lists these targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

deps: ## Installs missing system packages (apt; on macOS it prints what to do).
	@Scripts/install-dependencies

build: deps ## Builds everything, including tests, and enforces the layers.
	@$(swift) build --build-tests $(strict) $(quiet)

# Suites on several real servers, which need a machine for themselves.
clusters := ClusterInMotion|ClusterConformanceTests|SentinelConformanceTests|ClusterSubscriptionTests|ClusterPubSubTests|ClusterRequestTests
clusters := $(clusters)|keepsItOnACluster|RealClusterTests|DisturbedClusterTests|RedisClusterTests|SentinelSetTests
clusters := $(clusters)|ExamplesOnSeveralServersTests|SentinelFailoverTests

test: build check-imports ## Builds and runs every test, but those on clusters.
	@Scripts/run-tests $(strict) --skip '$(clusters)'

test-cluster: build ## Runs the tests on clusters and Sentinels of real servers, two at a time.
	@WIDTH=2 Scripts/run-tests $(strict) --filter '$(clusters)'

test-release: deps ## Runs the same tests, optimised.
	@$(swift) build -c release --build-tests $(quiet)
	@Scripts/run-tests -c release

test-deep: build ## Compares Redis with the model for 2,000 sequences, or DIFFERENTIAL_SEEDS=first...last.
	@DIFFERENTIAL_SEEDS=$(or $(DIFFERENTIAL_SEEDS),2000) Scripts/run-tests $(strict) --filter Differential

test-failover: build ## Lives through RUNS=20 failovers of each kind by real Sentinels, and prints what they cost.
	@SENTINEL_RUNS=$(or $(RUNS),20) Scripts/run-tests $(strict) --filter SentinelFailoverTests

test-tsan: deps ## Runs the tests of the engine, the wire and Redis under ThreadSanitizer.
	@Scripts/test-tsan

test-servers: build ## Fetches other servers into .build/servers; runs the conformance kit and the tests on clusters on each.
	@Scripts/fetch-servers
	@SUITES='ConformanceTests|$(clusters)' Scripts/test-servers $(if $(ONLY),"$(ONLY)")

simulate: deps ## Runs SEEDS=3000 seeds of the engine's simulation, optimised; SEEDS=7...7 runs one.
	@Scripts/simulate $(if $(SEEDS),"$(SEEDS)")

mutants: deps ## Breaks the product in each way of Tests/Mutants; simulation or tests must notice. ONLY=name runs one.
	@Scripts/mutants $(if $(ONLY),"$(ONLY)")

chaos: ## Disturbs real workers on a real Redis in every known way; KILLS=1000, SEED=, ONLY=redis, JSON=1.
	@Scripts/chaos $(if $(KILLS),--kills $(KILLS)) $(chaos)

chaos-cluster: ## Disturbs the same workers on a cluster and behind Sentinels; MINUTES=, SEED=, ONLY=sentinel, JSON=1.
	@Scripts/chaos --scaled $(if $(MINUTES),--age $(MINUTES)) $(chaos)

chaos-soak: ## Runs the same disturbances in seeded mixtures; MINUTES=10, SEED=, JSON=1.
	@Scripts/chaos --soak $(or $(MINUTES),10) $(chaos)

fuzz: deps ## Fuzzes each decoder for SECONDS=60; TARGET=reply, cluster, sentinel, entry, envelope, yaml or url alone; SEED= repeats.
	@SEED="$(SEED)" Scripts/fuzz $(or $(SECONDS),60) $(TARGET)

chaos-age: ## Runs the workers through everything for MINUTES=15; memory, descriptors, threads, keys must not grow.
	@Scripts/chaos --age $(or $(MINUTES),15) $(chaos)

cluster: ## Starts a private Redis Cluster of six nodes for the demos; Ctrl-C stops and removes it.
	@Scripts/servers cluster

sentinel: ## Starts a private primary with a replica and three Sentinels for the demos; Ctrl-C stops and removes it.
	@Scripts/servers sentinel

demo: ## Runs Examples/Orders, on memory or on REDIS_URL; the last line of stdout is JSON.
	@Scripts/run-example Orders

demo-webhooks: ## Runs Examples/Webhooks on a sample, or on FILE=webhooks.jsonl.
	@Scripts/run-example Webhooks $(if $(FILE),"$(FILE)",--sample 500)

demo-live: ## Runs Examples/LiveFeed; with Redis, run WATCH=1 in other terminals to watch too.
	@Scripts/run-example LiveFeed $(if $(WATCH),watch)

demo-custom: ## Runs Examples/CustomProvider on the directory CUSTOM_PROVIDER_PATH, by default in /tmp.
	@Scripts/run-example CustomProvider

demo-contact-center: ## Runs Examples/ContactCenter: connected streams, from inquiry to feedback.
	@Scripts/run-example ContactCenter

demo-sealed-letters: ## Runs Examples/SealedLetters: middleware that traces and encrypts every published message.
	@Scripts/run-example SealedLetters

lint: check-imports ## Checks format, imports, licence headers, links and unfinished work.
	@Scripts/check-imports --self-test
	@Scripts/check-sources
	@$(swift) format lint --strict --parallel --recursive $(formatted)

check-imports: ## Checks every import against Scripts/layers.txt, the folders of the engine against Scripts/folders.txt.
	@Scripts/check-imports

format: ## Formats the sources in place.
	@$(swift) format --in-place --parallel --recursive $(formatted)

bench: deps ## Measures everything and writes docs/performance.md; ONLY=redis only prints those named so.
	@$(swift) build -c release --package-path Benchmarks $(quiet)
	@$(swift) run -c release --package-path Benchmarks --skip-build Bench $(if $(ONLY),--only "$(ONLY)",--page docs)

bench-check: deps ## Says what became slower or faster since BASE=commit; ONLY=name, ROUNDS=9, MESSAGES=, JSON=1.
	@Scripts/bench-check $(if $(BASE),--base "$(BASE)") $(if $(ROUNDS),--rounds "$(ROUNDS)") \
		$(if $(MESSAGES),--messages "$(MESSAGES)") $(if $(ONLY),--only "$(ONLY)") $(if $(JSON),--json)

bench-peers: ## Compares with FastStream, taskiq, Dramatiq, Celery and arq; ONLY=name, MESSAGES=20000, RUNS=3, JSON=1.
	@Scripts/bench-peers $(if $(MESSAGES),--messages "$(MESSAGES)") $(if $(RUNS),--runs "$(RUNS)") \
		$(if $(ONLY),--only "$(ONLY)") $(if $(JSON),--json)

clean: ## Removes build products.
	@rm -rf .build Benchmarks/.build
