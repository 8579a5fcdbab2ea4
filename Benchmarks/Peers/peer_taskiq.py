# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""taskiq on a Redis stream with a consumer group."""

import asyncio

import uvloop
from taskiq.api import run_receiver_task
from taskiq.serializers import ORJSONSerializer
from taskiq_redis import RedisStreamBroker

import worker

CONFIGURATION = (
    f"stream and group, max_async_tasks {worker.CONCURRENCY}, "
    f"max_prefetch and xread_count {worker.READ}, orjson, no validation, uvloop, hiredis; "
    "acknowledged one by one after the handler"
)


def make_broker(url, handled):
    broker = RedisStreamBroker(url, consumer_id="0", xread_count=worker.READ).with_serializer(ORJSONSerializer())

    @broker.task(task_name="handle")
    async def handle(body: str) -> None:
        handled()

    return broker, handle


async def store(url, count):
    broker, handle = make_broker(url, None)
    await broker.startup()
    for batch in worker.batches(count):
        await asyncio.gather(*(handle.kiq(worker.BODY) for _ in batch))
    await broker.shutdown()


async def work(url, tally):
    broker, _ = make_broker(url, tally.handled)
    await run_receiver_task(
        broker, run_startup=True, max_async_tasks=worker.CONCURRENCY, max_prefetch=worker.READ, validate_params=False
    )


worker.run(
    ["taskiq", "taskiq-redis", "redis"],
    CONFIGURATION,
    lambda url, count: uvloop.run(store(url, count)),
    lambda url, tally: uvloop.run(work(url, tally)),
)
