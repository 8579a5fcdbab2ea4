# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Celery with Redis as its broker."""

from celery import Celery

import worker

CONFIGURATION = (
    f"list, pool of {worker.CONCURRENCY} threads, prefetch {worker.READ}, "
    "acks_late, JSON, no results, no gossip, mingle or heartbeat, hiredis; "
    "acknowledged one by one"
)


def make_app(url):
    app = Celery("peers", broker=url)
    app.conf.update(
        # A message is acknowledged when it was handled, not before.
        task_acks_late=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=worker.READ // worker.CONCURRENCY,
        # What is printed here is the result, and no line of the log.
        worker_redirect_stdouts=False,
    )
    return app


def store(url, count):
    app = make_app(url)
    with app.connection_for_write() as connection:
        producer = app.amqp.Producer(connection)
        for _ in range(count):
            app.send_task("handle", (worker.BODY,), producer=producer)


def work(url, tally):
    app = make_app(url)

    @app.task(name="handle")
    def handle(body):
        tally.handled()

    app.Worker(
        pool="threads", concurrency=worker.CONCURRENCY, loglevel="ERROR", quiet=True,
        without_gossip=True, without_mingle=True, without_heartbeat=True,
    ).start()


worker.run(["celery", "kombu", "redis"], CONFIGURATION, store, work)
