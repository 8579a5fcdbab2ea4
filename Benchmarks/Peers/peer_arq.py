# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""arq: a sorted set of jobs, and a key for each job."""

import asyncio

import uvloop
from arq import create_pool, func
from arq.connections import RedisSettings
from arq.worker import Worker

import worker

CONFIGURATION = (
    f"sorted set, max_jobs {worker.CONCURRENCY}, queue_read_limit {worker.READ}, "
    "poll_delay 0, pickle, no results, uvloop, hiredis; "
    "ended one by one by a transaction"
)


async def store(url, count):
    pool = await create_pool(RedisSettings.from_dsn(url))
    for batch in worker.batches(count):
        await asyncio.gather(*(pool.enqueue_job("handle", worker.BODY) for _ in batch))
    await pool.aclose()


async def work(url, tally):
    async def handle(context, body):
        tally.handled()

    # It sleeps between two looks at the queue, half a second by default, which is meant for jobs that take longer.
    await Worker(
        [func(handle, name="handle")], redis_settings=RedisSettings.from_dsn(url), max_jobs=worker.CONCURRENCY,
        queue_read_limit=worker.READ, poll_delay=0, keep_result=0, log_results=False, handle_signals=False,
    ).async_run()


worker.run(
    ["arq", "redis"],
    CONFIGURATION,
    lambda url, count: uvloop.run(store(url, count)),
    lambda url, tally: uvloop.run(work(url, tally)),
)
