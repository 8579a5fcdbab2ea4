# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Dramatiq with its broker for Redis: lists, and scripts that acknowledge."""

import threading

import dramatiq
from dramatiq.brokers.redis import RedisBroker

import worker

CONFIGURATION = (
    f"list, {worker.CONCURRENCY} threads, prefetch {2 * worker.CONCURRENCY}, JSON, "
    "the default middleware, hiredis; "
    "acknowledged one by one by a script"
)


def make_actor(url, handled):
    # With the middleware that a broker has by default: retries, limits of age and time, callbacks.
    broker = RedisBroker(url=url)
    dramatiq.set_broker(broker)

    @dramatiq.actor(actor_name="handle")
    def handle(body):
        handled()

    return broker, handle


def store(url, count):
    _, handle = make_actor(url, None)
    for _ in range(count):
        handle.send(worker.BODY)


def work(url, tally):
    broker, _ = make_actor(url, tally.handled)
    dramatiq.Worker(broker, worker_threads=worker.CONCURRENCY).start()
    threading.Event().wait()


worker.run(["dramatiq", "redis"], CONFIGURATION, store, work)
