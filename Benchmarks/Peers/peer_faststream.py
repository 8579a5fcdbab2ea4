# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""FastStream on a Redis stream with a consumer group."""

import asyncio
import logging

import uvloop
from faststream import AckPolicy, FastStream
from faststream.redis import BinaryMessageFormatV1, RedisBroker, StreamSub

import worker

CONFIGURATION = (
    f"stream and group, max_workers {worker.CONCURRENCY}, "
    f"max_records {worker.READ}, binary format, no validation, uvloop, hiredis; "
    "acknowledged one by one after the handler"
)


def make_broker(url):
    # The binary format is the default, and the faster one. Types are not checked, and a message is not logged.
    return RedisBroker(url, message_format=BinaryMessageFormatV1, apply_types=False, log_level=logging.DEBUG)


async def store(url, count):
    async with make_broker(url) as broker:
        for batch in worker.batches(count):
            await asyncio.gather(*(broker.publish(worker.BODY, stream="orders", maxlen=None) for _ in batch))


async def work(url, tally):
    broker = make_broker(url)
    stream = StreamSub("orders", group="billing", consumer="one", last_id="0", max_records=worker.READ)

    @broker.subscriber(stream=stream, max_workers=worker.CONCURRENCY, ack_policy=AckPolicy.REJECT_ON_ERROR)
    async def handle(body):
        tally.handled()

    await FastStream(broker, logger=None).run()


worker.run(
    ["faststream", "redis"],
    CONFIGURATION,
    lambda url, count: uvloop.run(store(url, count)),
    lambda url, tally: uvloop.run(work(url, tally)),
)
