# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What is done to workers."""

import asyncio

from link import REPLIES, REQUESTS

# The seconds that a drain may take beyond its limit, on a machine that does other things.
IN_TIME = 2
# The milliseconds that a message takes which keeps a lane busy.
BUSY = 3000


async def calm(rig, seconds):
    """Nothing."""
    await asyncio.sleep(seconds)


async def kill(rig, seconds):
    """kill -9, one worker after the other."""
    async for _ in rig.beats(seconds, 0.3, 0.9):
        if rig.crew.present:
            await rig.crew.kill(rig.rng.choice(rig.crew.present))


async def kill_publisher(rig, seconds):
    """kill -9 of who publishes; nobody knows what became of what it was about."""
    async for _ in rig.beats(seconds, 0.2, 0.6):
        if rig.publishers.present:
            await rig.publishers.kill(rig.publishers.present[0])


async def storm(rig, seconds):
    """kill -9 every 100 ms, of whoever has worked longest, as often as asked."""
    while rig.crew.kills < rig.settings.kills:
        await asyncio.sleep(0.1)
        if present := rig.crew.present:
            await rig.crew.kill(min(present, key=lambda worker: worker.started))
            rig.faults += 1


async def freeze(rig, seconds):
    """SIGSTOP and SIGCONT, for less than the visibility timeout and for more."""
    async for _ in rig.beats(seconds, 0.2, 0.6):
        if not rig.crew.present:
            continue
        worker = rig.rng.choice(rig.crew.present)
        rig.crew.freeze(worker)
        try:
            await asyncio.sleep(rig.rng.uniform(0.2, 2.5 * rig.settings.visibility / 1000))
        finally:
            rig.crew.thaw(worker, rig.settings.visibility // 2)


async def terminate(rig, seconds):
    """SIGTERM at any moment; what was not begun is handed back."""
    async for _ in rig.beats(seconds, 0.3, 0.9):
        if rig.crew.present:
            await rig.crew.terminate(rig.rng.choice(rig.crew.present))


async def terminate_unheard(rig, seconds):
    """SIGTERM while every packet is lost: the end is in time all the same."""
    async for _ in rig.beats(seconds, 0.5, 1.5):
        if not rig.crew.present:
            continue
        async with rig.proxy.losing(REQUESTS, REPLIES, connects=True):
            # Some have noticed by then, and try to connect.
            await asyncio.sleep(rig.rng.uniform(0, 3))
            await rig.crew.terminate(rig.rng.choice(rig.crew.present), rig.settings.drain + IN_TIME)


async def occupy(rig, seconds):
    """All lanes but one are kept busy; what comes then begins at once."""
    lanes = rig.settings.workers * rig.settings.concurrency
    clock = asyncio.get_running_loop()
    end = clock.time() + seconds
    while clock.time() < end:
        rig.faults += 1
        await rig.publish([BUSY] * (lanes - 1))
        await asyncio.sleep(rig.rng.uniform(0, BUSY / 2000))
        await rig.publish([0])
        await rig.drained(60)
